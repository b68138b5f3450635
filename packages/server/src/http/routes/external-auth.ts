/** Shared connectors: CONTRACT section 4, as the CLI drives it. */
import { publicView } from "@grantry/catalog"
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { beginShared, readStatus } from "../../authorization/index.ts"
import { disconnect } from "../../connections/disconnect.ts"
import { definitionOf } from "../../connections/oauth-clients.ts"
import { listShared } from "../../connections/list-shared.ts"
import { listRedirectUris } from "../../connections/list-redirect-uris.ts"
import type { Services } from "../../services.ts"
import type { ConnectionAddress } from "../../storage/stores/connections.ts"
import { appOf, memberOf } from "../caller-of.ts"
import { AppParams, ConfigValues, errorAnswers, Nullable, Scopes } from "../schemas.ts"

const TypeParams = Type.Object({ app: Type.String(), type: Type.String() })
const PutBody = Type.Object({ scopes: Scopes, connection_config: Type.Optional(Nullable(ConfigValues)) })
const InitiateBody = Type.Object({
  integration_type: Type.String({ minLength: 1 }),
  scopes: Type.Optional(Nullable(Scopes)),
  connection_config: Type.Optional(Nullable(ConfigValues)),
  connector_id: Type.Optional(Nullable(Type.String())),
  force_reconnect: Type.Optional(Nullable(Type.Boolean())),
})
const StatusQuery = Type.Object({ integration_type: Type.String(), connection_id: Type.String() })

const BeginAnswer = Type.Object({
  redirect_url: Nullable(Type.String()),
  connection_id: Nullable(Type.String()),
  already_authorized: Type.Boolean(),
  error: Nullable(Type.String()),
  error_message: Nullable(Type.String()),
  other_user_email: Nullable(Type.String()),
})
const AvailableIntegrations = Type.Object({
  integrations: Type.Array(
    Type.Object({
      integration_type: Type.String(),
      display_name: Type.String(),
      description: Type.String(),
      connection_config_fields: Type.Array(
        Type.Object({
          name: Type.String(),
          display_name: Type.String(),
          description: Type.String(),
          placeholder: Type.String(),
          required: Type.Boolean(),
          validation_pattern: Type.String(),
          validation_error: Type.String(),
        }),
      ),
    }),
  ),
})
const SharedList = Type.Object({
  integrations: Type.Array(
    Type.Object({
      integration_type: Type.String(),
      status: Type.Union([Type.Literal("active"), Type.Literal("disconnected"), Type.Literal("expired")]),
      scopes: Type.Array(Type.String()),
      user_email: Type.Optional(Type.String()),
    }),
  ),
})
const StatusAnswer = Type.Object({
  status: Type.Union([Type.Literal("ACTIVE"), Type.Literal("FAILED"), Type.Literal("PENDING")]),
  error: Type.Optional(Type.String({ description: "FAILED: the error's code" })),
  error_message: Type.Optional(Type.String({ description: "FAILED: the provider's own words, or ours" })),
  redirect_uri: Type.Optional(Type.String({ description: "what was sent, where the provider refused" })),
})
const Disconnected = Type.Object({
  status: Type.Literal("disconnected"),
  integration_type: Type.String(),
  revoked: Type.String(),
})
const Removed = Type.Object({
  status: Type.Literal("removed"),
  integration_type: Type.String(),
  revoked: Type.String(),
})
const RedirectUris = Type.Object({
  redirect_uris: Type.Array(
    Type.Object({
      integration_type: Type.String(),
      redirect_uri: Type.String(),
      credential_source: Type.Union([Type.Literal("byo"), Type.Literal("operator"), Type.Literal("sandbox")]),
    }),
  ),
})

const member = { caller: "member" as const }

export function externalAuthRoutes(app: FastifyInstance, services: Services): void {
  availableRoutes(app, services)
  consentRoutes(app, services)
  disconnectRoutes(app, services)
}

function availableRoutes(app: FastifyInstance, services: Services): void {
  const schema = {
    summary: "Every connector type",
    response: { 200: AvailableIntegrations, ...errorAnswers },
  }
  const answer = () => ({ integrations: services.catalog.all().map((definition) => publicView(definition)) })
  app.get("/api/external-auth/available-integrations", { config: member, schema }, answer)
  app.get<{ Params: Static<typeof AppParams> }>(
    "/api/apps/:app/external-auth/available-integrations",
    { config: member, schema: { ...schema, params: AppParams } },
    async (request) => {
      await appOf(services, memberOf(request), request.params.app)
      return answer()
    },
  )
  app.get<{ Params: Static<typeof AppParams> }>(
    "/api/apps/:app/oauth-redirect-uris",
    {
      config: member,
      schema: {
        summary: "What to register at providers",
        params: AppParams,
        response: { 200: RedirectUris, ...errorAnswers },
      },
    },
    async (request) => {
      const { workspaceId } = await appOf(services, memberOf(request), request.params.app)
      return { redirect_uris: await listRedirectUris(services, workspaceId) }
    },
  )
  app.get<{ Params: Static<typeof AppParams> }>(
    "/api/apps/:app/external-auth/list",
    {
      config: member,
      schema: {
        summary: "The app's shared connections",
        params: AppParams,
        response: { 200: SharedList, ...errorAnswers },
      },
    },
    async (request) => {
      const found = await appOf(services, memberOf(request), request.params.app)
      return { integrations: [...(await listShared(services, found))] }
    },
  )
}

