/** Works through the revocations that could not be settled at once. */
import type { Revocation } from "../storage/stores/revocations.ts"
import { type RevocationDependencies, revocationHoldMs, settleRevocation } from "./settle-revocation.ts"

export interface Outbox {
  /** Works until nothing is due. */
  runOnce(): Promise<void>
  close(): Promise<void>
}

const batch = 20

export function startRevocationOutbox(deps: RevocationDependencies, intervalMs: number): Outbox {
  let running: Promise<void> | undefined
  let closing = false

  async function pass(): Promise<void> {
    let taken = batch
    // A job that ends thousands of connections must not wait a pause for each few of them.
    while (taken === batch && !closing && !deps.quarantine.active) {
      const due = await deps.storage.revocations.takeDue(
        deps.clock.now(),
        revocationHoldMs(deps.config),
        batch,
      )
      // All at once: one provider that hangs must not keep the others waiting until their hold is over.
      await Promise.all(due.map((revocation) => settleOne(deps, revocation)))
      taken = due.length
    }
  }

  function runOnce(): Promise<void> {
    running ??= pass()
      .catch((error: unknown) => deps.log.error({ err: error }, "the revocation outbox could not work"))
      .finally(() => (running = undefined))
    return running
  }

  const timer = setInterval(() => void runOnce(), intervalMs)
  timer.unref()
  return {
    runOnce,
    async close() {
      closing = true
      clearInterval(timer)
      await running
    },
  }
}

/** What fails here comes back when its hold is over, and keeps nobody else from being settled. */
async function settleOne(deps: RevocationDependencies, revocation: Revocation): Promise<void> {
  try {
    const outcome = await settleRevocation(deps, revocation)
    deps.log.info({ revocationId: revocation.id, type: revocation.type, outcome }, "a revocation was tried")
  } catch (error) {
    deps.log.error(
      { err: error, revocationId: revocation.id, type: revocation.type },
      "a revocation could not be tried",
    )
  }
}
