import type { AuditEvent, AuditEventQuery } from "@grantry/sdk/wire"
import { server } from "../server/client.ts"

/** Pages of one export, of 200 events each. */
const maxPages = 50

interface Collected {
  readonly events: readonly AuditEvent[]
  /** false: there are more than one export holds. */
  readonly isComplete: boolean
}

export async function collectAudit(workspaceId: string, filter: AuditEventQuery): Promise<Collected> {
  const events: AuditEvent[] = []
  let cursor: string | undefined
  for (let page = 0; page < maxPages; page += 1) {
    const answer = await server.audit.list(workspaceId, {
      ...filter,
      limit: 200,
      ...(cursor !== undefined && { cursor }),
    })
    events.push(...answer.audit_events)
    if (answer.next_cursor === null) return { events, isComplete: true }
    cursor = answer.next_cursor
  }
  return { events, isComplete: false }
}

const columns = [
  "at",
  "actor",
  "action",
  "target",
  "outcome",
  "app_id",
  "count",
  "address",
  "request_id",
  "id",
] as const

/** RFC 4180. */
export function toCsv(events: readonly AuditEvent[]): string {
  const lines = events.map((event) => columns.map((column) => cell(event[column])).join(","))
  return [columns.join(","), ...lines].join("\r\n")
}

/** Spreadsheets run what begins like a formula (OWASP, CSV injection): such a value is marked as text. */
function cell(value: string | number | null | undefined): string {
  const text = String(value ?? "")
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function saveFile(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement("a")
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
