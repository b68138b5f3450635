/** Connections as members see them: CONTRACT section 6. */
import type { FastifyInstance } from "fastify"
import { type Static, Type } from "typebox"
import { disconnect } from "../../connections/disconnect.ts"
import { describeConnection } from "../../connections/connection-details.ts"
import { listConnections, listConnectorConnections } from "../../connections/list-connections.ts"
import { searchUserConnections, type SearchPlace } from "../../connections/search-user-connections.ts"
import type { Services } from "../../services.ts"
import { addressAsked, addressPage } from "../address-page.ts"
import { appOf, memberOf, notFound, requireWorkspace } from "../caller-of.ts"
import { cursorAt, notACursor, type Place, pageAsked, pageQuery } from "../paging.ts"
import {
  AppParams,
  ConnectionList,
  ConnectionOwner,
  ConnectionStatus,
  connectionSummary,
  errorAnswers,
  Nullable,
  RevocationReceipt,
} from "../schemas.ts"

const ListQuery = Type.Object({
  ...pageQuery,
  owner_kind: Type.Optional(ConnectionOwner),
  user_id: Type.Optional(Type.String({ maxLength: 512 })),
  connector_id: Type.Optional(Type.String({ maxLength: 128 })),
  status: Type.Optional(ConnectionStatus),
})
const SearchQuery = Type.Object({
  ...pageQuery,
  search: Type.String({
    minLength: 1,
    maxLength: 200,
    description: "the beginning of a user's id, or, in whichever case, of an account's name",
  }),
})
const OfConnectorQuery = Type.Object({
  ...pageQuery,
  missing_scopes: Type.Optional(
    Type.Union([Type.Literal("true"), Type.Literal("false")], {
      description: "true: only those that lack a scope which the connector asks for by now",
    }),
  ),
})
const Details = Type.Object({
  ...connectionSummary,
  requested_scopes: Type.Array(Type.String()),
  connected_by: Nullable(Type.String()),
  trouble: Nullable(Type.Object({ code: Type.String(), message: Type.String(), at: Type.String() })),
  expires_at: Nullable(Type.String()),
  refresh_due_at: Nullable(Type.String()),
  last_refreshed_at: Nullable(Type.String()),
})
const OneParams = Type.Object({ app: Type.String(), connectionId: Type.String() })
const OfConnectorParams = Type.Object({ ws: Type.String(), id: Type.String() })
const Disconnected = Type.Object({
  status: Type.Literal("disconnected"),
  id: Type.String(),
  revoked: RevocationReceipt,
})

const member = { caller: "member" as const }

export function connectionRoutes(app: FastifyInstance, services: Services): void {
  listRoute(app, services)
  searchRoute(app, services)
  detailsRoute(app, services)
  disconnectRoute(app, services)
  ofConnectorRoute(app, services)
}

function listRoute(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof AppParams>; Querystring: Static<typeof ListQuery> }>(
    "/api/apps/:app/connections",
    {
      config: member,
      schema: {
        summary: "All connections of an app, shared and its users'",
        params: AppParams,
        querystring: ListQuery,
        response: { 200: ConnectionList, ...errorAnswers },
      },
    },
    async (request) => {
      const { id: appId, workspaceId } = await appOf(services, memberOf(request), request.params.app)
      const { connector_id: connectorId, owner_kind: ownerKind, status, user_id: ownerId } = request.query
      const asked = addressAsked(request.query)
      const listed = await listConnections(services, {
        ...asked.rows,
        workspaceId,
        appId,
        ...(ownerKind !== undefined && { ownerKind }),
        // Only users have an id: a shared connection is nobody's.
        ...(ownerId !== undefined && { ownerId, ownerKind: "app_user" }),
        ...(connectorId !== undefined && { connectorId }),
        ...(status !== undefined && { statuses: [status] }),
      })
      const { items, next_cursor } = addressPage(listed, asked)
      return { connections: items, next_cursor }
    },
  )
}

