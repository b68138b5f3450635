import type { AuditEventQuery } from "@grantry/sdk/wire"
import { infiniteQueryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

export function auditQuery(workspaceId: string, filter: AuditEventQuery) {
  return infiniteQueryOptions({
    queryKey: ["workspaces", workspaceId, "audit", filter],
    queryFn: ({ pageParam }) =>
      server.audit.list(workspaceId, { ...filter, ...(pageParam !== undefined && { cursor: pageParam }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
}
