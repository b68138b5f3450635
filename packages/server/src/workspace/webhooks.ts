/** A workspace's webhook endpoints: making them, changing their secret, trying them out. */
import type { WebhookTestEvent } from "@grantry/sdk/wire"
import { GrantryError } from "../errors.ts"
import { tryDelivery } from "../events/webhooks/deliver.ts"
import { newDelivery } from "../events/webhooks/queue-events.ts"
import { newSigningSecret, openSecrets, sealSecrets } from "../events/webhooks/signing.ts"
import { newId } from "../random.ts"
import type { Services } from "../services.ts"
import type { WebhookDelivery, WebhookEndpoint, WebhookEventType } from "../storage/stores/webhooks.ts"

const maxPerWorkspace = 500
/** So long the secret before signs too: Standard Webhooks lets a message carry several signatures. */
const overlapMs = 24 * 3_600_000

interface NewWebhook {
  readonly workspaceId: string
  readonly appId: string | null
  readonly url: string
  readonly events: readonly WebhookEventType[]
}

/** @throws INVALID_REQUEST for a URL that nothing may be sent to, or one endpoint too many */
export async function createWebhook(
  services: Pick<Services, "clock" | "config" | "storage" | "vault">,
  { appId, events, url, workspaceId }: NewWebhook,
): Promise<{ readonly endpoint: WebhookEndpoint; readonly secret: string }> {
  const checked = checkedUrl(url, services.config.production)
  if ((await services.storage.webhooks.listEndpoints(workspaceId)).length >= maxPerWorkspace)
    throw invalid(`A workspace has at most ${maxPerWorkspace} webhooks. Delete one first.`)
  const id = newId("wh")
  const secret = newSigningSecret()
  const endpoint: WebhookEndpoint = {
    id,
    workspaceId,
    appId,
    url: checked,
    events: [...new Set(events)],
    status: "enabled",
    disabledReason: null,
    sealedSecrets: await sealSecrets(services, { id, workspaceId }, { current: secret, previous: null }),
    failingSince: null,
    failures: 0,
    restUntil: null,
    version: 1,
    createdAt: services.clock.now(),
  }
  await services.storage.webhooks.insertEndpoint(endpoint)
  return { endpoint, secret }
}

/** @returns the new secret, and until when the old one signs too; undefined when the endpoint is gone */
export async function rotateSecret(
  services: Pick<Services, "clock" | "storage" | "vault">,
  workspaceId: string,
  id: string,
): Promise<{ readonly secret: string; readonly previousUntil: number } | undefined> {
  for (;;) {
    const endpoint = await services.storage.webhooks.findEndpoint(workspaceId, id)
    if (!endpoint) return undefined
    const { current } = await openSecrets(services, endpoint)
    const secret = newSigningSecret()
    const previousUntil = services.clock.now() + overlapMs
    const sealed = await sealSecrets(services, endpoint, {
      current: secret,
      previous: { secret: current, until: previousUntil },
    })
    // Somebody else may be rotating it too: then from what stands by now.
    if (await services.storage.webhooks.replaceSecrets(endpoint, sealed)) return { secret, previousUntil }
  }
}

/** Sends one message at once and says what came of it. It is not tried again. */
export async function testWebhook(services: Services, endpoint: WebhookEndpoint): Promise<WebhookDelivery> {
  const now = services.clock.now()
  const event: WebhookTestEvent = {
    type: "webhook.test",
    timestamp: new Date(now).toISOString(),
    data: { workspace_id: endpoint.workspaceId, webhook_id: endpoint.id },
  }
  const queued = newDelivery(endpoint, event.type, JSON.stringify(event), now)
  const result = await tryDelivery({ ...services, outbound: services.protocol.outbound }, endpoint, queued)
  const outcome = result.outcome === "delivered" ? "delivered" : "failed"
  const delivery: WebhookDelivery = {
    ...queued,
    outcome,
    tries: 1,
    lastStatus: result.status,
    lastError: result.error,
    settledAt: services.clock.now(),
  }
  await services.storage.webhooks.insertDeliveries([delivery])
  return delivery
}

/** Whether the address is one that may be reached is judged with each delivery, when the name has been resolved. */
function checkedUrl(text: string, production: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw invalid("body.url is not an https: URL.")
  if (url.protocol === "http:" && production) throw invalid("body.url must begin with https: in production.")
  if (url.username !== "" || url.password !== "")
    throw invalid("body.url must not hold credentials: messages are signed instead.")
  url.hash = ""
  return url.href
}

function invalid(message: string): GrantryError {
  return new GrantryError("INVALID_REQUEST", 422, message)
}
