/** App users' own connections: CONTRACT section 5. */
import type { FastifyInstance, FastifyRequest } from "fastify"
import { type Static, Type } from "typebox"
import { beginAppUser, completeForUser } from "../../authorization/index.ts"
import {
  disconnectAppUser,
  listAppUserConnections,
  listConnectorUsers,
  readAppUserStatus,
} from "../../connections/app-user-connections.ts"
import type { Services } from "../../services.ts"
import type { App } from "../../storage/stores/apps.ts"
import { requirePlan } from "../../workspace/require-plan.ts"
import { appUserOf, notFound, serviceOf } from "../caller-of.ts"
import { addressAsked, addressPage } from "../address-page.ts"
import { PageQuery } from "../paging.ts"
import {
  AppParams,
  ConfigValues,
  ConnectionAccount,
  errorAnswers,
  Nullable,
  RevocationReceipt,
} from "../schemas.ts"

const ConnectorParams = Type.Object({ app: Type.String(), connectorId: Type.String() })
const InitiateBody = Nullable(
  Type.Object({
    return_to: Type.Optional(Nullable(Type.String({ minLength: 1 }))),
    connection_config: Type.Optional(Nullable(ConfigValues)),
    login_hint: Type.Optional(Nullable(Type.String({ maxLength: 320 }))),
  }),
)
const CompleteBody = Type.Object({
  handle: Type.String({ minLength: 1, maxLength: 128 }),
  replace: Type.Optional(Type.Boolean({ description: "the answer to ACCOUNT_CHANGED" })),
})
const InitiateAnswer = Type.Object({
  redirect_url: Type.String(),
  connection_id: Type.String(),
  already_authorized: Type.Literal(false),
})
const CompleteAnswer = Type.Object({
  status: Type.Union([Type.Literal("connected"), Type.Literal("kept")]),
  connector_id: Type.String(),
  connection_id: Type.String(),
})
const Disconnected = Type.Object({
  status: Type.Literal("disconnected"),
  connector_id: Type.String(),
  revoked: RevocationReceipt,
})
const grant = {
  status: Type.Union([
    Type.Literal("connected"),
    Type.Literal("reconnect_required"),
    Type.Literal("not_connected"),
  ]),
  account: ConnectionAccount,
  scopes: Type.Array(Type.String(), { description: "granted" }),
  missing_scopes: Type.Array(Type.String(), { description: "asked for by the connector, not granted" }),
}
const StatusAnswer = Type.Object(grant)
const ConnectionList = Type.Object({
  connections: Type.Array(
    Type.Object({
      connector_id: Type.String(),
      connection_id: Type.String(),
      integration_type: Type.String(),
      display_name: Type.String(),
      ...grant,
      connected_at: Type.String(),
    }),
  ),
  next_cursor: Nullable(Type.String()),
})
const UserList = Type.Object({
  users: Type.Array(
    Type.Object({
      user_id: Type.String(),
      status: grant.status,
      account: ConnectionAccount,
      missing_scopes: grant.missing_scopes,
    }),
  ),
  next_cursor: Nullable(Type.String()),
})

const appUser = { caller: "app_user" as const }
const connectorPath = "/api/apps/:app/app-user-auth/connectors/:connectorId"
type ConnectorRoute = { Params: Static<typeof ConnectorParams> }

export function appUserAuthRoutes(app: FastifyInstance, services: Services): void {
  consentRoutes(app, services)
  connectionRoutes(app, services)
  userListRoute(app, services)
}

function consentRoutes(app: FastifyInstance, services: Services): void {
  app.post<ConnectorRoute & { Body: Static<typeof InitiateBody> | undefined }>(
    `${connectorPath}/initiate`,
    {
      config: { ...appUser, limit: "consents" },
      schema: {
        summary: "Start the consent for an own account; the scopes are the connector's",
        params: ConnectorParams,
        body: InitiateBody,
        response: { 200: InitiateAnswer, ...errorAnswers },
      },
    },
    async (request) => {
      const user = appUserOf(request)
      await requirePlan(services, user.workspaceId)
      return beginAppUser(services, {
        user,
        app: await appOfUser(services, user),
        connectorId: request.params.connectorId,
        returnTo: request.body?.return_to ?? undefined,
        originUrl: originUrl(request),
        config: request.body?.connection_config ?? undefined,
        loginHint: request.body?.login_hint ?? undefined,
      })
    },
  )
  app.post<{ Params: Static<typeof AppParams>; Body: Static<typeof CompleteBody> }>(
    "/api/apps/:app/app-user-auth/complete",
    {
      config: appUser,
      schema: {
        summary: "End a consent of an app whose connect_completion is verified",
        params: AppParams,
        body: CompleteBody,
        response: { 200: CompleteAnswer, ...errorAnswers },
      },
    },
    (request) => completeForUser(services, appUserOf(request), request.body),
  )
}

/** The page on which the published SDK is, as it says itself. */
function originUrl(request: FastifyRequest): string | undefined {
  const header = request.headers["x-origin-url"]
  return typeof header === "string" ? header : undefined
}

async function appOfUser(
  services: Services,
  { appId, workspaceId }: { readonly appId: string; readonly workspaceId: string },
): Promise<App> {
  const found = await services.storage.apps.find(workspaceId, appId)
  if (!found) throw notFound("app")
  return found
}

function connectionRoutes(app: FastifyInstance, services: Services): void {
  app.delete<ConnectorRoute>(
    connectorPath,
    {
      config: appUser,
      schema: {
        summary: "Disconnect the own account: revoke and destroy the tokens",
        params: ConnectorParams,
        response: { 200: Disconnected, ...errorAnswers },
      },
    },
    (request) => disconnectAppUser(services, appUserOf(request), request.params.connectorId),
  )
  app.get<ConnectorRoute>(
    `${connectorPath}/status`,
    {
      config: { caller: "app_user_or_service", limit: "users" },
      schema: {
        summary: "Whether the user's own account is connected",
        params: ConnectorParams,
        response: { 200: StatusAnswer, ...errorAnswers },
      },
    },
    (request) => readAppUserStatus(services, appUserOf(request), request.params.connectorId),
  )
  app.get<{ Params: Static<typeof AppParams>; Querystring: Static<typeof PageQuery> }>(
    "/api/apps/:app/app-user-auth/connections",
    {
      config: appUser,
      schema: {
        summary: "The signed-in user's connections",
        params: AppParams,
        querystring: PageQuery,
        response: { 200: ConnectionList, ...errorAnswers },
      },
    },
    async (request) => {
      const asked = addressAsked(request.query)
      const listed = await listAppUserConnections(services, appUserOf(request), asked.rows)
      const { items, next_cursor } = addressPage(listed, asked)
      return { connections: items, next_cursor }
    },
  )
}

function userListRoute(app: FastifyInstance, services: Services): void {
  app.get<ConnectorRoute & { Querystring: Static<typeof PageQuery> }>(
    `${connectorPath}/users`,
    {
      config: { caller: "service" },
      schema: {
        summary: "The users who have an account at a connector: what a scheduled job goes through",
        params: ConnectorParams,
        querystring: PageQuery,
        response: { 200: UserList, ...errorAnswers },
      },
    },
    async (request) => {
      const service = serviceOf(request)
      if (service.appId !== request.params.app) throw notFound("app")
      const asked = addressAsked(request.query)
      const listed = await listConnectorUsers(services, service, request.params.connectorId, asked.rows)
      const { items, next_cursor } = addressPage(listed, asked)
      return { users: items, next_cursor }
    },
  )
}
