/** Connections that wait for another request to the same origin: few, and only while they are alive. */
import { createLane, type Lane, type OpenSocket } from "./lane.ts"

export interface Lanes {
  /** An idle connection to the URL's origin, else one that opens with its first request. */
  take(url: URL): Lane
  /** After a complete answer; a lane whose request failed is destroyed instead. */
  giveBack(lane: Lane): void
  destroy(): void
}

export interface LaneLimits {
  readonly maxIdlePerOrigin: number
  readonly maxIdle: number
}

const defaultLimits: LaneLimits = { maxIdlePerOrigin: 64, maxIdle: 256 }

export function createLanes(open: OpenSocket, limits: LaneLimits = defaultLimits): Lanes {
  const idle = new Map<string, Lane[]>()
  let count = 0

  function forget(lane: Lane): void {
    const waiting = idle.get(lane.origin)
    const position = waiting?.indexOf(lane) ?? -1
    if (!waiting || position < 0) return
    waiting.splice(position, 1)
    count--
    if (waiting.length === 0) idle.delete(lane.origin)
  }

  return {
    take(url) {
      // The one used last is the least likely to be closed by the peer just now.
      const lane = idle.get(url.origin)?.at(-1)
      if (!lane) return createLane(url, open, forget)
      forget(lane)
      return lane
    },
    giveBack(lane) {
      const waiting = idle.get(lane.origin) ?? []
      if (!lane.isConnected() || count >= limits.maxIdle || waiting.length >= limits.maxIdlePerOrigin) {
        lane.destroy()
        return
      }
      waiting.push(lane)
      idle.set(lane.origin, waiting)
      count++
    },
    destroy() {
      for (const lane of [...idle.values()].flat()) lane.destroy()
      idle.clear()
      count = 0
    },
  }
}
