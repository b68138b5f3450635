/** Ends attempts that nobody finished: a grant that waited for an answer is revoked, old ones are forgotten. */
import type { Services } from "../services.ts"
import { openHeldGrant } from "./answer-replacement.ts"
import { discardGrant } from "./discard-grant.ts"

const batch = 100
const keepMs = 24 * 3_600_000

type Dependencies = Pick<Services, "storage" | "vault" | "clock" | "log">

export async function sweepAttempts(deps: Dependencies): Promise<void> {
  for (const attempt of await deps.storage.attempts.expireStale(deps.clock.now(), batch)) {
    if (attempt.sealedGrant === null) continue
    await discardGrant(deps, attempt, await openHeldGrant(deps, attempt, attempt.sealedGrant))
  }
  await deps.storage.attempts.deleteEnded(deps.clock.now() - keepMs)
}

export function startAttemptSweeper(deps: Dependencies, intervalMs: number): { close(): void } {
  const timer = setInterval(() => {
    sweepAttempts(deps).catch((error: unknown) => deps.log.error({ err: error }, "attempts could not be swept"))
  }, intervalMs)
  timer.unref()
  return { close: () => clearInterval(timer) }
}
