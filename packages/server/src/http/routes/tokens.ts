/** Giving out tokens: CONTRACT section 3. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify"
import { type Static, Type } from "typebox"
import { GrantryError } from "../../errors.ts"
import { notConnected, unknownConnectorType } from "../../connections/errors.ts"
import { countRefused, getToken, type Reader } from "../../connections/get-token.ts"
import { traced } from "../../events/tracing/tracing.ts"
import { requirePlan } from "../../workspace/require-plan.ts"
import type { Services } from "../../services.ts"
import { appUserAddress } from "../../connections/app-user-address.ts"
import type { ConnectionAddress, Slot } from "../../storage/stores/connections.ts"
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
      const address = sharedAddress(request, `type:${type}`)
      requireOwnApp(services, request, appId, address)
      if (services.catalog.byType(type) === undefined)
        throw refused(services, request, address, unknownConnectorType(type, services.catalog.nearest(type)))
      return giveOut(services, request, reply, address)
    },
  )
  app.get<{ Params: Static<typeof ByConnector> }>(
    "/api/apps/:app/external-auth/tokens/connectors/:connectorId",
    options("A fresh token of the app's shared connection of one workspace connector", ByConnector),
    (request, reply) => {
      const { app: appId, connectorId } = request.params
      const address = sharedAddress(request, `connector:${connectorId}`)
      requireOwnApp(services, request, appId, address)
      return giveOut(services, request, reply, address)
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
      const { appId: ownApp, workspaceId } = serviceOf(request)
      const address = appUserAddress({ workspaceId, appId: ownApp, userId }, connectorId)
      requireOwnApp(services, request, appId, address)
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
  const reader = readerOf(request)
  const { tracing } = services
  if (tracing === null) return getToken(services, address, reader)
  return traced(tracing, { name: "token read" }, async () => getToken(services, address, reader))
}

function readerOf(request: FastifyRequest): Reader {
  return { actor: serviceOf(request).actor, address: request.ip }
}

/** A read that ends before any connection is looked at is on record too. */
function refused(
  services: Services,
  request: FastifyRequest,
  address: ConnectionAddress,
  error: GrantryError,
): GrantryError {
  countRefused(services, address, readerOf(request), error.code)
  return error
}

/** Users' accounts may be reserved for a plan; where they are not, nothing is asked. */
function giveOutWithPlan(
  services: Services,
  request: FastifyRequest,
  reply: FastifyReply,
  address: ConnectionAddress,
): string | Promise<string> {
  if (services.config.requiredPlan === null) return giveOut(services, request, reply, address)
  return requirePlan(services, address.workspaceId).then(
    () => giveOut(services, request, reply, address),
    (error: unknown) => {
      throw error instanceof GrantryError ? refused(services, request, address, error) : error
    },
  )
}

function sharedAddress(request: FastifyRequest, slot: Slot): ConnectionAddress {
  const { workspaceId, appId } = serviceOf(request)
  return { workspaceId, appId, ownerKind: "app", ownerId: "", slot }
}

/** Another app's path answers as if nothing were connected there. */
function requireOwnApp(
  services: Services,
  request: FastifyRequest,
  appId: string,
  address: ConnectionAddress,
): void {
  if (serviceOf(request).appId === appId) return
  throw refused(services, request, address, notConnected(address.ownerKind))
}
