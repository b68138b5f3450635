import type { ListQuery } from "../wire/list.ts"
import type {
  CreatedWebhook,
  CreateWebhookRequest,
  RotatedWebhookSecret,
  Webhook,
  WebhookDelivery,
  WebhookDeliveryListAnswer,
  WebhookListAnswer,
} from "../wire/webhooks.ts"
import { everyPage } from "./pages.ts"
import type { Send } from "./send.ts"

/** Who is told what happens to connections. */
export interface WebhooksApi {
  list(workspaceId: string): Promise<readonly Webhook[]>
  /** This answer and that of `rotateSecret` alone hold the signing secret. */
  create(workspaceId: string, request: CreateWebhookRequest): Promise<CreatedWebhook>
  /** The secret before signs too for a day. */
  rotateSecret(workspaceId: string, webhookId: string): Promise<RotatedWebhookSecret>
  enable(workspaceId: string, webhookId: string): Promise<Webhook>
  /** What waits for it has failed. */
  disable(workspaceId: string, webhookId: string): Promise<Webhook>
  /** With its deliveries. */
  delete(workspaceId: string, webhookId: string): Promise<{ readonly status: "deleted"; readonly id: string }>
  /** Sends a `webhook.test` event now; waits for the endpoint's answer. */
  test(workspaceId: string, webhookId: string): Promise<WebhookDelivery>
  /** One page, newest first; a week back. */
  deliveries(workspaceId: string, webhookId: string, query?: ListQuery): Promise<WebhookDeliveryListAnswer>
  /** Sends what has not arrived once more, now; waits for the endpoint's answer. */
  retry(workspaceId: string, webhookId: string, deliveryId: string): Promise<WebhookDelivery>
}

export function webhooksApi(send: Send): WebhooksApi {
  const all = (workspaceId: string) => ["workspace", workspaceId, "webhooks"]
  const post = <Answer>(...path: readonly string[]) => send<Answer>({ method: "POST", path })
  return {
    list(workspaceId) {
      return everyPage(
        (query) => send<WebhookListAnswer>({ method: "GET", path: all(workspaceId), query: { ...query } }),
        (answer) => answer.webhooks,
      )
    },
    create: (workspaceId, body) => send({ method: "POST", path: all(workspaceId), body }),
    rotateSecret: (workspaceId, id) => post(...all(workspaceId), id, "rotate-secret"),
    enable: (workspaceId, id) => post(...all(workspaceId), id, "enable"),
    disable: (workspaceId, id) => post(...all(workspaceId), id, "disable"),
    delete: (workspaceId, id) => send({ method: "DELETE", path: [...all(workspaceId), id] }),
    test: (workspaceId, id) => post(...all(workspaceId), id, "test"),
    deliveries: (workspaceId, id, query = {}) =>
      send({ method: "GET", path: [...all(workspaceId), id, "deliveries"], query: { ...query } }),
    retry: (workspaceId, id, deliveryId) => post(...all(workspaceId), id, "deliveries", deliveryId, "retry"),
  }
}
