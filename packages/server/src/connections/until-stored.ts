/** Tries a write until the database takes it, and the key service what has to be sealed for it. */
import { setTimeout as sleep } from "node:timers/promises"
import { isAway } from "./is-away.ts"

export interface Patience {
  /** Ends the tries: the server stops and can wait no longer. */
  readonly signal: AbortSignal
  /** Ends them too; absent: as long as it takes. */
  readonly forMs?: number
}

const pauseMs = 250

/**
 * @param write must be good to be tried again after an outcome that is not known
 * @throws StorageUnavailable, MasterKeyUnavailable when patience ended first; at once what is not their absence
 */
export async function untilStored<T>(write: () => Promise<T>, { forMs, signal }: Patience): Promise<T> {
  const endAt = forMs === undefined ? Infinity : performance.now() + forMs
  for (;;) {
    try {
      return await write()
    } catch (error) {
      if (!isAway(error) || signal.aborted || performance.now() >= endAt) throw error
    }
    await pause(signal)
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  try {
    await sleep(pauseMs, undefined, { signal })
  } catch (error) {
    // One last try follows.
    if (!signal.aborted) throw error
  }
}
