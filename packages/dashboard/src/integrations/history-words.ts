import type { AuditEvent } from "@grantry/sdk/wire"
import { receipts } from "../server/connections.ts"

const actions: Readonly<Record<string, { readonly good: string; readonly bad: string }>> = {
  "connection.connect": { good: "Connected", bad: "A consent failed" },
  "connection.complete": { good: "The user confirmed", bad: "The user was not confirmed" },
  "connection.check": { good: "Tried: it worked", bad: "Tried: it failed" },
  "connection.disconnect": { good: "Disconnected", bad: "Disconnected" },
  "connection.remove": { good: "Disconnected and forgotten", bad: "Disconnected and forgotten" },
  "connection.reconnect_required": { good: "The grant ended", bad: "The grant ended" },
  "token.read": { good: "Token handed out", bad: "Token refused" },
}

/** One event of a connection in plain words, with the reason where it went wrong. */
export function historyText({ action, count, outcome }: AuditEvent): string {
  const words = actions[action]
  const receipt = receipts[outcome]
  const isGood = outcome === "ok" || outcome === "connected"
  const times = count > 1 ? ` × ${count.toLocaleString()}` : ""
  if (!words) return `${action}: ${outcome}${times}`
  if (isGood) return words.good + times
  return `${words.bad}${times}: ${receipt ?? outcome}`
}
