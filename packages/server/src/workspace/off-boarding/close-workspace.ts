/** Ends a workspace: from the answer on nothing of it is found, and its tokens are handed out by no replica. */
import { requireRole } from "../../callers/caller.ts"
import type { Actor } from "../../members/people/actor.ts"
import { newId, newSecret, sha256Text } from "../../random.ts"
import type { Services } from "../../services.ts"
import type { Stores } from "../../storage/storage.ts"
import type { Workspace } from "../../storage/stores/accounts.ts"
import type { NewWorkspaceClosure, WorkspaceClosure } from "../../storage/stores/workspace-closures.ts"
import { requireConfirmation } from "./confirmation.ts"
import { everything } from "./covers.ts"
import { notFound, personalWorkspace } from "./refusals.ts"
import { newJob } from "./start-job.ts"

/** Providers that are away come back within a day, or not for the sake of a token. */
export const giveUpAfterMs = 24 * 3_600_000

export interface CloseRequest {
  readonly workspaceId: string
  /** The workspace's name. */
  readonly confirm: string
  readonly isForced: boolean
}

export interface StartedClosure {
  readonly closure: WorkspaceClosure
  /** Shows how it goes on, for the only time: nobody's credential opens the workspace any more. */
  readonly secret: string
}

type Dependencies = Pick<Services, "storage" | "clock" | "audit" | "authenticator" | "appUsers">

/** @throws NOT_FOUND, ROLE_REQUIRED, LAST_OWNER, CONFIRMATION_REQUIRED */
export async function closeWorkspace(
  deps: Dependencies,
  actor: Actor,
  request: CloseRequest,
): Promise<StartedClosure> {
  requireRole(actor.role, "owner")
  const started = await deps.storage.transaction(async (stores) => {
    await stores.people.lockWorkspace(request.workspaceId)
    const workspace = await stores.accounts.findWorkspace(request.workspaceId)
    if (!workspace) throw notFound("workspace")
    if (workspace.personalOf !== null) throw personalWorkspace()
    requireConfirmation(request.confirm, workspace.name)
    const closing = { workspace, actor: actor.actor, isForced: request.isForced, now: deps.clock.now() }
    return closeWithin(stores, closing)
  })
  deps.authenticator.forgetKeys()
  deps.appUsers.forget()
  await auditElsewhere(deps, actor, request.workspaceId)
  return started
}

export interface Closing {
  readonly workspace: Workspace
  readonly actor: string
  readonly isForced: boolean
  readonly now: number
}

/** Several writes: call it in a transaction that has locked the workspace. @throws NOT_FOUND */
export async function closeWithin(
  stores: Stores,
  { actor, isForced, now, workspace }: Closing,
): Promise<StartedClosure> {
  const { id: workspaceId } = workspace
  const total = await stores.connections.countCovered(workspaceId, everything)
  const request = { workspaceId, covers: everything, endsWith: "workspace" as const, actor }
  const job = newJob(request, { total, askedAt: now })
  const secret = newSecret()
  const closure: NewWorkspaceClosure = {
    id: newId("clo"),
    workspaceId,
    jobId: job.id,
    secretHash: sha256Text(secret),
    isForced,
    askedAt: now,
    giveUpAt: now + giveUpAfterMs,
  }
  if (!(await stores.closures.insert(closure))) throw notFound("workspace")
  await stores.disconnectJobs.insert(job)
  await stores.attempts.endUnfinished({ workspaceId })
  await stores.tenantRows.removeAccess(workspaceId)
  return { closure: { ...closure, status: "closing", shreddedAt: null, summary: null }, secret }
}

/** The workspace's own audit goes with it: the act stands in the personal one of whoever did it. */
async function auditElsewhere(
  { audit, storage }: Dependencies,
  { actor, memberId }: Actor,
  target: string,
): Promise<void> {
  const [personal] = await storage.accounts.listWorkspaces(memberId)
  if (!personal) return
  const about = { appId: null, actor, action: "workspace.delete", outcome: "ok" }
  await audit.record({ ...about, workspaceId: personal.id, target })
}
