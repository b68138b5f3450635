/** Who did what in a workspace: CONTRACT section 10. */
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { GrantryError } from "../../errors.ts"
import type { Services } from "../../services.ts"
import type { AuditEvent, AuditQuery } from "../../storage/stores/audit-events.ts"
import { memberOf, requireWorkspace } from "../caller-of.ts"
import { cursorAt, notACursor, pageAsked, pageQuery } from "../paging.ts"
import { errorAnswers, Nullable } from "../schemas.ts"

const Params = Type.Object({ ws: Type.String() })
const Text = Type.Optional(Type.String({ minLength: 1, maxLength: 300 }))
const Time = Type.Optional(Type.String({ maxLength: 40, description: "ISO 8601" }))
const Query = Type.Object({
  ...pageQuery,
  actor: Text,
  action: Text,
  target: Text,
  app_id: Text,
  since: Time,
  until: Time,
})
const Event = Type.Object({
  id: Type.String(),
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
const List = Type.Object({ audit_events: Type.Array(Event), next_cursor: Nullable(Type.String()) })

export function auditEventRoutes(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof Params>; Querystring: Static<typeof Query> }>(
    "/api/workspace/:ws/audit-events",
    {
      config: { caller: "member" },
      schema: {
        summary: "Who did what, on what, when, from where, with what outcome; newest first",
        params: Params,
        querystring: Query,
        response: { 200: List, ...errorAnswers },
      },
    },
    async (request) => {
      requireWorkspace(memberOf(request), request.params.ws, "admin")
      const { limit, query } = asked(request.query)
      // What this server has not written yet has happened all the same.
      await services.audit.flush()
      const events = await services.storage.audit.list(request.params.ws, { ...query, limit: limit + 1 })
      const last = events.length > limit ? events[limit - 1] : undefined
      return {
        audit_events: events.slice(0, limit).map(shape),
        next_cursor: last ? cursorAt([String(last.at), last.id]) : null,
      }
    },
  )
}

function asked(query: Static<typeof Query>): { readonly limit: number; readonly query: AuditQuery } {
  const { action, actor, app_id: appId, target } = query
  const { after, limit } = pageAsked(query, 2)
  const since = time("since", query.since)
  const until = time("until", query.until)
  return {
    limit,
    query: {
      limit,
      ...(action !== undefined && { action }),
      ...(actor !== undefined && { actor }),
      ...(target !== undefined && { target }),
      ...(appId !== undefined && { appId }),
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
      ...(after && { after: place(after) }),
    },
  }
}

function place([at = "", id = ""]: readonly string[]): { readonly at: number; readonly id: string } {
  if (!/^\d{1,15}$/.test(at)) throw notACursor()
  return { at: Number(at), id }
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

function shape(event: AuditEvent): Static<typeof Event> {
  return {
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
  }
}
