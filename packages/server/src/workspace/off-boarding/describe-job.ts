/** A job with what the providers have said so far. */
import type { DisconnectJob as JobAnswer, RevocationSums } from "@grantry/sdk/wire"
import type { Services } from "../../services.ts"
import type { DisconnectJob } from "../../storage/stores/disconnect-jobs.ts"

type Dependencies = Pick<Services, "storage">

export async function describeJob(deps: Dependencies, job: DisconnectJob): Promise<JobAnswer> {
  const { covers, done, failed, total } = job
  return {
    id: job.id,
    status: job.status,
    app_id: covers.appId,
    integration_type: covers.type,
    connector_id: covers.connectorId,
    user_id: covers.userId,
    connected_by: covers.connectedBy,
    ends_with: job.endsWith,
    asked_by: job.askedBy,
    asked_at: new Date(job.askedAt).toISOString(),
    ended_at: job.endedAt === null ? null : new Date(job.endedAt).toISOString(),
    connections: { total, done, failed },
    revocations: await revocationSums(deps, job),
  }
}

export async function revocationSums(
  { storage }: Dependencies,
  { id, unreadable, unsupported, workspaceId }: DisconnectJob,
): Promise<RevocationSums> {
  const counted = await storage.revocations.countOfJob(workspaceId, id)
  return {
    ...counted,
    unsupported: counted.unsupported + unsupported,
    failed: counted.failed + unreadable,
  }
}