function searchRoute(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof AppParams>; Querystring: Static<typeof SearchQuery> }>(
    "/api/apps/:app/user-connections",
    {
      config: member,
      schema: {
        summary: "Connections of an app's users, by the beginning of the user's id or the account's name",
        params: AppParams,
        querystring: SearchQuery,
        response: { 200: ConnectionList, ...errorAnswers },
      },
    },
    async (request) => {
      const { id: appId, workspaceId } = await appOf(services, memberOf(request), request.params.app)
      const { after, limit } = pageAsked(request.query, 3)
      const search = { workspaceId, appId, limit, text: request.query.search }
      const { items, next } = await searchUserConnections(services, search, after && searchPlace(after))
      return { connections: [...items], next_cursor: next && cursorAt(placeParts(next)) }
    },
  )
}

function placeParts(place: SearchPlace): Place {
  return place.by === "user" ? [place.by, place.ownerId, place.slot] : [place.by, place.accountKey, place.id]
}

/** @throws INVALID_REQUEST for a cursor that no search gave */
function searchPlace([by, first = "", second = ""]: Place): SearchPlace {
  if (by === "user") return { by, ownerId: first, slot: second }
  if (by === "account") return { by, accountKey: first, id: second }
  throw notACursor()
}

function detailsRoute(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof OneParams> }>(
    "/api/apps/:app/connections/:connectionId",
    {
      config: member,
      schema: {
        summary: "All about one connection but its tokens",
        params: OneParams,
        response: { 200: Details, ...errorAnswers },
      },
    },
    async (request) => {
      const found = await appOf(services, memberOf(request), request.params.app)
      const details = await describeConnection(services, found, request.params.connectionId)
      if (!details) throw notFound("connection")
      return details
    },
  )
}

function disconnectRoute(app: FastifyInstance, services: Services): void {
  app.delete<{ Params: Static<typeof OneParams> }>(
    "/api/apps/:app/connections/:connectionId",
    {
      config: member,
      schema: {
        summary: "Disconnect one connection, also a user's: revoke and destroy the tokens",
        params: OneParams,
        response: { 200: Disconnected, ...errorAnswers },
      },
    },
    async (request) => {
      const caller = memberOf(request)
      const found = await appOf(services, caller, request.params.app, "editor")
      const { connectionId } = request.params
      const connection = await services.storage.connections.findById(found.workspaceId, connectionId)
      if (connection?.appId !== found.id) throw notFound("connection")
      const revoked = await disconnect(services, connection, false)
      await services.audit.record({
        workspaceId: found.workspaceId,
        appId: found.id,
        actor: caller.actor,
        action: "connection.disconnect",
        target: connection.id,
        outcome: revoked,
      })
      return { status: "disconnected" as const, id: connection.id, revoked }
    },
  )
}

function ofConnectorRoute(app: FastifyInstance, services: Services): void {
  app.get<{ Params: Static<typeof OfConnectorParams>; Querystring: Static<typeof OfConnectorQuery> }>(
    "/api/workspace/:ws/connectors/:id/connections",
    {
      config: member,
      schema: {
        summary: "A connector's live connections; after a change of scopes, who has to connect again",
        params: OfConnectorParams,
        querystring: OfConnectorQuery,
        response: { 200: ConnectionList, ...errorAnswers },
      },
    },
    async (request) => {
      const { id, ws } = request.params
      requireWorkspace(memberOf(request), ws)
      const connector = await services.storage.connectors.find(ws, id)
      if (!connector) throw notFound("connector")
      const { after, limit } = pageAsked(request.query, 1)
      const [last] = after ?? []
      const { items, lookedUpTo } = await listConnectorConnections(services, connector, {
        limit,
        onlyMissing: request.query.missing_scopes === "true",
        ...(last !== undefined && { after: last }),
      })
      return { connections: items, next_cursor: lookedUpTo === null ? null : cursorAt([lookedUpTo]) }
    },
  )
}
