/** The filters that the audit's list and export share, and how an event reads. */
import { type Static, Type } from "typebox"
import { GrantryError } from "../errors.ts"
import type { AuditFilter, StoredAuditEvent } from "../storage/stores/audit-events.ts"
import { Nullable } from "./schemas.ts"

const Text = Type.Optional(Type.String({ minLength: 1, maxLength: 300 }))
const Time = Type.Optional(Type.String({ maxLength: 40, description: "ISO 8601" }))

export const auditFilter = {
  actor: Text,
  action: Text,
  target: Text,
  outcome: Text,
  app_id: Text,
  since: Time,
  until: Time,
}
const Filter = Type.Object(auditFilter)

export const AuditEventAnswer = Type.Object({
  id: Type.String(),
  sequence: Nullable(
    Type.Integer({ description: "its place in the workspace's chain; null: older than it" }),
  ),
  at: Type.String(),
  until: Type.String({ description: "when the last of `count` happened" }),
  count: Type.Integer(),
  actor: Type.String(),
  action: Type.String(),
  target: Nullable(Type.String()),
  outcome: Type.String(),
  app_id: Nullable(Type.String()),
  address: Nullable(Type.String()),
  request_id: Nullable(Type.String()),
})

/** @throws INVALID_REQUEST for a time that is none */
export function auditFilterAsked(query: Static<typeof Filter>): AuditFilter {
  const { action, actor, app_id: appId, outcome, target } = query
  const since = time("since", query.since)
  const until = time("until", query.until)
  return {
    ...(action !== undefined && { action }),
    ...(actor !== undefined && { actor }),
    ...(target !== undefined && { target }),
    ...(outcome !== undefined && { outcome }),
    ...(appId !== undefined && { appId }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  }
}

function time(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) {
    const message = `querystring.${name} is not a date or a time with its zone in ISO 8601, e.g. 2026-11-28T12:00:00Z`
    throw new GrantryError("INVALID_REQUEST", 400, message)
  }
  return at
}

export function shapeAuditEvent(event: StoredAuditEvent): Static<typeof AuditEventAnswer> {
  return {
    id: event.id,
    sequence: event.link?.sequence ?? null,
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
  }
}
