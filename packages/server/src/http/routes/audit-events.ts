/** Who did what in a workspace: CONTRACT section 10. */
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import type { Services } from "../../services.ts"
import type { AuditQuery } from "../../storage/stores/audit-events.ts"
import { auditFilter, auditFilterAsked, AuditEventAnswer, shapeAuditEvent } from "../audit-filter.ts"
import { memberOf, requireWorkspace } from "../caller-of.ts"
import { cursorAt, notACursor, pageAsked, pageQuery } from "../paging.ts"
import { errorAnswers, Nullable } from "../schemas.ts"
import { auditExportRoute } from "./audit-export.ts"
import { auditVerifyRoute } from "./audit-verify.ts"

const Params = Type.Object({ ws: Type.String() })
const Query = Type.Object({ ...pageQuery, ...auditFilter })
const List = Type.Object({
  audit_events: Type.Array(AuditEventAnswer),
  next_cursor: Nullable(Type.String()),
})

export function auditEventRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services)
  auditExportRoute(app, services)
  auditVerifyRoute(app, services)
}

function listRoute(app: FastifyInstance, services: Services): void {
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
        audit_events: events.slice(0, limit).map(shapeAuditEvent),
        next_cursor: last ? cursorAt([String(last.at), last.id]) : null,
      }
    },
  )
}

function asked(query: Static<typeof Query>): { readonly limit: number; readonly query: AuditQuery } {
  const { after, limit } = pageAsked(query, 2)
  return { limit, query: { limit, ...auditFilterAsked(query), ...(after && { after: place(after) }) } }
}

function place([at = "", id = ""]: readonly string[]): { readonly at: number; readonly id: string } {
  if (!/^\d{1,15}$/.test(at)) throw notACursor()
  return { at: Number(at), id }
}
