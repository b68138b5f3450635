import type { WebhookDelivery, WebhookEventType } from "@grantry/sdk/wire"
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query"
import { server } from "./client.ts"

const pollMs = 3_000

export const webhooksKey = (workspaceId: string) => ["workspaces", workspaceId, "webhooks"]

export function webhooksQuery(workspaceId: string) {
  return queryOptions({
    queryKey: webhooksKey(workspaceId),
    queryFn: () => server.webhooks.list(workspaceId),
    // Whether they fail is seen when something is sent, not when somebody clicks.
    refetchInterval: 2 * pollMs,
  })
}

/** Looked at again by itself as long as something on the way may have arrived meanwhile. */
export function deliveriesQuery(workspaceId: string, webhookId: string) {
  return infiniteQueryOptions({
    queryKey: [...webhooksKey(workspaceId), webhookId, "deliveries"],
    queryFn: ({ pageParam }) =>
      server.webhooks.deliveries(workspaceId, webhookId, {
        limit: 25,
        ...(pageParam !== undefined && { cursor: pageParam }),
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
    refetchInterval: ({ state }) => {
      const [first] = state.data?.pages ?? []
      return first?.deliveries.some(({ outcome }) => outcome === "pending") === true ? pollMs : 5 * pollMs
    },
  })
}

export interface EventMeaning {
  readonly event: WebhookEventType
  readonly meaning: string
}

export const eventMeanings: readonly EventMeaning[] = [
  { event: "connection.connected", meaning: "Somebody connected an account, or connected it again" },
  { event: "connection.reconnect_required", meaning: "The provider ended a grant: somebody must reconnect" },
  { event: "connection.refreshed_late", meaning: "A token was dead for a while before a refresh succeeded" },
  { event: "connection.disconnected", meaning: "An account was disconnected" },
  { event: "connection.scopes_changed", meaning: "Other permissions are granted than before" },
]

/** What came of it, in one sentence. */
export function deliveryText({ error, http_status: status, outcome }: WebhookDelivery): string {
  if (outcome === "delivered") return `The endpoint took it: HTTP ${status ?? "2xx"}.`
  return `The endpoint did not take it: ${error ?? "no answer came"}.`
}
