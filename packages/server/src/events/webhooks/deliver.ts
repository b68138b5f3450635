/** One try to deliver one message, and what is written down of it. */
import { judgeHttp } from "./judge-answer.ts"
import type { Outbound } from "../../outbound/outbound.ts"
import { OutboundError } from "../../outbound/outbound.ts"
import type { Services } from "../../services.ts"
import type { TryRecord, WebhookDelivery, WebhookEndpoint } from "../../storage/stores/webhooks.ts"
import { CredentialUnreadable } from "../../vault/vault.ts"
import { disableAfterMs, giveUpAfterMs, restMs, retryPauseMs } from "./schedule.ts"
import { openSecrets, signedHeaders } from "./signing.ts"

export type DeliveryDependencies = Pick<
  Services,
  "storage" | "vault" | "clock" | "log" | "audit" | "config" | "metrics"
> & { readonly outbound: Outbound }

const deliveryDeadlineMs = 10_000
/** Longer than any try takes; then some for the database. */
export const holdMs = deliveryDeadlineMs + 20_000

export interface TryResult extends TryRecord {
  readonly outcome: "delivered" | "refused" | "gone"
  /** How long the endpoint asks to be left alone. */
  readonly retryAfterMs: number | null
}

/** Never throws for what the endpoint does. */
export async function tryDelivery(
  deps: DeliveryDependencies,
  endpoint: WebhookEndpoint,
  delivery: WebhookDelivery,
): Promise<TryResult> {
  try {
    const sentAt = new Date()
    const secrets = await openSecrets(deps, endpoint)
    const signed = await signedHeaders(secrets, delivery, { now: deps.clock.now(), sentAt })
    const answer = await deps.outbound.send({
      method: "POST",
      url: endpoint.url,
      headers: { "content-type": "application/json", ...signed },
      body: delivery.payload,
      deadlineMs: deliveryDeadlineMs,
      allowHttp: !deps.config.production,
    })
    return judgeHttp(answer, deps.clock.now())
  } catch (error) {
    if (error instanceof OutboundError)
      return failed(error.kind === "timeout" ? "timeout" : `${error.kind}: ${error.message}`)
    if (error instanceof CredentialUnreadable) return failed("the signing secret cannot be opened: rotate it")
    throw error
  }
}

function failed(error: string): TryResult {
  return { outcome: "refused", status: null, error, retryAfterMs: null }
}

/** @returns whether it arrived */
export async function deliver(
  deps: DeliveryDependencies,
  endpoint: WebhookEndpoint,
  delivery: WebhookDelivery,
): Promise<boolean> {
  const result = await tryDelivery(deps, endpoint, delivery)
  const now = deps.clock.now()
  if (result.outcome === "delivered") {
    await recordArrival(deps, endpoint, { delivery, result, now })
    return true
  }
  await recordFailure(deps, endpoint, { delivery, result, now })
  return false
}

export async function recordArrival(
  { metrics, storage: { webhooks } }: DeliveryDependencies,
  endpoint: WebhookEndpoint,
  { delivery, now, result }: Tried,
): Promise<void> {
  await webhooks.settleDelivery(delivery.id, "delivered", { ...result, at: now })
  if (endpoint.failures > 0) await webhooks.noteSuccess(endpoint.id)
  metrics.webhookTried("delivered")
}

interface Tried {
  readonly delivery: WebhookDelivery
  readonly result: TryResult
  readonly now: number
}

async function recordFailure(
  deps: DeliveryDependencies,
  endpoint: WebhookEndpoint,
  { delivery, now, result }: Tried,
): Promise<void> {
  const { webhooks } = deps.storage
  const nextTryAt = now + Math.max(retryPauseMs(delivery.tries, Math.random()), result.retryAfterMs ?? 0)
  const isOver = nextTryAt - delivery.createdAt > giveUpAfterMs
  if (isOver) await webhooks.settleDelivery(delivery.id, "failed", { ...result, at: now })
  else await webhooks.retryDelivery(delivery.id, nextTryAt, result)
  const failures = endpoint.failures + 1
  const restUntil = now + Math.max(restMs(failures), result.retryAfterMs ?? 0)
  await webhooks.noteFailure(endpoint.id, { now, failures, restUntil })
  deps.metrics.webhookTried(isOver ? "failed" : "retried")
  const reason = disabledFor(endpoint, result, now)
  if (reason !== undefined) await disable(deps, endpoint, reason)
}

function disabledFor(
  { failingSince }: WebhookEndpoint,
  { outcome }: TryResult,
  now: number,
): string | undefined {
  if (outcome === "gone") return "it answered 410 Gone"
  return failingSince !== null && now - failingSince >= disableAfterMs
    ? "every delivery has failed for five days"
    : undefined
}

async function disable(deps: DeliveryDependencies, endpoint: WebhookEndpoint, reason: string): Promise<void> {
  if (!(await deps.storage.webhooks.disable(endpoint.id, reason, deps.clock.now()))) return
  await deps.audit.record({
    workspaceId: endpoint.workspaceId,
    appId: endpoint.appId,
    actor: "system",
    action: "webhook.disable",
    target: endpoint.id,
    outcome: reason,
  })
  deps.log.warn({ webhookId: endpoint.id, reason }, "a webhook endpoint was disabled")
}
