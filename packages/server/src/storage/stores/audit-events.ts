/** Who did what. */
import type { ChainLink } from "./audit-chains.ts"

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

export interface StoredAuditEvent extends AuditEvent {
  /** Its place in the workspace's chain; null: it is older than the chain. */
  readonly link: ChainLink | null
}

export interface ChainedAuditEvent extends AuditEvent {
  readonly link: ChainLink
}

export interface AuditFilter {
  readonly action?: string
  readonly actor?: string
  /** What it was done to, e.g. a connection's id. */
  readonly target?: string
  readonly outcome?: string
  readonly appId?: string
  /** Milliseconds, inclusive. */
  readonly since?: number
  /** Milliseconds, exclusive. */
  readonly until?: number
}

export interface AuditQuery extends AuditFilter {
  /** Newest first unless told. */
  readonly order?: "newest" | "oldest"
  /** Continues after this event of the page before. */
  readonly after?: { readonly at: number; readonly id: string }
  readonly limit: number
}

/** Events are appended through the chain (`events/audit-chain/`), never here alone. */
export interface AuditStore {
  /** @throws AlreadyExists when one of the sequence numbers is taken */
  insert(events: readonly ChainedAuditEvent[]): Promise<void>
  /** Which of these ids, whatever workspaces they are of, are on record. */
  listKnown(ids: readonly string[]): Promise<readonly string[]>
  list(workspaceId: string, query: AuditQuery): Promise<readonly StoredAuditEvent[]>
  /** In the order of the chain, after this sequence number. */
  listChain(
    workspaceId: string,
    page: { readonly after: number; readonly limit: number },
  ): Promise<readonly ChainedAuditEvent[]>
  /** The links with these sequence numbers. */
  listLinks(workspaceId: string, sequences: readonly number[]): Promise<readonly ChainLink[]>
  /** The greatest sequence number; 0: there is none. */
  lastSequence(workspaceId: string): Promise<number>
  /** Events that have no place in the chain. */
  countUnchained(workspaceId: string): Promise<number>
  removeChained(workspaceId: string, upTo: number): Promise<void>
  /** At most `limit` of those that ended before this time. @returns how many */
  removeUnchained(workspaceId: string, before: number, limit: number): Promise<number>
}
