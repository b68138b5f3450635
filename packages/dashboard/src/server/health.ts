import type { WorkspaceHealth } from "@grantry/sdk/wire"
import { readServerHealth } from "@grantry/sdk/members"
import { queryOptions } from "@tanstack/react-query"
import { serverUrl } from "../page-facts.ts"
import { server } from "./client.ts"

const everyMs = 15_000

export function healthQuery(workspaceId: string) {
  return queryOptions({
    queryKey: ["workspaces", workspaceId, "health"],
    queryFn: () =>
      server.send<WorkspaceHealth>({ method: "GET", path: ["workspace", workspaceId, "health"] }),
    refetchInterval: everyMs,
  })
}

export const serverHealthQuery = queryOptions({
  queryKey: ["server-health"],
  queryFn: () => readServerHealth({ serverUrl }),
  refetchInterval: everyMs,
})
