/** Ends attempts that nobody finished: a grant that waited for an answer is revoked, old ones are forgotten. */
import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import type { Revocation } from "../storage/stores/revocations.ts"
import { CredentialUnreadable } from "../vault/vault.ts"
import { revocationOfGrant } from "./discard-grant.ts"
import { openHeldGrant } from "./held-grant.ts"

const batch = 100
const keepMs = 24 * 3_600_000

type Dependencies = Pick<Services, "storage" | "vault" | "clock" | "log">

export async function sweepAttempts(deps: Dependencies): Promise<void> {
  const now = deps.clock.now()
  const stale = await deps.storage.attempts.listStale(now, batch)
  const revocations = new Map<string, Revocation>()
  for (const attempt of stale) {
    const revocation = attempt.sealedGrant && (await revocationOfHeld(deps, attempt, attempt.sealedGrant))
    if (revocation) revocations.set(attempt.id, revocation)
  }
  await end(deps, stale, revocations, now)
  await deps.storage.attempts.deleteEnded(now - keepMs)
}

/** Together: whatever interrupts it, no grant is forgotten that nobody has been told to revoke. */
async function end(
  deps: Dependencies,
  stale: readonly Attempt[],
  revocations: ReadonlyMap<string, Revocation>,
  now: number,
): Promise<void> {
  if (stale.length === 0) return
  await deps.storage.transaction(async (stores) => {
    const ended = await stores.attempts.expire(
      stale.map(({ id }) => id),
      now,
    )
    for (const id of ended) {
      const revocation = revocations.get(id)
      if (revocation) await stores.revocations.insert(revocation)
    }
  })
}

/** A grant that does not open cannot be revoked by anybody; it must not keep the others from being revoked. */
async function revocationOfHeld(
  deps: Dependencies,
  attempt: Attempt,
  sealedGrant: Uint8Array,
): Promise<Revocation | null> {
  try {
    return await revocationOfGrant(deps, attempt, await openHeldGrant(deps, attempt, sealedGrant))
  } catch (error) {
    if (!(error instanceof CredentialUnreadable)) throw error
    deps.log.error(
      { err: error, attemptId: attempt.id },
      "a held grant cannot be opened and stays alive at the provider",
    )
    return null
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
