import type {
  AuditEventListAnswer,
  AuditEventQuery,
  AuditExportQuery,
  AuditVerifyAnswer,
  AuditVerifyQuery,
} from "../wire/audit-events.ts"
import type { Download, Send } from "./send.ts"

export interface AuditApi {
  /** One page, newest first. */
  list(workspaceId: string, query?: AuditEventQuery): Promise<AuditEventListAnswer>
  /** All that the filters meet, oldest first, as it comes: read the body piece by piece. */
  export(workspaceId: string, query?: AuditExportQuery): Promise<Response>
  /** Whether it is what was written; a part of a long audit, which `next_cursor` goes on from. */
  verify(workspaceId: string, query?: AuditVerifyQuery): Promise<AuditVerifyAnswer>
}

export function auditApi(send: Send, download: Download): AuditApi {
  return {
    list: (workspaceId, query = {}) =>
      send({ method: "GET", path: ["workspace", workspaceId, "audit-events"], query: { ...query } }),
    export: (workspaceId, query = {}) =>
      download({ method: "GET", path: ["workspace", workspaceId, "audit", "export"], query: { ...query } }),
    verify: (workspaceId, query = {}) =>
      send({ method: "POST", path: ["workspace", workspaceId, "audit", "verify"], query: { ...query } }),
  }
}
