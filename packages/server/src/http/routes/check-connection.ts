/** Whether a shared connection works: one API call, one refresh, one API call again. */
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { checkConnection } from "../../connections/check-connection.ts"
import { notConnected } from "../../connections/errors.ts"
import { definitionOf } from "../../connections/oauth-clients.ts"
import type { Services } from "../../services.ts"
import { appOf, memberOf } from "../caller-of.ts"
import { errorAnswers, Nullable } from "../schemas.ts"

const Params = Type.Object({ app: Type.String(), type: Type.String() })
const Step = Type.Object({
  step: Type.Union([
    Type.Literal("api_call"),
    Type.Literal("refresh"),
    Type.Literal("api_call_after_refresh"),
  ]),
  outcome: Type.Union([
    Type.Literal("ok"),
    Type.Literal("failed"),
    Type.Literal("unsupported"),
    Type.Literal("skipped"),
  ]),
  detail: Nullable(Type.String()),
})
const Answer = Type.Object({ integration_type: Type.String(), ok: Type.Boolean(), steps: Type.Array(Step) })

export function checkConnectionRoutes(app: FastifyInstance, services: Services): void {
  app.post<{ Params: Static<typeof Params> }>(
    "/api/apps/:app/external-auth/integrations/:type/check",
    {
      config: { caller: "member" },
      schema: {
        summary: "Try the shared connection: API call, refresh, API call",
        params: Params,
        response: { 200: Answer, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      const { id: appId, workspaceId } = await appOf(services, caller, request.params.app, "editor")
      const { type } = request.params
      definitionOf(services.catalog, type)
      const slot = `type:${type}`
      const address = { workspaceId, appId, ownerKind: "app" as const, ownerId: "", slot }
      const connection = await services.storage.connections.findByAddress(address)
      if (!connection) throw notConnected("app")
      const answer = await checkConnection(services, connection)
      await services.audit.record({
        workspaceId,
        appId,
        actor: caller.actor,
        action: "connection.check",
        target: connection.id,
        outcome: answer.ok ? "ok" : "failed",
      })
      return { ...answer, steps: [...answer.steps] }
    },
  )
}
