/**
 * Lets a member of a workspace go, with their API keys there and the consents they have begun, or withdraws an invitation.
 * What they connected for the workspace stays, and is listed, unless it is to be disconnected too.
 */
import { requireRole } from "../../callers/caller.ts"
import type { Services } from "../../services.ts"
import type { DisconnectJob } from "../../storage/stores/disconnect-jobs.ts"
import { everything } from "../../workspace/off-boarding/covers.ts"
import { startJob } from "../../workspace/off-boarding/start-job.ts"
import { endSignIns } from "../end-sign-ins.ts"
import { type Actor, requireMayTouch } from "./actor.ts"
import { keepAnOwner } from "./keep-an-owner.ts"
import { noSuchMember } from "./refusals.ts"

type Dependencies = Pick<Services, "storage" | "clock" | "audit" | "authenticator">

export interface PersonRemoval {
  readonly workspaceId: string
  /** A member's or an invitation's. */
  readonly id: string
  /** Also ends the shared connections that the member consented to. */
  readonly disconnect: boolean
}

/**
 * @returns the job that disconnects; null when nothing is disconnected
 * @throws NOT_FOUND, ROLE_REQUIRED, LAST_OWNER
 */
export async function removePerson(
  deps: Dependencies,
  actor: Actor,
  removal: PersonRemoval,
): Promise<DisconnectJob | null> {
  const { disconnect, id, workspaceId } = removal
  const about = { workspaceId, appId: null, actor: actor.actor, outcome: "ok" }
  if (id.startsWith("inv_")) {
    await withdraw(deps, actor, workspaceId, id)
    await deps.audit.record({ ...about, action: "member.withdraw_invitation", target: id })
    return null
  }
  // Whoever leaves may end what they could have ended one by one.
  if (disconnect) requireRole(actor.role, id === actor.memberId ? "editor" : "admin")
  await removeMember(deps, actor, workspaceId, id)
  await deps.audit.record({ ...about, action: "member.remove", target: `member:${id}` })
  if (!disconnect) return null
  const covers = { ...everything, connectedBy: id }
  return startJob(deps, { workspaceId, covers, endsWith: "nothing", actor: actor.actor })
}

async function withdraw(
  { storage }: Dependencies,
  actor: Actor,
  workspaceId: string,
  id: string,
): Promise<void> {
  requireRole(actor.role, "admin")
  if (!(await storage.people.removeInvitation(workspaceId, id))) throw noSuchMember()
}

async function removeMember(
  { authenticator, storage }: Dependencies,
  actor: Actor,
  workspaceId: string,
  memberId: string,
): Promise<void> {
  await storage.transaction(async (stores) => {
    await stores.people.lockWorkspace(workspaceId)
    const membership = await stores.accounts.findMembership(workspaceId, memberId)
    if (!membership) throw noSuchMember()
    // Everybody may leave.
    if (memberId !== actor.memberId) requireMayTouch(actor, [membership.role])
    await keepAnOwner(stores, membership)
    await stores.people.removeMember(workspaceId, memberId)
    await stores.attempts.endUnfinished({ workspaceId, startedBy: memberId })
    // Who leaves stays signed in, to what is theirs; who is made to go is signed out everywhere.
    if (memberId !== actor.memberId) await endSignIns(stores, memberId)
  })
  authenticator.forgetKeys()
}
