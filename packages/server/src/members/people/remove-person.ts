/** Lets a member of a workspace go, with their API keys there, or withdraws an invitation. */
import { requireRole } from "../../callers/caller.ts"
import type { Services } from "../../services.ts"
import { type Actor, requireMayTouch } from "./actor.ts"
import { keepAnOwner } from "./keep-an-owner.ts"
import { noSuchMember } from "./refusals.ts"

type Dependencies = Pick<Services, "storage" | "audit" | "authenticator">

/**
 * @param id a member's or an invitation's
 * @throws NOT_FOUND, ROLE_REQUIRED, LAST_OWNER
 */
export async function removePerson(
  deps: Dependencies,
  actor: Actor,
  workspaceId: string,
  id: string,
): Promise<void> {
  const action = id.startsWith("inv_") ? "member.withdraw_invitation" : "member.remove"
  if (id.startsWith("inv_")) await withdraw(deps, actor, workspaceId, id)
  else await removeMember(deps, actor, workspaceId, id)
  const target = id.startsWith("inv_") ? id : `member:${id}`
  await deps.audit.record({ workspaceId, appId: null, actor: actor.actor, action, target, outcome: "ok" })
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
  })
  authenticator.forgetKeys()
}
