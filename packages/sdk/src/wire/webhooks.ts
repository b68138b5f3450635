import type { Account } from "./account.ts"
import type { Page } from "./list.ts"

export type WebhookEventType =
  | "connection.connected"
  | "connection.reconnect_required"
  | "connection.refreshed_late"
  | "connection.disconnected"
  | "connection.scopes_changed"

/** What an endpoint receives, signed as Standard Webhooks says. Never a token. */
export interface WebhookEvent {
  readonly type: WebhookEventType
  /** When it happened: ISO 8601, UTC. */
  readonly timestamp: string
  readonly data: WebhookConnection
}

/** `POST …/{id}/test` sends this. */
export interface WebhookTestEvent {
  readonly type: "webhook.test"
  readonly timestamp: string
  readonly data: { readonly workspace_id: string; readonly webhook_id: string }
}

export interface WebhookConnection {
  readonly workspace_id: string
  readonly app_id: string
  readonly connection_id: string
  readonly integration_type: string
  /** null: the connection is addressed by its type. */
  readonly connector_id: string | null
  readonly owner: { readonly kind: "app" | "app_user"; readonly user_id: string | null }
  readonly status: "active" | "expired" | "disconnected"
  readonly account: Account | null
  /** Granted. */
  readonly scopes: readonly string[]
  readonly missing_scopes: readonly string[]
  /** `connection.scopes_changed`: what was granted before. */
  readonly previous_scopes?: readonly string[]
  /** `connection.refreshed_late`: since when there was no living token. */
  readonly expired_at?: string
  /** `connection.reconnect_required`: the provider's own words. */
  readonly reason?: { readonly code: string; readonly message: string }
}

/** `POST /api/workspace/{ws}/webhooks` */
export interface CreateWebhookRequest {
  readonly url: string
  readonly events: readonly WebhookEventType[]
  /** Only this app's events; absent: those of every app in the workspace. */
  readonly app_id?: string
}

export interface Webhook {
  readonly id: string
  readonly url: string
  readonly events: readonly WebhookEventType[]
  readonly app_id: string | null
  /** `disabled`: it failed for too long, or answered 410; nothing is sent until it is enabled again. */
  readonly status: "enabled" | "disabled"
  readonly disabled_reason: string | null
  /** ISO 8601, UTC; null while deliveries succeed. */
  readonly failing_since: string | null
  readonly created_at: string
}

/** The only answers that ever hold the secret: of creating a webhook, and of rotating its secret. */
export interface CreatedWebhook extends Webhook {
  /** `whsec_…` */
  readonly secret: string
}

/** `POST …/{id}/rotate-secret` */
export interface RotatedWebhookSecret {
  readonly id: string
  readonly secret: string
  /** Until then the old secret signs too. */
  readonly previous_secret_until: string
}

export interface WebhookListAnswer extends Page {
  readonly webhooks: readonly Webhook[]
}

export interface WebhookDelivery {
  /** The header `webhook-id` of every try. */
  readonly id: string
  readonly event: WebhookEventType | "webhook.test"
  readonly outcome: "pending" | "delivered" | "failed"
  readonly tries: number
  /** Of the last answer; null: none came. */
  readonly http_status: number | null
  readonly error: string | null
  /** null once it is delivered or has failed. */
  readonly next_try_at: string | null
  readonly created_at: string
  readonly settled_at: string | null
}

/** `GET …/{id}/deliveries`: newest first. */
export interface WebhookDeliveryListAnswer extends Page {
  readonly deliveries: readonly WebhookDelivery[]
}
