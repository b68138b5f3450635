/** One event in a file: a line of NDJSON that can be checked by itself, or a row of CSV for a spreadsheet. */
import type { AuditExportLine } from "@grantry/sdk/wire"
import type { ChainLink } from "../../storage/stores/audit-chains.ts"
import type { ChainedAuditEvent, StoredAuditEvent } from "../../storage/stores/audit-events.ts"

export interface ExportedEvent {
  readonly event: StoredAuditEvent
  /** What the event follows in the chain; null: it is older than the chain, or that event was just removed. */
  readonly previousMac: Uint8Array | null
}

export type ExportFormat = "ndjson" | "csv"

export const contentTypes = {
  ndjson: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8",
} as const satisfies Record<ExportFormat, string>

export function headingOf(format: ExportFormat): string {
  return format === "csv" ? row(columns) : ""
}

export function lineOf(format: ExportFormat, exported: ExportedEvent): string {
  const line = exportLine(exported)
  return format === "csv" ? row(columns.map((column) => line[column])) : `${JSON.stringify(line)}\n`
}

export function exportLine({ event, previousMac }: ExportedEvent): AuditExportLine {
  return {
    workspace_id: event.workspaceId,
    sequence: event.link?.sequence ?? null,
    id: event.id,
    at: new Date(event.at).toISOString(),
    until: new Date(event.until).toISOString(),
    count: event.count,
    actor: event.actor,
    action: event.action,
    target: event.target,
    outcome: event.outcome,
    app_id: event.appId,
    address: event.address,
    request_id: event.requestId,
    previous_mac: previousMac && Buffer.from(previousMac).toString("hex"),
    mac: event.link && Buffer.from(event.link.mac).toString("hex"),
  }
}

const columns = [
  "sequence",
  "at",
  "until",
  "count",
  "actor",
  "action",
  "target",
  "outcome",
  "app_id",
  "address",
  "request_id",
  "id",
  "mac",
] as const satisfies readonly (keyof AuditExportLine)[]

/** RFC 4180. */
function row(values: readonly (string | number | null)[]): string {
  return `${values.map(cell).join(",")}\r\n`
}

/** Spreadsheets run what begins like a formula, also behind spaces (OWASP, CSV injection): it is marked as text. */
function cell(value: string | number | null): string {
  if (typeof value === "number") return String(value)
  const text = value ?? ""
  const safe = /^\s*[=+\-@\t\r\n＝＋－＠]/u.test(text) ? `'${text}` : text
  return /[",;\s']/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** @returns undefined for a line that is none, or has no place in the chain */
export function parseLine(
  text: string,
): { readonly event: ChainedAuditEvent; readonly previous: ChainLink } | undefined {
  const line = parsed(text)
  if (!line || line.sequence === null || line.mac === null || line.previous_mac === null) return undefined
  const event = {
    id: line.id,
    workspaceId: line.workspace_id,
    appId: line.app_id,
    actor: line.actor,
    action: line.action,
    target: line.target,
    outcome: line.outcome,
    count: line.count,
    at: Date.parse(line.at),
    until: Date.parse(line.until),
    address: line.address,
    requestId: line.request_id,
    link: { sequence: line.sequence, mac: Buffer.from(line.mac, "hex") },
  }
  return { event, previous: { sequence: line.sequence - 1, mac: Buffer.from(line.previous_mac, "hex") } }
}

const texts = ["workspace_id", "id", "at", "until", "actor", "action", "outcome"] as const
const maybeTexts = ["target", "app_id", "address", "request_id", "previous_mac", "mac"] as const

function parsed(text: string): AuditExportLine | undefined {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof line !== "object" || line === null) return undefined
  const member = (name: string): unknown => Reflect.get(line, name)
  const isWhole =
    texts.every((name) => typeof member(name) === "string") &&
    maybeTexts.every((name) => member(name) === null || typeof member(name) === "string") &&
    Number.isSafeInteger(member("count")) &&
    (member("sequence") === null || Number.isSafeInteger(member("sequence")))
  return isWhole ? (line as AuditExportLine) : undefined
}
