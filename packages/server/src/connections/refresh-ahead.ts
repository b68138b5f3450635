/**
 * Refreshes tokens before anybody has to wait for them: what is due is leased in batches, no faster than each OAuth
 * client's rate allows, and no more at once than this process has room for. Replicas share the work; what a replica
 * leaves undone when it dies is free again when its leases end.
 */
import type { Services } from "../services.ts"
import type { DueClient } from "../storage/stores/connections.ts"
import { newLease } from "./leased-refresh.ts"
import { oauthClientKey } from "./oauth-client-key.ts"
import { createTokenBucket, type TokenBucket } from "./token-bucket.ts"

export type RefreshAheadDependencies = Pick<
  Services,
  "catalog" | "clock" | "config" | "log" | "refresher" | "storage"
>

export interface RefreshAhead {
  /** One pass: leases what is due and has room, and begins to refresh it. */
  runOnce(): Promise<PassResult>
  /** Begins no more; what is under way is the refresher's to end. */
  close(): Promise<void>
}

export interface PassResult {
  readonly begun: number
  /** OAuth clients that had something due when the pass began. */
  readonly clients: number
}

/** Calls that may be under way at once, over all OAuth clients. */
const mostAtOnce = 64
const idlePauseMs = 1_000
/** Something is due and has to wait for its rate, or for its provider. */
const limitedPauseMs = 250
const busyPauseMs = 25

export function startRefreshAhead(deps: RefreshAheadDependencies): RefreshAhead {
  const buckets = new Map<string, TokenBucket>()
  let underWay = 0
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<PassResult> | undefined

  function bucketOf(client: DueClient): TokenBucket {
    const key = oauthClientKey(deps.catalog, client)
    const bucket = buckets.get(key) ?? createTokenBucket(deps.config.refreshRate, performance.now())
    buckets.set(key, bucket)
    return bucket
  }

  async function pass(): Promise<PassResult> {
    const clients = shuffled(await deps.storage.connections.listDueClients(deps.clock.now()))
    let begun = 0
    for (const [index, client] of clients.entries()) {
      const room = Math.ceil((mostAtOnce - underWay) / (clients.length - index))
      if (room > 0 && !closed) begun += await beginSome(client, room)
    }
    return { begun, clients: clients.length }
  }

  async function beginSome(client: DueClient, room: number): Promise<number> {
    const bucket = bucketOf(client)
    const allowance = deps.refresher.circuits.allowance(
      oauthClientKey(deps.catalog, client),
      deps.clock.now(),
    )
    const limit = Math.min(room, allowance, bucket.available(performance.now()))
    if (limit < 1) return 0
    const lease = newLease(deps.config)
    const { leaseMs, owner: leaseOwner } = lease
    const now = deps.clock.now()
    const leased = await deps.storage.connections.leaseDue({ client, now, limit, leaseOwner, leaseMs })
    bucket.take(leased.length)
    underWay += leased.length
    for (const connection of leased) {
      void deps.refresher.refreshAhead({ ...lease, connection }).finally(() => (underWay -= 1))
    }
    return leased.length
  }

  function runOnce(): Promise<PassResult> {
    running ??= pass()
      .catch((error: unknown) => {
        deps.log.warn({ err: error }, "what is due could not be looked for")
        return { begun: 0, clients: 0 }
      })
      .finally(() => (running = undefined))
    return running
  }

  function pauseAfter({ begun, clients }: PassResult): number {
    if (clients === 0) return idlePauseMs
    return begun > 0 || underWay >= mostAtOnce ? busyPauseMs : limitedPauseMs
  }

  function schedule(pauseMs: number): void {
    if (closed) return
    timer = setTimeout(() => {
      void runOnce().then((result) => schedule(pauseAfter(result)))
    }, pauseMs)
    timer.unref()
  }

  schedule(idlePauseMs)
  return {
    runOnce,
    async close() {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}

/** No client is always the first to get what room there is. */
function shuffled<T>(values: readonly T[]): readonly T[] {
  return values
    .map((value) => ({ value, order: Math.random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ value }) => value)
}
