import type { MemberListAnswer } from "@grantry/sdk/wire"
import { infiniteQueryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

export const peopleKey = (workspaceId: string) => ["workspaces", workspaceId, "people"]

/** Members and invitations, by address. */
export function peopleQuery(workspaceId: string) {
  return infiniteQueryOptions({
    queryKey: peopleKey(workspaceId),
    queryFn: ({ pageParam }) =>
      server.send<MemberListAnswer>({
        method: "GET",
        path: ["workspace", workspaceId, "members"],
        query: { limit: 50, cursor: pageParam },
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
}
