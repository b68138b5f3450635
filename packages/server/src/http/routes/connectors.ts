/** Workspace connectors: CONTRACT section 6. */
import type {
  Connector as ConnectorAnswer,
  ConnectorReservation as ReservationAnswer,
} from "@grantry/sdk/wire"
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { redirectUri } from "../../connections/oauth-clients.ts"
import type { Services } from "../../services.ts"
import type { Connector } from "../../storage/stores/connectors.ts"
import { createConnector, removeConnector, updateConnector } from "../../workspace/connectors.ts"
import { reserveConnector } from "../../workspace/reserve-connector.ts"
import { requirePlan } from "../../workspace/require-plan.ts"
import { memberOf, notFound, requireWorkspace } from "../caller-of.ts"
import { ConfigValues, errorAnswers, Name, Nullable, page, Scopes } from "../schemas.ts"

const Params = Type.Object({ ws: Type.String() })
const OneParams = Type.Object({ ws: Type.String(), id: Type.String() })
const Secret = Type.String({ minLength: 1, maxLength: 4096 })
const changeable = {
  client_id: Type.Optional(Type.String({ minLength: 1, maxLength: 512 })),
  client_secret: Type.Optional(Secret),
  scopes: Type.Optional(Scopes),
  connection_config: Type.Optional(Nullable(ConfigValues)),
}
const CreateBody = Type.Object(
  {
    integration_type: Type.String({ minLength: 1 }),
    name: Name,
    reservation: Type.Optional(
      Type.String({ minLength: 1, maxLength: 1_024, description: "of the id that it shall have" }),
    ),
    ...changeable,
  },
  { additionalProperties: false },
)
const UpdateBody = Type.Object({ name: Type.Optional(Name), ...changeable }, { additionalProperties: false })
const answer = {
  id: Type.String(),
  integration_type: Type.String(),
  name: Type.String(),
  client_id: Nullable(Type.String()),
  scopes: Type.Array(Type.String()),
  connection_config: Nullable(Type.Record(Type.String(), Type.String())),
  credential_source: Type.Union([Type.Literal("byo"), Type.Literal("sandbox")]),
  redirect_uri: Type.String(),
  client_problem: Nullable(Type.String()),
  created_at: Type.String(),
  updated_at: Type.String(),
}
const Answer = Type.Object(answer)
const Updated = Type.Object({ ...answer, reconnect_required: Type.Optional(Type.Integer()) })
const List = Type.Object({ connectors: Type.Array(Answer), next_cursor: Nullable(Type.String()) })
const Reservation = Type.Object({
  id: Type.String(),
  redirect_uri: Type.String({ description: "to be registered at the provider" }),
  reservation: Type.String({ description: "goes into the connector's registration" }),
  expires_at: Type.String(),
})
const Deleted = Type.Object({ status: Type.Literal("deleted"), id: Type.String() })

const member = { caller: "member" as const }
type OneRoute = { Params: Static<typeof OneParams> }

export function connectorRoutes(app: FastifyInstance, services: Services): void {
  reservationRoute(app, services)
  const shape = (connector: Connector) => shapeConnector(services, connector)
  const find = async (workspaceId: string, id: string): Promise<Connector> => {
    const connector = await services.storage.connectors.find(workspaceId, id)
    if (!connector) throw notFound("connector")
    return connector
  }
  const audit = (connector: Connector, actor: string, action: string): Promise<void> =>
    services.audit.record({
      workspaceId: connector.workspaceId,
      appId: null,
      actor,
      action,
      target: connector.id,
      outcome: "ok",
    })

  app.get<{ Params: Static<typeof Params> }>(
    "/api/workspace/:ws/connectors",
    {
      config: member,
      schema: {
        summary: "The workspace's connectors",
        params: Params,
        response: { 200: List, ...errorAnswers },
      },
    },
    async (request) => {
      requireWorkspace(memberOf(request), request.params.ws)
      return page("connectors", (await services.storage.connectors.list(request.params.ws)).map(shape))
    },
  )
  app.post<{ Params: Static<typeof Params>; Body: Static<typeof CreateBody> }>(
    "/api/workspace/:ws/connectors",
    {
      config: member,
      schema: {
        summary: "Register an OAuth client",
        params: Params,
        body: CreateBody,
        response: { 200: Answer, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      requireWorkspace(caller, request.params.ws, "admin")
      await requirePlan(services, request.params.ws)
      const connector = await createConnector(services, request.params.ws, request.body)
      await audit(connector, caller.actor, "connector.create")
      return shape(connector)
    },
  )
  app.get<OneRoute>(
    "/api/workspace/:ws/connectors/:id",
    {
      config: member,
      schema: { summary: "One connector", params: OneParams, response: { 200: Answer, ...errorAnswers } },
    },
    async (request) => {
      requireWorkspace(memberOf(request), request.params.ws)
      return shape(await find(request.params.ws, request.params.id))
    },
  )
  app.put<OneRoute & { Body: Static<typeof UpdateBody> }>(
    "/api/workspace/:ws/connectors/:id",
    {
      config: member,
      schema: {
        summary: "Change a connector; its connections stay",
        params: OneParams,
        body: UpdateBody,
        response: { 200: Updated, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      requireWorkspace(caller, request.params.ws, "admin")
      const stored = await find(request.params.ws, request.params.id)
      const { connector, reconnectRequired } = await updateConnector(services, stored, request.body)
      await audit(connector, caller.actor, "connector.update")
      return {
        ...shape(connector),
        ...(reconnectRequired !== undefined && { reconnect_required: reconnectRequired }),
      }
    },
  )
  app.delete<OneRoute>(
    "/api/workspace/:ws/connectors/:id",
    {
      config: member,
      schema: {
        summary: "Revoke its connections and delete it",
        params: OneParams,
        response: { 200: Deleted, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      requireWorkspace(caller, request.params.ws, "admin")
      const connector = await find(request.params.ws, request.params.id)
      await removeConnector(services, connector, caller.actor)
      await audit(connector, caller.actor, "connector.delete")
      return { status: "deleted" as const, id: connector.id }
    },
  )
}

function reservationRoute(app: FastifyInstance, services: Services): void {
  app.post<{ Params: Static<typeof Params> }>(
    "/api/workspace/:ws/connectors/reservations",
    {
      config: member,
      schema: {
        summary: "The id and redirect URI of a connector that is yet to be registered",
        params: Params,
        response: { 200: Reservation, ...errorAnswers },
      },
    },
    async (request): Promise<ReservationAnswer> => {
      const { ws } = request.params
      requireWorkspace(memberOf(request), ws, "admin")
      const { expiresAt, id, reservation } = await reserveConnector(services, ws)
      return {
        id,
        reservation,
        redirect_uri: redirectUri(services.config.publicUrl, { context: id }),
        expires_at: new Date(expiresAt).toISOString(),
      }
    },
  )
}

function shapeConnector(services: Services, connector: Connector) {
  const answered = {
    id: connector.id,
    integration_type: connector.type,
    name: connector.name,
    client_id: connector.clientId,
    scopes: [...connector.scopes],
    connection_config: Object.keys(connector.config).length > 0 ? { ...connector.config } : null,
    credential_source: connector.credentialSource === "sandbox" ? ("sandbox" as const) : ("byo" as const),
    redirect_uri: redirectUri(services.config.publicUrl, { context: connector.id }),
    client_problem: connector.clientProblem,
    created_at: new Date(connector.createdAt).toISOString(),
    updated_at: new Date(connector.updatedAt).toISOString(),
  }
  return answered satisfies ConnectorAnswer
}
