/** Works through the revocations that could not be settled at once. */
import type { Services } from "../services.ts"
import { settleRevocation } from "./settle-revocation.ts"

type Dependencies = Pick<Services, "storage" | "vault" | "clock" | "clients" | "protocol" | "log" | "config">

export interface Outbox {
  /** One pass over what is due. */
  runOnce(): Promise<void>
  close(): Promise<void>
}

const batch = 20

export function startRevocationOutbox(deps: Dependencies, intervalMs: number): Outbox {
  let running: Promise<void> | undefined

  async function pass(): Promise<void> {
    const holdMs = deps.config.providerTimeoutMs * 2
    for (const revocation of await deps.storage.revocations.takeDue(deps.clock.now(), holdMs, batch)) {
      await settleRevocation(deps, revocation)
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
      clearInterval(timer)
      await running
    },
  }
}
