import { queryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

export const connectorsKey = (workspaceId: string) => ["workspaces", workspaceId, "connectors"]

export function connectorsQuery(workspaceId: string) {
  return queryOptions({
    queryKey: connectorsKey(workspaceId),
    queryFn: () => server.connectors.list(workspaceId),
  })
}

export function connectorQuery(workspaceId: string, id: string) {
  return queryOptions({
    queryKey: [...connectorsKey(workspaceId), id],
    queryFn: () => server.connectors.get(workspaceId, id),
  })
}
