/** How a workspace's connections do, as numbers, and how their refreshes went, as a plot shows it. */
import type { RefreshHistory, WorkspaceHealth } from "@grantry/sdk/wire"
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import type { Services } from "../../services.ts"
import { type CountHealth, createCountHealth } from "../../workspace/count-health.ts"
import { readRefreshHistory } from "../../workspace/refresh-history.ts"
import { memberOf, requireWorkspace } from "../caller-of.ts"
import { errorAnswers, Nullable } from "../schemas.ts"

const Params = Type.Object({ ws: Type.String() })
const Count = Type.Integer({ minimum: 0 })
const Answer = Type.Object({
  counted_at: Type.String(),
  connections: Type.Array(
    Type.Object({
      integration_type: Type.String(),
      status: Type.Union([Type.Literal("active"), Type.Literal("expired"), Type.Literal("disconnected")]),
      connections: Count,
      with_trouble: Count,
      due_now: Count,
      oldest_due_at: Nullable(Type.String()),
      refreshed_last_hour: Count,
    }),
  ),
})
const HistoryQuery = Type.Object({
  span: Type.Optional(
    Type.Union([Type.Literal("6h"), Type.Literal("24h"), Type.Literal("7d")], {
      description: "how far back; 24h unless told",
    }),
  ),
})
const Outcomes = Type.Record(Type.String(), Count, {
  description: "calls to token endpoints by outcome: ok, or what the provider's answer was",
})
const History = Type.Object({
  since: Type.String(),
  until: Type.String(),
  step_seconds: Type.Integer(),
  steps: Type.Array(Type.Object({ at: Type.String(), outcomes: Outcomes })),
  types: Type.Array(Type.Object({ integration_type: Type.String(), outcomes: Outcomes })),
})

const member = { caller: "member" as const }

export function workspaceHealthRoutes(app: FastifyInstance, services: Services): void {
  countRoute(app, createCountHealth(services))
  historyRoute(app, services)
}

function countRoute(app: FastifyInstance, count: CountHealth): void {
  app.get<{ Params: Static<typeof Params> }>(
    "/api/workspace/:ws/health",
    {
      config: member,
      schema: {
        summary: "The workspace's connections by type and status, and how their refreshes go",
        params: Params,
        response: { 200: Answer, ...errorAnswers },
      },
    },
    async (request): Promise<WorkspaceHealth> => {
      const { ws } = request.params
      requireWorkspace(memberOf(request), ws)
      const { countedAt, counts } = await count(ws)
      return {
        counted_at: iso(countedAt),
        connections: counts.map(({ oldestDueAt, ...one }) => ({
          integration_type: one.type,
          status: one.status,
          connections: one.count,
          with_trouble: one.troubled,
          due_now: one.due,
          oldest_due_at: oldestDueAt === null ? null : iso(oldestDueAt),
          refreshed_last_hour: one.refreshed,
        })),
      }
    },
  )
}

function historyRoute(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof Params>; Querystring: Static<typeof HistoryQuery> }>(
    "/api/workspace/:ws/health/refreshes",
    {
      config: member,
      schema: {
        summary: "How refreshes went over time, by outcome; a week back",
        params: Params,
        querystring: HistoryQuery,
        response: { 200: History, ...errorAnswers },
      },
    },
    async (request): Promise<RefreshHistory> => {
      const { ws } = request.params
      requireWorkspace(memberOf(request), ws)
      return readRefreshHistory(services, ws, request.query.span ?? "24h")
    },
  )
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
