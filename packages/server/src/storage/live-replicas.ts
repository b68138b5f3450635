/**
 * How many processes share the database just now. Each writes that it lives and counts the others; nothing else is
 * agreed on between them. Whatever is limited for all of them together is divided by that number.
 */
import type { Log } from "../log.ts"
import { newId } from "../random.ts"
import type { Storage } from "./storage.ts"

export interface LiveReplicas {
  /** At least 1. While the database is away: as many as there were last. */
  count(): number
  /** Resolves when this one has been in the count for so long that every other has counted it. */
  readonly known: Promise<void>
  /** Tells the others that this one is gone. */
  close(): Promise<void>
}

/** One process owns an SQLite file. */
export const onlyReplica: LiveReplicas = {
  count: () => 1,
  known: Promise.resolve(),
  close: async () => undefined,
}

export interface ReplicaTimes {
  readonly everyMs: number
  /** A few missed beats: one that is busy is not dead. */
  readonly liveForMs: number
}

const usualTimes: ReplicaTimes = { everyMs: 2_000, liveForMs: 10_000 }

/** Counted once before it returns. */
export async function joinReplicas(
  { replicas }: Pick<Storage, "replicas">,
  log: Pick<Log, "warn">,
  { everyMs, liveForMs }: ReplicaTimes = usualTimes,
): Promise<LiveReplicas> {
  const id = newId("rep")
  const known = Promise.withResolvers<void>()
  let live = await replicas.beat(id, liveForMs)
  let beating: Promise<void> | undefined

  async function beat(): Promise<void> {
    try {
      live = Math.max(1, await replicas.beat(id, liveForMs))
    } catch (error) {
      log.warn({ err: error, replicas: live }, "the replicas could not be counted")
    }
  }

  const timer = setInterval(() => {
    beating ??= beat().finally(() => (beating = undefined))
  }, everyMs)
  const settled = setTimeout(known.resolve, everyMs * 1.5)
  timer.unref()
  settled.unref()
  return {
    count: () => live,
    known: known.promise,
    async close() {
      clearInterval(timer)
      clearTimeout(settled)
      known.resolve()
      await beating
      try {
        await replicas.leave(id)
      } catch (error) {
        log.warn({ err: error }, "the other replicas will miss this one in a few seconds")
      }
    },
  }
}
