/**
 * Refreshes tokens before anybody has to wait for them: what is due is leased in batches, no faster than each OAuth
 * client's rate allows, and no more at once than this process has room for. Replicas share the work and the rate; what
 * a replica leaves undone when it dies is free again when its leases end.
 */
import type { Services } from "../services.ts"
import { atHand, bucketOfOne, type Rate, shareOf, take } from "../limits/token-bucket.ts"
import type { DueClient } from "../storage/stores/connections.ts"
import { type HeldLease, newLease } from "./leased-refresh.ts"
import { oauthClientKey } from "./oauth-client-key.ts"

export type RefreshAheadDependencies = Pick<
  Services,
  "catalog" | "clock" | "config" | "log" | "refresher" | "replicas" | "storage"
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
const mostAtOnce = 128
/** For one of them, so that one whose provider hangs leaves room for the others. */
const mostOfOne = 64
/** Where nothing of a client is under way, something may begin, however many others hang. */
const leastOfOne = 2
/**
 * What a rate allows is begun in portions of this long: a second's worth at once would keep this thread busy while
 * callers wait.
 */
const portionMs = 100
const idlePauseMs = 1_000
const busyPauseMs = 25
/** What is due is looked for this often while it is worked off: it goes through an index full of what was due before. */
const listedForMs = 250

export function startRefreshAhead(deps: RefreshAheadDependencies): RefreshAhead {
  const queues = new Map<string, ClientQueue>()
  let underWay = 0
  let closed = false
  let lastListed: { readonly at: number; readonly clients: readonly DueClient[] } | undefined
  let timer: NodeJS.Timeout | undefined
  let running: Promise<PassResult> | undefined

  const portion: Rate = { count: (deps.config.refreshRate * portionMs) / 1_000, windowMs: portionMs }
  const rate = () => shareOf(portion, deps.replicas.count())

  async function list(): Promise<readonly DueClient[]> {
    const at = performance.now()
    const clients = await deps.storage.connections.listDueClients(deps.clock.now())
    lastListed = { at, clients }
    return clients
  }

  function queueOf(client: DueClient): ClientQueue {
    const key = oauthClientKey(deps.catalog, client)
    const known = queues.get(key)
    if (known) return known
    const queue = { key, fullAt: bucketOfOne(rate(), performance.now()), underWay: 0, newestNext: false }
    queues.set(key, queue)
    return queue
  }

  async function pass(listed: readonly DueClient[] | undefined): Promise<PassResult> {
    const clients = shuffled(listed ?? (await list()))
    let begun = 0
    for (const [index, client] of clients.entries()) {
      const share = Math.ceil((mostAtOnce - underWay) / (clients.length - index))
      if (!closed) begun += await beginSome(client, share)
    }
    return { begun, clients: clients.length }
  }

  async function beginSome(client: DueClient, share: number): Promise<number> {
    const queue = queueOf(client)
    const allowance = deps.refresher.circuits.allowance(queue.key, deps.clock.now())
    const room = Math.max(Math.min(share, mostOfOne - queue.underWay), leastOfOne - queue.underWay)
    const limit = Math.min(room, allowance, atHand(queue.fullAt, rate(), performance.now()))
    if (limit < 1) return 0
    const lease = newLease(deps.config)
    const leased = await deps.storage.connections.leaseDue({
      client,
      now: deps.clock.now(),
      limit,
      newestFirst: queue.newestNext,
      leaseOwner: lease.owner,
      leaseMs: lease.leaseMs,
    })
    queue.newestNext = !queue.newestNext
    queue.fullAt = take(queue.fullAt, rate(), performance.now(), leased.length)
    for (const connection of leased) begin(queue, { ...lease, connection })
    return leased.length
  }

  function begin(queue: ClientQueue, lease: HeldLease): void {
    underWay += 1
    queue.underWay += 1
    void deps.refresher.refreshAhead(lease).finally(() => {
      underWay -= 1
      queue.underWay -= 1
    })
  }

  function run(listed?: readonly DueClient[]): Promise<PassResult> {
    running ??= pass(listed)
      .catch((error: unknown) => {
        deps.log.warn({ err: error }, "what is due could not be looked for")
        return { begun: 0, clients: 0 }
      })
      .finally(() => (running = undefined))
    return running
  }

  function stillListed(): readonly DueClient[] | undefined {
    if (lastListed === undefined || lastListed.clients.length === 0) return undefined
    return performance.now() - lastListed.at < listedForMs ? lastListed.clients : undefined
  }

  function schedule(pauseMs: number): void {
    if (closed) return
    timer = setTimeout(() => {
      void run(stillListed()).then((result) => schedule(result.clients === 0 ? idlePauseMs : busyPauseMs))
    }, pauseMs)
    timer.unref()
  }

  // Before the others count this one, its share is theirs.
  void deps.replicas.known.then(() => schedule(idlePauseMs))
  return {
    runOnce: () => run(),
    async close() {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}

/** One OAuth client's: the types of a family share it. */
interface ClientQueue {
  readonly key: string
  /** The bucket of its rate. */
  fullAt: number
  underWay: number
  /**
   * Batches are taken from either end in turn. Where more is due than the rate allows, a workspace with a hundred
   * thousand due connections of a client that all share would otherwise be ahead of whatever becomes due after them.
   */
  newestNext: boolean
}

/** No client is always the first to get what room there is. */
function shuffled<T>(values: readonly T[]): readonly T[] {
  return values
    .map((value) => ({ value, order: Math.random() }))
    .sort((one, other) => one.order - other.order)
    .map(({ value }) => value)
}
