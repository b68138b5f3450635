/** Takes a workspace that is being closed one step further: disconnected, revoked, shredded. */
import { sweepAttempts } from "../../authorization/sweep-attempts.ts"
import type { Services } from "../../services.ts"
import type { ClosureSummary, WorkspaceClosure } from "../../storage/stores/workspace-closures.ts"
import { everything } from "./covers.ts"
import { revocationSums } from "./describe-job.ts"
import { shredWorkspace } from "./shred-workspace.ts"

/** @param renewLease false: somebody else has it */
export async function workOnClosure(
  services: Services,
  closure: WorkspaceClosure,
  renewLease: () => Promise<boolean>,
): Promise<void> {
  const isPatient = !closure.isForced && services.clock.now() < closure.giveUpAt
  if (isPatient && !(await isRevoked(services, closure))) return
  // Before its rows go: what is told of it must not depend on how often this is tried.
  await services.storage.closures.noteSummary(closure.id, await summaryOf(services, closure))
  // What this process still has to write of it goes with the rest.
  await services.audit.flush()
  await shredWorkspace(services, closure, renewLease)
}

/** Whether every grant has been told to its provider, also those that were on their way when it was closed. */
async function isRevoked(services: Services, closure: WorkspaceClosure): Promise<boolean> {
  const { clock, config, storage } = services
  const { askedAt, jobId, workspaceId } = closure
  if (clock.now() < askedAt + onTheirWayMs(config)) return false
  const job = await storage.disconnectJobs.find(workspaceId, jobId)
  if (job?.status === "running") return false
  if ((await storage.connections.countCovered(workspaceId, everything)) > 0) {
    await storage.disconnectJobs.restart(workspaceId, jobId)
    return false
  }
  if (await storage.attempts.anyHeldGrant(workspaceId)) {
    await sweepAttempts(services)
    return false
  }
  return (await storage.revocations.countPending(workspaceId)) === 0
}

/** A refresh or an exchange that began before brings its grant no later than this, to be revoked. */
function onTheirWayMs({ providerTimeoutMs }: Services["config"]): number {
  return providerTimeoutMs * 1.5 + 2_000
}

export async function summaryOf(
  services: Pick<Services, "storage">,
  { jobId, workspaceId }: Pick<WorkspaceClosure, "jobId" | "workspaceId">,
): Promise<ClosureSummary> {
  const job = await services.storage.disconnectJobs.find(workspaceId, jobId)
  if (!job) return nothing
  const { done, failed, total } = job
  return { connections: { total, done, failed }, revocations: await revocationSums(services, job) }
}

const nothing: ClosureSummary = {
  connections: { total: 0, done: 0, failed: 0 },
  revocations: { revoked: 0, pending: 0, unsupported: 0, failed: 0 },
}
