import { readServerHealth } from "@grantry/sdk/members"
import type { RefreshHistorySpan } from "@grantry/sdk/wire"
import { keepPreviousData, queryOptions } from "@tanstack/react-query"
import { serverUrl } from "../page-facts.ts"
import { server } from "./client.ts"

const everyMs = 15_000

export function healthQuery(workspaceId: string) {
  return queryOptions({
    queryKey: ["workspaces", workspaceId, "health"],
    queryFn: () => server.workspaces.health(workspaceId),
    refetchInterval: everyMs,
  })
}

export function refreshHistoryQuery(workspaceId: string, span: RefreshHistorySpan) {
  return queryOptions({
    queryKey: ["workspaces", workspaceId, "refreshes", span],
    queryFn: () => server.workspaces.refreshHistory(workspaceId, span),
    refetchInterval: everyMs,
    placeholderData: keepPreviousData,
  })
}

export const serverHealthQuery = queryOptions({
  queryKey: ["server-health"],
  queryFn: () => readServerHealth({ serverUrl }),
  refetchInterval: everyMs,
})
