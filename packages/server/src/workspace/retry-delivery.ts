/** Sends once more, now, what has not arrived. The endpoint's rest and its count of failures stay as they are. */
import { GrantryError } from "../errors.ts"
import { holdMs, recordArrival, tryDelivery } from "../events/webhooks/deliver.ts"
import type { Services } from "../services.ts"
import { sendingByHand, type WebhookDelivery, type WebhookEndpoint } from "../storage/stores/webhooks.ts"

/**
 * @returns what came of it; undefined when there is no such delivery
 * @throws INVALID_REQUEST when it has arrived, or is being sent just now
 */
export async function retryDelivery(
  services: Services,
  endpoint: WebhookEndpoint,
  id: string,
): Promise<WebhookDelivery | undefined> {
  const { webhooks } = services.storage
  const find = () => webhooks.findDelivery(endpoint.workspaceId, endpoint.id, id)
  const before = await find()
  if (!before) return undefined
  if (before.outcome === "delivered") throw refused("It has arrived already: there is nothing to repeat.")
  const now = services.clock.now()
  const isBeingSent = before.lastError === sendingByHand && before.nextTryAt > now
  if (isBeingSent || !(await webhooks.takeDelivery(before, now + holdMs)))
    throw refused("It is being sent just now. Look at the list again in a moment.")
  await send(services, endpoint, before)
  return find()
}

async function send(services: Services, endpoint: WebhookEndpoint, before: WebhookDelivery): Promise<void> {
  const deps = { ...services, outbound: services.protocol.outbound }
  const { webhooks } = services.storage
  const result = await tryDelivery(deps, endpoint, before)
  const now = services.clock.now()
  if (result.outcome === "delivered") return recordArrival(deps, endpoint, { delivery: before, result, now })
  if (before.outcome === "failed") await webhooks.settleDelivery(before.id, "failed", { ...result, at: now })
  else await webhooks.retryDelivery(before.id, before.nextTryAt, result)
}

function refused(message: string): GrantryError {
  return new GrantryError("INVALID_REQUEST", 409, message)
}
