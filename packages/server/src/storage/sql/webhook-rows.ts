/** Webhook rows as the stores show them. */
import type { WebhookDelivery, WebhookEndpoint } from "../stores/webhooks.ts"
import { parseWebhookEvents } from "./json-column.ts"
import type { WebhookDeliveryRow, WebhookEndpointRow } from "./schema.ts"

export function toEndpoint(row: WebhookEndpointRow): WebhookEndpoint {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    appId: row.app_id,
    url: row.url,
    events: parseWebhookEvents(row.events_json),
    status: row.status,
    disabledReason: row.disabled_reason,
    sealedSecrets: row.sealed_secrets,
    failingSince: row.failing_since,
    failures: row.failures,
    restUntil: row.rest_until,
    version: row.version,
    createdAt: row.created_at,
  }
}

export function toEndpointRow(endpoint: WebhookEndpoint): WebhookEndpointRow {
  return {
    id: endpoint.id,
    workspace_id: endpoint.workspaceId,
    app_id: endpoint.appId,
    url: endpoint.url,
    events_json: JSON.stringify(endpoint.events),
    status: endpoint.status,
    disabled_reason: endpoint.disabledReason,
    sealed_secrets: endpoint.sealedSecrets,
    failing_since: endpoint.failingSince,
    failures: endpoint.failures,
    rest_until: endpoint.restUntil,
    version: endpoint.version,
    created_at: endpoint.createdAt,
  }
}

export function toDelivery(row: WebhookDeliveryRow): WebhookDelivery {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    endpointId: row.endpoint_id,
    eventType: row.event_type,
    payload: row.payload,
    outcome: row.outcome,
    tries: row.tries,
    nextTryAt: row.next_try_at,
    lastStatus: row.last_status,
    lastError: row.last_error,
    createdAt: row.created_at,
    settledAt: row.settled_at,
  }
}

export function toDeliveryRow(delivery: WebhookDelivery): WebhookDeliveryRow {
  return {
    id: delivery.id,
    workspace_id: delivery.workspaceId,
    endpoint_id: delivery.endpointId,
    event_type: delivery.eventType,
    payload: delivery.payload,
    outcome: delivery.outcome,
    tries: delivery.tries,
    next_try_at: delivery.nextTryAt,
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    created_at: delivery.createdAt,
    settled_at: delivery.settledAt,
  }
}
