/** Events go into the outbox in the transaction that makes the change they tell of: both happen, or neither. */
import { missingScopes } from "@grantry/catalog"
import type { WebhookConnection, WebhookEvent } from "@grantry/sdk/wire"
import { newOrderedId } from "../../random.ts"
import type { Services } from "../../services.ts"
import type { Stores } from "../../storage/storage.ts"
import type { Connection } from "../../storage/stores/connections.ts"
import type { WebhookDelivery, WebhookEventType } from "../../storage/stores/webhooks.ts"

/** What happened, and what the connection's row does not tell of it. */
export type ConnectionEvent = { readonly type: WebhookEventType } & Pick<
  WebhookConnection,
  "previous_scopes" | "expired_at"
>

type QueueDependencies = Pick<Services, "catalog" | "clock">
export type WritingDependencies = QueueDependencies & Pick<Services, "storage">
type ConnectionId = Pick<Connection, "workspaceId" | "id">

/**
 * One delivery for each endpoint that listens. Tells of the connection as the transaction has made it.
 *
 * @param stores of the transaction that makes the change
 */
export async function queueEvents(
  deps: QueueDependencies,
  stores: Pick<Stores, "connections" | "webhooks">,
  { id, workspaceId }: ConnectionId,
  events: readonly ConnectionEvent[],
): Promise<void> {
  const endpoints = events.length === 0 ? [] : await stores.webhooks.listListening(workspaceId)
  if (endpoints.length === 0) return
  const connection = await stores.connections.findById(workspaceId, id)
  if (!connection) return
  const now = deps.clock.now()
  const deliveries = events.flatMap((event) => {
    const payload = JSON.stringify(eventOf(deps, connection, event, now))
    return endpoints
      .filter(
        ({ appId, events: wanted }) =>
          wanted.includes(event.type) && (appId ?? connection.appId) === connection.appId,
      )
      .map((endpoint) => newDelivery(endpoint, event.type, payload, now))
  })
  if (deliveries.length > 0) await stores.webhooks.insertDeliveries(deliveries)
}

/**
 * Makes a write and queues what it means. Where nobody listens the write is made by itself, without a transaction.
 *
 * @param write false: it did not apply, and there is nothing to tell
 */
export async function writeTelling(
  deps: WritingDependencies,
  connection: ConnectionId,
  events: readonly ConnectionEvent[],
  write: (stores: Pick<Stores, "connections">) => Promise<boolean>,
): Promise<boolean> {
  const { storage } = deps
  if (events.length === 0 || (await storage.webhooks.listListening(connection.workspaceId)).length === 0)
    return write(storage)
  return storage.transaction(async (stores) => {
    const applied = await write(stores)
    if (applied) await queueEvents(deps, stores, connection, events)
    return applied
  })
}

/** @param before null: there was no grant, or the provider names no scopes */
export function scopesChanged(
  before: readonly string[] | null,
  after: readonly string[] | null,
): readonly ConnectionEvent[] {
  if (before === null || after === null) return []
  const known = new Set(before)
  const isSame = new Set(after).size === known.size && after.every((scope) => known.has(scope))
  return isSame ? [] : [{ type: "connection.scopes_changed", previous_scopes: before }]
}

export function newDelivery(
  endpoint: { readonly id: string; readonly workspaceId: string },
  eventType: WebhookDelivery["eventType"],
  payload: string,
  now: number,
): WebhookDelivery {
  return {
    id: newOrderedId("msg", now),
    workspaceId: endpoint.workspaceId,
    endpointId: endpoint.id,
    eventType,
    payload,
    outcome: "pending",
    tries: 0,
    nextTryAt: now,
    lastStatus: null,
    lastError: null,
    createdAt: now,
    settledAt: null,
  }
}

function eventOf(
  { catalog }: QueueDependencies,
  connection: Connection,
  { type, ...details }: ConnectionEvent,
  now: number,
): WebhookEvent {
  const { accountId, accountLabel, grantedScopes, lastRefreshError, requestedScopes } = connection
  const definition = catalog.byType(connection.type)
  return {
    type,
    timestamp: new Date(now).toISOString(),
    data: {
      workspace_id: connection.workspaceId,
      app_id: connection.appId,
      connection_id: connection.id,
      integration_type: connection.type,
      connector_id: connection.connectorId,
      owner: {
        kind: connection.ownerKind,
        user_id: connection.ownerKind === "app_user" ? connection.ownerId : null,
      },
      status: connection.status,
      account: accountId === null ? null : { id: accountId, label: accountLabel ?? accountId },
      scopes: grantedScopes ?? [],
      missing_scopes: definition ? missingScopes(definition, requestedScopes, grantedScopes) : [],
      ...details,
      ...(connection.status === "expired" &&
        lastRefreshError && { reason: { code: lastRefreshError.code, message: lastRefreshError.message } }),
    },
  }
}
