/** Who did what. */

export interface AuditEvent {
  readonly id: string
  readonly workspaceId: string
  readonly appId: string | null
  /** `member:…`, `service:…`, `app_user:…` or `system`. */
  readonly actor: string
  /** Noun and verb, e.g. `connection.connect`, `token.read`. */
  readonly action: string
  readonly target: string | null
  readonly outcome: string
  /** How often it happened between `at` and `until`: reads of one token by one caller are summed. */
  readonly count: number
  readonly at: number
  readonly until: number
  readonly address: string | null
  readonly requestId: string | null
}

export interface AuditQuery {
  readonly action?: string
  readonly actor?: string
  /** What it was done to, e.g. a connection's id. */
  readonly target?: string
  readonly appId?: string
  /** Milliseconds, inclusive. */
  readonly since?: number
  /** Milliseconds, exclusive. */
  readonly until?: number
  /** Continues after this event of the page before. */
  readonly after?: { readonly at: number; readonly id: string }
  readonly limit: number
}

export interface AuditStore {
  /** An event whose id is on record already is left as it is: a batch may be sent twice. */
  append(events: readonly AuditEvent[]): Promise<void>
  /** Newest first. */
  list(workspaceId: string, query: AuditQuery): Promise<readonly AuditEvent[]>
}
