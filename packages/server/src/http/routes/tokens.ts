/** Giving out tokens: CONTRACT section 3. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { type Static, Type } from "typebox"
import { notConnected, unknownConnectorType } from "../../connections/errors.ts"
import { getToken } from "../../connections/get-token.ts"
import { traced } from "../../events/tracing/tracing.ts"
import { requirePlan } from "../../workspace/require-plan.ts"
import type { Services } from "../../services.ts"
import { appUserAddress } from "../../connections/app-user-address.ts"
import type { ConnectionAddress, OwnerKind, Slot } from "../../storage/stores/connections.ts"
import { appUserOf, serviceOf } from "../caller-of.ts"
import { ConnectionAccount, errorAnswers, Nullable } from "../schemas.ts"

const TokenAnswer = Type.Object({
  access_token: Type.String(),
  integration_type: Type.String(),
  connection_config: Nullable(Type.Record(Type.String(), Type.String())),
  expires_at: Nullable(Type.String({ description: "ISO 8601, UTC; null when the provider names no expiry" })),
  scopes: Type.Array(Type.String(), { description: "granted" }),
  missing_scopes: Type.Array(Type.String(), { description: "requested but not granted" }),
  account: ConnectionAccount,
})

const ByType = Type.Object({ app: Type.String(), type: Type.String() })
const ByConnector = Type.Object({ app: Type.String(), connectorId: Type.String() })
const ByUser = Type.Object({ app: Type.String(), userId: Type.String(), connectorId: Type.String() })

export function tokenRoutes(app: FastifyInstance, services: Services): void {
  sharedTokenRoutes(app, services)
  appUserTokenRoutes(app, services)
}

function sharedTokenRoutes(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof ByType> }>(
    "/api/apps/:app/external-auth/tokens/:type",
    options("A fresh token of the app's shared connection of a type", ByType),
    (request, reply) => {
      const { app: appId, type } = request.params
      requireOwnApp(request, appId, "app")
      if (services.catalog.byType(type) === undefined) {
        throw unknownConnectorType(type, services.catalog.nearest(type))
      }
      return giveOut(services, request, reply, sharedAddress(request, `type:${type}`))
    },
  )
  app.get<{ Params: Static<typeof ByConnector> }>(
    "/api/apps/:app/external-auth/tokens/connectors/:connectorId",
    options("A fresh token of the app's shared connection of one workspace connector", ByConnector),
    (request, reply) => {
      const { app: appId, connectorId } = request.params
      requireOwnApp(request, appId, "app")
      return giveOut(services, request, reply, sharedAddress(request, `connector:${connectorId}`))
    },
  )
}

function appUserTokenRoutes(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof ByConnector> }>(
    "/api/apps/:app/app-user-auth/connectors/:connectorId/token",
    {
      ...options("A fresh token of the account of the user for whom the service calls", ByConnector),
      config: { caller: "service_for_user" as const, limit: "reads" as const },
    },
    (request, reply) => {
      const address = appUserAddress(appUserOf(request), request.params.connectorId)
      return giveOutWithPlan(services, request, reply, address)
    },
  )
  app.get<{ Params: Static<typeof ByUser> }>(
    "/api/apps/:app/app-user-auth/users/:userId/connectors/:connectorId/token",
    options("A fresh token of a user's account, outside a request of the user's", ByUser),
    (request, reply) => {
      const { app: appId, connectorId, userId } = request.params
      requireOwnApp(request, appId, "app_user")
      const { workspaceId } = serviceOf(request)
      const address = appUserAddress({ workspaceId, appId, userId }, connectorId)
      return giveOutWithPlan(services, request, reply, address)
    },
  )
}

function options(summary: string, params: typeof ByType | typeof ByConnector | typeof ByUser) {
  // What stands in a path is a string: there is nothing to check.
  const validatorCompiler = () => () => true
  return {
    config: { caller: "service" as const, limit: "reads" as const },
    validatorCompiler,
    schema: { summary, params, response: { 200: TokenAnswer, ...errorAnswers } },
  }
}

/** Not async: most reads wait for nothing, and a promise for each would be a good part of what they cost. */
function giveOut(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  address: ConnectionAddress,
): string | Promise<string> {
  reply.header("cache-control", "no-store").type("application/json; charset=utf-8")
  const reader = { actor: serviceOf(request).actor, address: request.ip }
  const { tracing } = services
  if (tracing === null) return getToken(services, address, reader)
  return traced(tracing, { name: "token read" }, async () => getToken(services, address, reader))
}

/** Users' accounts may be reserved for a plan; where they are not, nothing is asked. */
function giveOutWithPlan(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  address: ConnectionAddress,
): string | Promise<string> {
  if (services.config.requiredPlan === null) return giveOut(services, request, reply, address)
  return requirePlan(services, address.workspaceId).then(() => giveOut(services, request, reply, address))
}

function sharedAddress(request: FastifyRequest, slot: Slot): ConnectionAddress {
  const { workspaceId, appId } = serviceOf(request)
  return { workspaceId, appId, ownerKind: "app", ownerId: "", slot }
}

/** Another app's path answers as if nothing were connected there. */
function requireOwnApp(request: FastifyRequest, appId: string, ownerKind: OwnerKind): void {
  if (serviceOf(request).appId !== appId) throw notConnected(ownerKind)
}
