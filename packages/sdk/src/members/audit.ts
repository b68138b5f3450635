import type { ListQuery, Page } from "../wire/list.ts"
import type { Send } from "./send.ts"

/** Who did what, on what, when, from where, and how it went. */
export interface AuditEvent {
  readonly id: string
  readonly actor: string
  readonly action: string
  readonly target: string
  readonly outcome: string
  readonly app_id: string | null
}

export interface AuditQuery extends ListQuery {
  readonly actor?: string
  readonly action?: string
  readonly app_id?: string
  /** ISO 8601. */
  readonly since?: string
  /** ISO 8601. */
  readonly until?: string
}

export interface AuditListAnswer extends Page {
  readonly audit_events: readonly AuditEvent[]
}

export interface AuditApi {
  /** One page, newest first. */
  list(workspaceId: string, query?: AuditQuery): Promise<AuditListAnswer>
}

export function auditApi(send: Send): AuditApi {
  return {
    list: (workspaceId, query = {}) =>
      send({ method: "GET", path: ["workspace", workspaceId, "audit-events"], query: { ...query } }),
  }
}
