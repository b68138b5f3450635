/** Giving out tokens: CONTRACT section 3. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { type Static, Type } from "typebox"
import { notConnected, unknownConnectorType } from "../../connections/errors.ts"
import { getToken } from "../../connections/get-token.ts"
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
    (request, reply) => {
      const { app: appId, type } = request.params
      requireOwnApp(request, appId)
      if (services.catalog.byType(type) === undefined) {
        throw unknownConnectorType(type, services.catalog.nearest(type))
      }
      return giveOut(services, request, reply, `type:${type}`)
    },
  )
  app.get<{ Params: Static<typeof ByConnector> }>(
    "/api/apps/:app/external-auth/tokens/connectors/:connectorId",
    options("A fresh token of the app's shared connection of one workspace connector", ByConnector),
    (request, reply) => {
      const { app: appId, connectorId } = request.params
      requireOwnApp(request, appId)
      return giveOut(services, request, reply, `connector:${connectorId}`)
    },
  )
}

function options(summary: string, params: typeof ByType | typeof ByConnector) {
  // What stands in a path is a string: there is nothing to check.
  const validatorCompiler = () => () => true
  return {
    config: { caller: "service" as const },
    validatorCompiler,
    schema: { summary, params, response: { 200: TokenAnswer, ...errorAnswers } },
  }
}

/** Not async: most reads wait for nothing, and a promise for each would be a good part of what they cost. */
function giveOut(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  slot: Slot,
): string | Promise<string> {
  const { workspaceId, appId, actor } = serviceOf(request)
  reply.header("cache-control", "no-store").type("application/json; charset=utf-8")
  const address = { workspaceId, appId, ownerKind: "app", ownerId: "", slot } as const
  return getToken(services, address, { actor, address: request.ip })
}

/** Another app's path answers as if nothing were connected there. */
function requireOwnApp(request: FastifyRequest, appId: string): void {
  if (serviceOf(request).appId !== appId) throw notConnected("app")
}
