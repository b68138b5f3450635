/**
 * Replicas whose clocks differ would disagree on when a token dies, and one of them would hand out dead ones. So all of
 * them tell the time by the database they share.
 */
import type { Log } from "../log.ts"
import type { Storage } from "./storage.ts"

export interface DatabaseClock {
  /** Milliseconds since the epoch, by the database's clock. */
  now(): number
  close(): void
}

const everyMs = 10_000
/** Less than this is the network's doing, and makes no difference to anybody. */
const toleratedMs = 1_000

/** Measured once before it returns. */
export async function startDatabaseClock(
  storage: Pick<Storage, "clockSkewMs">,
  log: Pick<Log, "warn">,
): Promise<DatabaseClock> {
  let skewMs = 0

  async function measure(): Promise<void> {
    const measuredMs = await storage.clockSkewMs()
    const next = Math.abs(measuredMs) < toleratedMs ? 0 : measuredMs
    if (Math.abs(next - skewMs) >= toleratedMs)
      log.warn({ skewMs: next }, "this machine's clock differs from the database's, which counts")
    skewMs = next
  }

  await measure()
  const timer = setInterval(() => {
    // With the database away the last measure goes on.
    measure().catch((error: unknown) => log.warn({ err: error }, "the database's clock could not be read"))
  }, everyMs)
  timer.unref()
  return { now: () => Date.now() + skewMs, close: () => clearInterval(timer) }
}
