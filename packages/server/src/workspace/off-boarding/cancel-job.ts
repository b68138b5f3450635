/** Ends a job early: what is disconnected stays so. */
import type { Services } from "../../services.ts"
import type { DisconnectJob } from "../../storage/stores/disconnect-jobs.ts"
import { notFound } from "./refusals.ts"

type Dependencies = Pick<Services, "storage" | "clock" | "audit">

/** One that has ended already is answered as it ended. @throws NOT_FOUND */
export async function cancelJob(
  { audit, clock, storage }: Dependencies,
  { covers, id, workspaceId }: DisconnectJob,
  actor: string,
): Promise<DisconnectJob> {
  if (await storage.disconnectJobs.cancel(workspaceId, id, clock.now())) {
    const about = { appId: covers.appId, actor, action: "disconnect_job.cancel", outcome: "ok" }
    await audit.record({ ...about, workspaceId, target: id })
  }
  const job = await storage.disconnectJobs.find(workspaceId, id)
  if (!job) throw notFound("job")
  return job
}
