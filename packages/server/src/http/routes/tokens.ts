/** Giving out tokens: CONTRACT section 3. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { type Static, Type } from "typebox"
import { notConnected, unknownConnectorType } from "../../connections/errors.ts"
import { getToken } from "../../connections/get-token.ts"
import { GrantryError } from "../../errors.ts"
import type { Services } from "../../services.ts"
import type { Slot } from "../../storage/stores.ts"
import { serviceOf } from "../caller-of.ts"
import { errorAnswers, Nullable } from "../schemas.ts"

const TokenAnswer = Type.Object({
  access_token: Type.String(),
  integration_type: Type.String(),
  connection_config: Nullable(Type.Record(Type.String(), Type.String())),
  expires_at: Nullable(Type.String({ description: "ISO 8601, UTC; null when the provider names no expiry" })),
  scopes: Type.Array(Type.String(), { description: "granted" }),
  missing_scopes: Type.Array(Type.String(), { description: "requested but not granted" }),
  account: Nullable(Type.Object({ id: Type.String(), label: Type.String() })),
})

const ByType = Type.Object({ app: Type.String(), type: Type.String() })
const ByConnector = Type.Object({ app: Type.String(), connectorId: Type.String() })

export function tokenRoutes(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof ByType> }>(
    "/api/apps/:app/external-auth/tokens/:type",
    options("A fresh token of the app's shared connection of a type", ByType),
    async (request, reply) => {
      const { type } = request.params
      if (services.catalog.byType(type) === undefined) {
        requireOwnApp(request, request.params.app)
        throw unknownConnectorType(type, services.catalog.nearest(type))
      }
      return giveOut(services, request, reply, request.params.app, `type:${type}`)
    },
  )
  app.get<{ Params: Static<typeof ByConnector> }>(
    "/api/apps/:app/external-auth/tokens/connectors/:connectorId",
    options("A fresh token of the app's shared connection of one workspace connector", ByConnector),
    async (request, reply) => giveOut(services, request, reply, request.params.app, `connector:${request.params.connectorId}`),
  )
}

function options(summary: string, params: typeof ByType | typeof ByConnector) {
  return { config: { caller: "service" as const }, schema: { summary, params, response: { 200: TokenAnswer, ...errorAnswers } } }
}

async function giveOut(services: Services, request: FastifyRequest, reply: FastifyReply, appId: string, slot: Slot) {
  const caller = requireOwnApp(request, appId)
  const read = { workspaceId: caller.workspaceId, appId, actor: caller.actor, action: "token.read", target: slot, address: request.ip }
  try {
    const answer = await getToken(services, { workspaceId: caller.workspaceId, appId, ownerKind: "app", ownerId: "", slot })
    services.audit.countRead({ ...read, outcome: "ok" })
    reply.header("cache-control", "no-store")
    return answer
  } catch (error) {
    services.audit.countRead({ ...read, outcome: error instanceof GrantryError ? error.code : "INTERNAL_ERROR" })
    throw error
  }
}

/** Another app's path answers as if nothing were connected there. */
function requireOwnApp(request: FastifyRequest, appId: string) {
  const caller = serviceOf(request)
  if (caller.appId !== appId) throw notConnected("app")
  return caller
}
