/**
 * Everybody in this process who waits for a connection to move. They are told of what moves, and one poller for all of
 * them looks for what nobody told: a lease that ended with its process, a notice that was lost.
 */
import type { ConnectionWatch } from "./storage.ts"
import type { ConnectionFence } from "./stores/connections.ts"

/** How a watched connection stands. */
export interface WatchedState {
  readonly id: string
  readonly generation: number
  readonly version: number
  readonly isLeased: boolean
}

/** @returns undefined for ids that are gone */
export type ReadWatched = (ids: readonly string[]) => Promise<readonly WatchedState[]>

export interface ConnectionWatches {
  readonly watch: (connection: ConnectionFence) => ConnectionWatch
  readonly moved: (id: string) => void
  /** Something may have been missed: everybody looks. */
  readonly anyMoved: () => void
  close(): void
}

interface Watcher {
  readonly fence: ConnectionFence
  readonly wake: () => void
}

export const pollMs = 250

export function createConnectionWatches(read: ReadWatched): ConnectionWatches {
  const watchers = new Map<string, Set<Watcher>>()
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function wake(id: string, isMeant: (watcher: Watcher) => boolean = () => true): void {
    for (const watcher of watchers.get(id) ?? []) if (isMeant(watcher)) watcher.wake()
  }

  function anyMoved(): void {
    for (const id of watchers.keys()) wake(id)
  }

  async function poll(): Promise<void> {
    const states = new Map((await read([...watchers.keys()])).map((state) => [state.id, state]))
    for (const id of watchers.keys()) {
      const state = states.get(id)
      wake(id, ({ fence }) => !state || !state.isLeased || hasMoved(fence, state))
    }
  }

  function schedule(): void {
    if (timer !== undefined || watchers.size === 0 || closed) return
    timer = setTimeout(() => {
      // With the database away everybody looks, and hears of it.
      void poll()
        .catch(anyMoved)
        .finally(() => {
          timer = undefined
          schedule()
        })
    }, pollMs)
    timer.unref()
  }

  return {
    watch(fence) {
      const { promise: moved, resolve: wakeUp } = Promise.withResolvers<void>()
      const watcher: Watcher = { fence, wake: wakeUp }
      const others = watchers.get(fence.id) ?? new Set()
      watchers.set(fence.id, others.add(watcher))
      schedule()
      const end = (): void => {
        others.delete(watcher)
        if (others.size === 0 && watchers.get(fence.id) === others) watchers.delete(fence.id)
      }
      return { moved, end }
    },
    moved: (id) => wake(id),
    anyMoved,
    close() {
      closed = true
      clearTimeout(timer)
      anyMoved()
    },
  }
}

function hasMoved(fence: ConnectionFence, state: WatchedState): boolean {
  return fence.generation !== state.generation || fence.version !== state.version
}
