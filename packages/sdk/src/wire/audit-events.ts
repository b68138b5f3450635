import type { ListQuery, Page } from "./list.ts"

/** Who did what, on what, when, from where, with what outcome. */
export interface AuditEvent {
  readonly id: string
  /** Its place in the workspace's chain, from 1; null: it is older than the chain. */
  readonly sequence: number | null
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

export interface AuditFilter {
  readonly actor?: string
  readonly action?: string
  /** What it was done to, e.g. a connection's id. */
  readonly target?: string
  readonly outcome?: string
  readonly app_id?: string
  /** ISO 8601, inclusive. */
  readonly since?: string
  /** ISO 8601, exclusive. */
  readonly until?: string
}

/** In the query string of `GET /api/workspace/{ws}/audit-events`. */
export interface AuditEventQuery extends AuditFilter, ListQuery {}

/** In the query string of `GET /api/workspace/{ws}/audit/export`. */
export interface AuditExportQuery extends AuditFilter {
  /** `ndjson` unless told. */
  readonly format?: "ndjson" | "csv"
}

/** A line of `GET /api/workspace/{ws}/audit/export?format=ndjson`: oldest first. */
export interface AuditExportLine extends AuditEvent {
  readonly workspace_id: string
  /** Hexadecimal; of the event before this one in the chain. */
  readonly previous_mac: string | null
  /** Hexadecimal. */
  readonly mac: string | null
}

/** In the query string of `POST /api/workspace/{ws}/audit/verify`. */
export interface AuditVerifyQuery {
  /** A head that was noted down before: `<sequence>:<mac>`. */
  readonly head?: string
  readonly cursor?: string
}

/** `POST /api/workspace/{ws}/audit/verify`. */
export interface AuditVerifyAnswer {
  /** `more`: all well so far; go on with `next_cursor`. */
  readonly status: "intact" | "broken" | "more"
  readonly checked: number
  /** The first event on record; those before it were removed by retention. */
  readonly begins_at: number
  /** `<sequence>:<mac>`, to be noted down elsewhere. */
  readonly head: string | null
  /** Events that are older than the chain. */
  readonly unchained: number
  readonly problem: { readonly sequence: number; readonly what: string } | null
  readonly next_cursor: string | null
}

/** `GET /api/workspace/{ws}/audit-events`: newest first. */
export interface AuditEventListAnswer extends Page {
  readonly audit_events: readonly AuditEvent[]
}
