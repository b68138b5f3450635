import type { ListQuery, Page } from "./list.ts"

/** Who did what, on what, when, from where, with what outcome. */
export interface AuditEvent {
  readonly id: string
  /** ISO 8601, UTC. */
  readonly at: string
  /** ISO 8601, UTC: when the last of `count` happened. */
  readonly until: string
  readonly count: number
  /** `member:…`, `service:…`, `app_user:…` or `system`. */
  readonly actor: string
  /** Noun and verb, e.g. `member.sign_in`. */
  readonly action: string
  readonly target: string | null
  readonly outcome: string
  readonly app_id: string | null
  readonly address: string | null
  readonly request_id: string | null
}

/** In the query string of `GET /api/workspace/{ws}/audit-events`. */
export interface AuditEventQuery extends ListQuery {
  readonly actor?: string
  readonly action?: string
  /** What it was done to, e.g. a connection's id. */
  readonly target?: string
  readonly app_id?: string
  /** ISO 8601, inclusive. */
  readonly since?: string
  /** ISO 8601, exclusive. */
  readonly until?: string
}

/** `GET /api/workspace/{ws}/audit-events`: newest first. */
export interface AuditEventListAnswer extends Page {
  readonly audit_events: readonly AuditEvent[]
}
