/**
 * How refreshes went, per workspace, connector type and outcome. Summed in memory and added to the database every few
 * seconds, so that a refresh costs no further write, and whatever process is asked answers for all of them.
 */
import type { Log } from "../log.ts"
import { StorageUnavailable } from "../storage/storage.ts"
import type { RefreshCount, RefreshOutcomeStore } from "../storage/stores/refresh-outcomes.ts"

export const bucketMs = 5 * 60_000
export const keptMs = 7 * 24 * 3_600_000

export interface RefreshOutcomes {
  /** One call to a provider's token endpoint. */
  count(workspaceId: string, type: string, outcome: string): void
  /** Never rejects. */
  flush(): Promise<void>
  /** Writes what is left and stops. */
  close(): Promise<void>
}

interface Options {
  readonly store: RefreshOutcomeStore
  readonly now: () => number
  readonly log: Log
  readonly intervalMs: number
}

/** Beyond this many sums a database that stays away would fill the memory. */
const maxWaiting = 20_000
const sweepIntervalMs = 10 * 60_000

type Sum = { -readonly [Name in keyof RefreshCount]: RefreshCount[Name] }

export function createRefreshOutcomes({ intervalMs, log, now, store }: Options): RefreshOutcomes {
  let sums = new Map<string, Sum>()
  let writing: Promise<void> = Promise.resolve()

  function add(given: RefreshCount): void {
    const key = `${given.workspaceId} ${given.bucketAt} ${given.type} ${given.outcome}`
    const sum = sums.get(key)
    if (sum) sum.count += given.count
    else if (sums.size < maxWaiting) sums.set(key, { ...given })
  }

  async function write(): Promise<void> {
    if (sums.size === 0) return
    const batch = [...sums.values()]
    sums = new Map()
    try {
      await store.add(batch)
    } catch (error) {
      // What may have been added all the same is not added again: rather a few too few than too many.
      const kept = error instanceof StorageUnavailable && error.outcome === "not_applied"
      if (kept) for (const sum of batch) add(sum)
      log.error({ err: error, sums: batch.length, kept }, "counts of refreshes could not be written")
    }
  }

  async function sweep(): Promise<void> {
    try {
      await store.forget(now() - keptMs)
    } catch (error) {
      log.error({ err: error }, "old counts of refreshes could not be forgotten")
    }
  }

  function flush(): Promise<void> {
    writing = writing.then(write)
    return writing
  }

  const timers = [
    setInterval(() => void flush(), intervalMs).unref(),
    setInterval(() => void sweep(), sweepIntervalMs).unref(),
  ]
  return {
    count(workspaceId, type, outcome) {
      const at = now()
      add({ workspaceId, type, outcome, bucketAt: at - (at % bucketMs), count: 1 })
    },
    flush,
    async close() {
      for (const timer of timers) clearInterval(timer)
      await flush()
    },
  }
}
