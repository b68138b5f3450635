import { queryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

export const serviceKeysKey = (appId: string) => ["apps", appId, "service-keys"]
export const apiKeysKey = (workspaceId: string) => ["workspaces", workspaceId, "api-keys"]

export function serviceKeysQuery(appId: string) {
  return queryOptions({ queryKey: serviceKeysKey(appId), queryFn: () => server.serviceKeys.list(appId) })
}

export function apiKeysQuery(workspaceId: string) {
  return queryOptions({ queryKey: apiKeysKey(workspaceId), queryFn: () => server.apiKeys.list(workspaceId) })
}
