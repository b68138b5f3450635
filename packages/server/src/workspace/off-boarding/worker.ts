/** Every replica looks for jobs and closures that nobody works on: what one leaves behind, another one goes on with. */
import { newId } from "../../random.ts"
import type { Services } from "../../services.ts"
import { runJob } from "./run-job.ts"
import { workOnClosure } from "./work-on-closure.ts"

/** Longer than a batch takes; what a lost replica had is taken over after it. */
const leaseMs = 15_000
/** How long a closure that waits for its providers is left alone. */
const lookAgainMs = 1_000
/** Other replicas write what they have in memory, audit events for one, a little later. */
const sweepMs = 3_600_000
/** In passes. */
const sweepEvery = 60

export function startOffBoarding(services: Services, intervalMs: number): { close(): Promise<void> } {
  let stopping = false
  let running: Promise<void> | undefined
  const isStopping = () => stopping

  async function pass(): Promise<void> {
    await runJobs(services, isStopping)
    await workOnClosures(services, isStopping)
  }

  function runOnce(work: () => Promise<void>): void {
    if (stopping) return
    running ??= work()
      .catch((error: unknown) => services.log.error({ err: error }, "off-boarding could not go on"))
      .finally(() => (running = undefined))
  }

  const timers = [
    setInterval(() => runOnce(pass), intervalMs).unref(),
    setInterval(() => runOnce(() => sweepShredded(services)), intervalMs * sweepEvery).unref(),
  ]
  return {
    async close() {
      stopping = true
      for (const timer of timers) clearInterval(timer)
      await running
    },
  }
}

async function runJobs(services: Services, isStopping: () => boolean): Promise<void> {
  while (!isStopping()) {
    const owner = newId("lease")
    const job = await services.storage.disconnectJobs.takeNext(owner, leaseMs)
    if (!job) return
    await runJob(services, job, { owner, leaseMs, isStopping })
  }
}

async function workOnClosures(services: Services, isStopping: () => boolean): Promise<void> {
  const { closures } = services.storage
  while (!isStopping()) {
    const owner = newId("lease")
    const closure = await closures.takeNext(owner, lookAgainMs)
    if (!closure) return
    await workOnClosure(services, closure, () => closures.renew(closure.id, owner, leaseMs))
  }
}

/** Tables that do not refer to the workspace take its rows after it is gone. */
async function sweepShredded({ clock, storage }: Services): Promise<void> {
  for (const workspaceId of await storage.closures.listShreddedSince(clock.now() - sweepMs)) {
    let removed = 1
    while (removed > 0) removed = await storage.tenantRows.removeSome(workspaceId, 500)
  }
}
