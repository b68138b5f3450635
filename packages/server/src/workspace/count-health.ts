/** A workspace's connections, counted for every page that watches them. */
import type { Services } from "../services.ts"
import type { ConnectionCounts } from "../storage/stores/connections.ts"

export interface CountedHealth {
  readonly countedAt: number
  readonly counts: readonly ConnectionCounts[]
}

export type CountHealth = (workspaceId: string) => Promise<CountedHealth>

const hourMs = 3_600_000
/** An answer is kept this many times as long as it took to count: however many pages ask, counting takes a twentieth. */
const keptPerCounting = 20
/** What is counted sooner is counted anew each time. */
const worthKeepingMs = 10
const maxKeptMs = 30_000

/** One count at a time per workspace, for whoever asks meanwhile. */
export function createCountHealth({ clock, storage }: Pick<Services, "clock" | "storage">): CountHealth {
  const known = new Map<string, Promise<CountedHealth>>()

  async function count(workspaceId: string): Promise<CountedHealth> {
    const now = clock.now()
    const counts = await storage.connections.countHealth(workspaceId, { now, refreshedSince: now - hourMs })
    return { countedAt: now, counts }
  }

  function forget(workspaceId: string, tookMs: number): void {
    const forMs = Math.min(tookMs * keptPerCounting, maxKeptMs)
    if (tookMs < worthKeepingMs) known.delete(workspaceId)
    else setTimeout(() => known.delete(workspaceId), forMs).unref()
  }

  return (workspaceId) => {
    const found = known.get(workspaceId)
    if (found) return found
    const startedAt = performance.now()
    const counting = count(workspaceId)
    known.set(workspaceId, counting)
    counting.then(
      () => forget(workspaceId, performance.now() - startedAt),
      () => known.delete(workspaceId),
    )
    return counting
  }
}
