import type { AuditEventListAnswer, AuditEventQuery } from "../wire/audit-events.ts"
import type { Send } from "./send.ts"

export interface AuditApi {
  /** One page, newest first. */
  list(workspaceId: string, query?: AuditEventQuery): Promise<AuditEventListAnswer>
}

export function auditApi(send: Send): AuditApi {
  return {
    list: (workspaceId, query = {}) =>
      send({ method: "GET", path: ["workspace", workspaceId, "audit-events"], query: { ...query } }),
  }
}
