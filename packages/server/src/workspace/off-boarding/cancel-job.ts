/** Ends a job early: what is disconnected stays so. */
import { GrantryError } from "../../errors.ts"
import type { Services } from "../../services.ts"
import type { DisconnectJob } from "../../storage/stores/disconnect-jobs.ts"
import { notFound } from "./refusals.ts"

type Dependencies = Pick<Services, "storage" | "clock" | "audit">

/** @throws NOT_FOUND; INVALID_REQUEST when it has ended already */
export async function cancelJob(
  { audit, clock, storage }: Dependencies,
  { covers, id, workspaceId }: DisconnectJob,
  actor: string,
): Promise<DisconnectJob> {
  if (!(await storage.disconnectJobs.cancel(workspaceId, id, clock.now())))
    throw new GrantryError("INVALID_REQUEST", 409, "This job has ended already: there is nothing to cancel.")
  const about = { appId: covers.appId, actor, action: "disconnect_job.cancel", outcome: "ok" }
  audit.record({ ...about, workspaceId, target: id })
  const job = await storage.disconnectJobs.find(workspaceId, id)
  if (!job) throw notFound("job")
  return job
}