function consentRoutes(app: FastifyInstance, services: Services): void {
  app.put<{ Params: Static<typeof TypeParams>; Body: Static<typeof PutBody> }>(
    "/api/apps/:app/external-auth/integrations/:type",
    {
      config: member,
      schema: {
        summary: "Declare a shared connector with exactly these scopes",
        params: TypeParams,
        body: PutBody,
        response: { 200: BeginAnswer, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      const found = await appOf(services, caller, request.params.app, "editor")
      return beginShared(services, {
        app: found,
        memberId: caller.memberId,
        type: request.params.type,
        scopes: request.body.scopes,
        config: request.body.connection_config ?? undefined,
        mode: "replace",
        force: false,
      })
    },
  )
  app.post<{ Params: Static<typeof AppParams>; Body: Static<typeof InitiateBody> }>(
    "/api/apps/:app/external-auth/initiate",
    {
      config: member,
      schema: {
        summary: "Start a consent for a shared connection; adds scopes",
        params: AppParams,
        body: InitiateBody,
        response: { 200: BeginAnswer, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      const found = await appOf(services, caller, request.params.app, "editor")
      const { body } = request
      return beginShared(services, {
        app: found,
        memberId: caller.memberId,
        type: body.integration_type,
        connectorId: body.connector_id ?? undefined,
        scopes: body.scopes ?? undefined,
        config: body.connection_config ?? undefined,
        mode: "add",
        force: body.force_reconnect === true,
      })
    },
  )
  app.get<{ Params: Static<typeof AppParams>; Querystring: Static<typeof StatusQuery> }>(
    "/api/apps/:app/external-auth/status",
    {
      config: member,
      schema: {
        summary: "How a consent went",
        params: AppParams,
        querystring: StatusQuery,
        response: { 200: StatusAnswer, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      const found = await appOf(services, caller, request.params.app)
      const { connection_id: connectionId } = request.query
      const { failure, status } = await readStatus(services, found, caller.memberId, connectionId)
      return {
        status,
        ...(failure && { error: failure.code, error_message: failure.message }),
        ...(failure?.redirectUri && { redirect_uri: failure.redirectUri }),
      }
    },
  )
}

function disconnectRoutes(app: FastifyInstance, services: Services): void {
  const end = async (caller: ReturnType<typeof memberOf>, appId: string, type: string, forget: boolean) => {
    const found = await appOf(services, caller, appId, "editor")
    definitionOf(services.catalog, type)
    const address: ConnectionAddress = {
      workspaceId: found.workspaceId,
      appId: found.id,
      ownerKind: "app",
      ownerId: "",
      slot: `type:${type}`,
    }
    const connection = await services.storage.connections.findByAddress(address)
    const revoked = connection ? await disconnect(services, connection, forget) : "unsupported"
    await services.audit.record({
      workspaceId: found.workspaceId,
      appId: found.id,
      actor: caller.actor,
      action: forget ? "connection.remove" : "connection.disconnect",
      target: connection?.id ?? `type:${type}`,
      outcome: revoked,
    })
    return revoked
  }
  app.delete<{ Params: Static<typeof TypeParams> }>(
    "/api/apps/:app/external-auth/integrations/:type",
    {
      config: member,
      schema: {
        summary: "Disconnect: revoke and destroy the tokens",
        params: TypeParams,
        response: { 200: Disconnected, ...errorAnswers },
      },
    },
    async (request) => {
      const { app: appId, type } = request.params
      return {
        status: "disconnected" as const,
        integration_type: type,
        revoked: await end(memberOf(request), appId, type, false),
      }
    },
  )
  app.delete<{ Params: Static<typeof TypeParams> }>(
    "/api/apps/:app/external-auth/integrations/:type/remove",
    {
      config: member,
      schema: {
        summary: "Disconnect and forget",
        params: TypeParams,
        response: { 200: Removed, ...errorAnswers },
      },
    },
    async (request) => {
      const { app: appId, type } = request.params
      return {
        status: "removed" as const,
        integration_type: type,
        revoked: await end(memberOf(request), appId, type, true),
      }
    },
  )
}
