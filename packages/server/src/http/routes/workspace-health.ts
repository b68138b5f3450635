/** How a workspace's connections do, as numbers. */
import type { WorkspaceHealth } from "@grantry/sdk/wire"
import type { FastifyInstance } from "fastify"
import { Type } from "typebox"
import type { Services } from "../../services.ts"
import { memberOf, requireWorkspace } from "../caller-of.ts"
import { errorAnswers } from "../schemas.ts"

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
      refreshed_last_hour: Count,
    }),
  ),
})

const hourMs = 3_600_000

export function workspaceHealthRoutes(app: FastifyInstance, { clock, storage }: Services): void {
  app.get<{ Params: { ws: string } }>(
    "/api/workspace/:ws/health",
    {
      config: { caller: "member" },
      schema: {
        summary: "The workspace's connections by type and status, and how their refreshes go",
        params: Params,
        response: { 200: Answer, ...errorAnswers },
      },
    },
    async (request): Promise<WorkspaceHealth> => {
      const { ws } = request.params
      requireWorkspace(memberOf(request), ws)
      const now = clock.now()
      const counts = await storage.connections.countHealth(ws, { now, refreshedSince: now - hourMs })
      return {
        counted_at: new Date(now).toISOString(),
        connections: counts.map(({ count, due, refreshed, status, troubled, type }) => ({
          integration_type: type,
          status,
          connections: count,
          with_trouble: troubled,
          due_now: due,
          refreshed_last_hour: refreshed,
        })),
      }
    },
  )
}
