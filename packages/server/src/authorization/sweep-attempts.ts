/** Ends attempts that nobody finished: a grant that waited for an answer is revoked, old ones are forgotten. */
import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores.ts"
import { CredentialUnreadable } from "../vault/vault.ts"
import { openHeldGrant } from "./answer-replacement.ts"
import { discardGrant } from "./discard-grant.ts"

const batch = 100
const keepMs = 24 * 3_600_000

type Dependencies = Pick<Services, "storage" | "vault" | "clock" | "log">

export async function sweepAttempts(deps: Dependencies): Promise<void> {
  for (const attempt of await deps.storage.attempts.expireStale(deps.clock.now(), batch)) {
    if (attempt.sealedGrant !== null) await discardHeld(deps, attempt, attempt.sealedGrant)
  }
  await deps.storage.attempts.deleteEnded(deps.clock.now() - keepMs)
}

/** A grant that does not open cannot be revoked by anybody; it must not keep the others from being revoked. */
async function discardHeld(deps: Dependencies, attempt: Attempt, sealedGrant: Uint8Array): Promise<void> {
  try {
    await discardGrant(deps, attempt, await openHeldGrant(deps, attempt, sealedGrant))
  } catch (error) {
    if (!(error instanceof CredentialUnreadable)) throw error
    deps.log.error(
      { err: error, attemptId: attempt.id },
      "a held grant cannot be opened and stays alive at the provider",
    )
  }
}

export function startAttemptSweeper(deps: Dependencies, intervalMs: number): { close(): void } {
  const timer = setInterval(() => {
    sweepAttempts(deps).catch((error: unknown) =>
      deps.log.error({ err: error }, "attempts could not be swept"),
    )
  }, intervalMs)
  timer.unref()
  return { close: () => clearInterval(timer) }
}
