import type {
  ConnectionDetails,
  ConnectionDisconnectAnswer,
  ConnectionListAnswer,
  ConnectionListQuery,
  ConnectionSummary,
  RevocationReceipt,
  UserConnectionQuery,
} from "@grantry/sdk/wire"
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

export const connectionsKey = (appId: string) => ["apps", appId, "connections"]

function readConnections(appId: string, query: ConnectionListQuery) {
  return server.send<ConnectionListAnswer>({
    method: "GET",
    path: ["apps", appId, "connections"],
    query: { ...query },
  })
}

function searchConnections(appId: string, query: UserConnectionQuery) {
  return server.send<ConnectionListAnswer>({
    method: "GET",
    path: ["apps", appId, "user-connections"],
    query: { ...query },
  })
}

/** The app's own: one per type and connector, so that they fit on one page. */
export function sharedConnectionsQuery(appId: string) {
  return queryOptions({
    queryKey: [...connectionsKey(appId), "shared"],
    queryFn: async () => (await readConnections(appId, { owner_kind: "app", limit: 200 })).connections,
  })
}

/** All about the app's own connection of one type; null where there is none. */
export function typeConnectionQuery(appId: string, type: string) {
  return queryOptions({
    queryKey: [...connectionsKey(appId), "type", type],
    queryFn: async () => {
      const { connections } = await readConnections(appId, { owner_kind: "app", limit: 200 })
      const found = ofType(connections, type)
      if (!found) return null
      const path = ["apps", appId, "connections", found.id]
      return server.send<ConnectionDetails>({ method: "GET", path })
    },
  })
}

/** Those of an app's users, also those only who must connect again; with a text, of users whose id or account begins with it. */
export function userConnectionsQuery(appId: string, search: string, onlyExpired: boolean) {
  return infiniteQueryOptions({
    queryKey: [...connectionsKey(appId), "users", search, onlyExpired],
    queryFn: ({ pageParam }) => {
      const page = { limit: 50, ...(pageParam !== undefined && { cursor: pageParam }) }
      return search === ""
        ? readConnections(appId, {
            owner_kind: "app_user",
            ...page,
            ...(onlyExpired && { status: "expired" }),
          })
        : searchConnections(appId, { search, ...page })
    },
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
}

export function disconnectById(appId: string, id: string): Promise<ConnectionDisconnectAnswer> {
  return server.send({ method: "DELETE", path: ["apps", appId, "connections", id] })
}

/** The connection that calls by type use, e.g. `getConnection("slack")`. */
export function ofType(connections: readonly ConnectionSummary[], type: string) {
  return connections.find((one) => one.integration_type === type && one.addressed_by === "type")
}

/** Somebody's account is behind it, whether it still works or not. */
export function isConnected(connection: ConnectionSummary | undefined): connection is ConnectionSummary {
  return connection !== undefined && connection.status !== "disconnected"
}

const texts: Readonly<Record<RevocationReceipt, string>> = {
  revoked: "The provider has revoked the grant.",
  pending: "The provider has not answered yet: the revocation is repeated until it does.",
  unsupported: "The provider offers no revocation: the tokens were destroyed here.",
  failed: "The provider refused to revoke: remove the access in its own settings too.",
  kept_shared: "Another live connection uses the same grant, so it was not revoked.",
}

/** By what an audit event says, which may be something else. */
export const receipts: Readonly<Partial<Record<string, string>>> = texts

/** What a disconnect did at the provider. */
export function receiptText(receipt: RevocationReceipt): string {
  return texts[receipt]
}
