/** Begins to disconnect everything of a workspace, an app, a type, a connector, a user or a member. */
import { isKnownMember } from "../../members/people/is-known-member.ts"
import { newId } from "../../random.ts"
import type { Services } from "../../services.ts"
import type { Covers, DisconnectJob, JobEnd, NewDisconnectJob } from "../../storage/stores/disconnect-jobs.ts"
import { requireConfirmation } from "./confirmation.ts"
import { notFound } from "./refusals.ts"

export interface JobRequest {
  readonly workspaceId: string
  readonly covers: Covers
  readonly endsWith: JobEnd
  /** As the audit names them. */
  readonly actor: string
}

type Dependencies = Pick<Services, "storage" | "clock" | "audit">

/** An equal one may end between two looks. */
const maxTries = 5

/**
 * @param confirm the name of what is disconnected
 * @throws NOT_FOUND, CONFIRMATION_REQUIRED
 */
export async function startConfirmedJob(
  deps: Dependencies,
  request: JobRequest,
  confirm: string,
): Promise<DisconnectJob> {
  requireConfirmation(confirm, await nameOf(deps, request))
  return startJob(deps, request)
}

/** @returns the one that runs, when an equal one was asked for before */
export async function startJob(deps: Dependencies, request: JobRequest): Promise<DisconnectJob> {
  const { actor, covers, workspaceId } = request
  for (let tries = 0; tries < maxTries; tries += 1) {
    const total = await deps.storage.connections.countCovered(workspaceId, covers)
    const job = newJob(request, { total, askedAt: deps.clock.now() })
    if (await deps.storage.disconnectJobs.insert(job)) {
      const about = { appId: covers.appId, target: job.id, outcome: "ok" }
      await deps.audit.record({ ...about, workspaceId, actor, action: "disconnect_job.start" })
    }
    const running = await deps.storage.disconnectJobs.findRunning(job)
    if (running) return running
    const ended = await deps.storage.disconnectJobs.find(workspaceId, job.id)
    if (ended) return ended
  }
  throw new Error("an equal job began and ended with every try to start this one")
}

export function newJob(
  { actor, covers, endsWith, workspaceId }: JobRequest,
  { askedAt, total }: Pick<NewDisconnectJob, "total" | "askedAt">,
): NewDisconnectJob {
  return { id: newId("job"), workspaceId, covers, endsWith, askedBy: actor, total, askedAt }
}

/** The narrowest of what is named. @throws NOT_FOUND when one of them is not the workspace's */
async function nameOf(
  { storage }: Pick<Services, "storage">,
  { covers, workspaceId }: Pick<JobRequest, "covers" | "workspaceId">,
): Promise<string> {
  const { appId, connectedBy, connectorId, type, userId } = covers
  const app = appId === null ? null : await storage.apps.find(workspaceId, appId)
  const connector = connectorId === null ? null : await storage.connectors.find(workspaceId, connectorId)
  const member = connectedBy === null ? null : await storage.accounts.findMember(connectedBy)
  const workspace = await storage.accounts.findWorkspace(workspaceId)
  if (app === undefined) throw notFound("app")
  if (connector === undefined) throw notFound("connector")
  if (member === undefined || (member && !(await isKnownMember({ storage }, workspaceId, member.id))))
    throw notFound("member")
  return connector?.name ?? userId ?? member?.email ?? type ?? app?.name ?? workspace?.name ?? ""
}
