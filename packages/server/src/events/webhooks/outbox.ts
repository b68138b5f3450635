/**
 * Works through the deliveries that are due, each endpoint by itself: one that hangs or fails delays no other. A failing
 * endpoint is sent one message at a time, and rests in between.
 */
import type { WebhookDelivery, WebhookEndpoint } from "../../storage/stores/webhooks.ts"
import { deliver, type DeliveryDependencies, holdMs } from "./deliver.ts"
import { giveUpAfterMs, keepMs } from "./schedule.ts"

export interface WebhookOutbox {
  close(): Promise<void>
}

/** Endpoints that are worked on at the same time. */
const maxEndpoints = 100
/** Messages that are on their way to one endpoint at the same time. */
const perEndpoint = 4
const sweepIntervalMs = 60_000

export function startWebhookOutbox(deps: DeliveryDependencies, intervalMs: number): WebhookOutbox {
  const working = new Map<string, Promise<void>>()
  let passing: Promise<void> | undefined
  let stopping = false
  /** Where the next pass goes on: with more endpoints than a pass takes, each gets its turn. */
  let after = ""

  async function pass(): Promise<void> {
    const limit = maxEndpoints - working.size
    if (limit <= 0) return
    const due = await deps.storage.webhooks.listDueEndpoints({ now: deps.clock.now(), after, limit })
    after = due.length === limit ? (due.at(-1)?.id ?? "") : ""
    for (const endpoint of due) if (!working.has(endpoint.id)) work(endpoint)
  }

  function work(endpoint: WebhookEndpoint): void {
    const run = workThrough(deps, endpoint, () => stopping)
      .catch((error: unknown) =>
        deps.log.error(
          { err: error, webhookId: endpoint.id },
          "webhook deliveries could not be worked through",
        ),
      )
      .finally(() => working.delete(endpoint.id))
    working.set(endpoint.id, run)
  }

  function runOnce(): void {
    if (stopping) return
    passing ??= pass()
      .catch((error: unknown) => deps.log.error({ err: error }, "the webhook outbox could not work"))
      .finally(() => (passing = undefined))
  }

  const timers = [
    setInterval(runOnce, intervalMs).unref(),
    setInterval(() => void sweep(deps), sweepIntervalMs).unref(),
  ]
  return {
    async close() {
      stopping = true
      for (const timer of timers) clearInterval(timer)
      await passing
      await Promise.all(working.values())
    },
  }
}

async function workThrough(
  deps: DeliveryDependencies,
  endpoint: WebhookEndpoint,
  isStopping: () => boolean,
): Promise<void> {
  if (endpoint.failures > 0) return probe(deps, endpoint)
  while (!isStopping()) {
    const taken = await takeDue(deps, endpoint, perEndpoint)
    const arrived = await Promise.all(taken.map((delivery) => deliver(deps, endpoint, delivery)))
    if (taken.length < perEndpoint || arrived.includes(false)) return
  }
}

/** Whether it works again: one message, from one replica. */
async function probe(deps: DeliveryDependencies, endpoint: WebhookEndpoint): Promise<void> {
  if (!(await deps.storage.webhooks.claimFailing(endpoint, deps.clock.now() + holdMs))) return
  const [delivery] = await takeDue(deps, endpoint, 1)
  if (delivery) await deliver(deps, endpoint, delivery)
}

function takeDue(
  { clock, storage }: DeliveryDependencies,
  { id }: WebhookEndpoint,
  limit: number,
): Promise<readonly WebhookDelivery[]> {
  return storage.webhooks.takeDue({ endpointId: id, now: clock.now(), holdMs, limit })
}

/** Never rejects: with the database away the next one does it. */
async function sweep({ clock, log, metrics, storage }: DeliveryDependencies): Promise<void> {
  const now = clock.now()
  try {
    const given = await storage.webhooks.failOld(now - giveUpAfterMs, now)
    for (let count = 0; count < given; count += 1) metrics.webhookTried("failed")
    await storage.webhooks.deleteSettled(now - keepMs)
    await storage.webhooks.deleteEndpointsOfGoneApps()
  } catch (error) {
    log.error({ err: error }, "webhook deliveries could not be swept")
  }
}
