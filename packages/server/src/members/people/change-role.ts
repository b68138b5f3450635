/** Gives a member of a workspace another role there. */
import type { Services } from "../../services.ts"
import type { Role } from "../../storage/stores/accounts.ts"
import { type Actor, requireMayTouch } from "./actor.ts"
import { keepAnOwner } from "./keep-an-owner.ts"
import { noSuchMember } from "./refusals.ts"

type Dependencies = Pick<Services, "storage" | "audit" | "authenticator">

export interface RoleChange {
  readonly workspaceId: string
  readonly memberId: string
  readonly role: Role
}

/** @throws NOT_FOUND, ROLE_REQUIRED, LAST_OWNER */
export async function changeRole(
  { audit, authenticator, storage }: Dependencies,
  actor: Actor,
  { memberId, role, workspaceId }: RoleChange,
): Promise<void> {
  const before = await storage.transaction(async (stores) => {
    await stores.people.lockWorkspace(workspaceId)
    const membership = await stores.accounts.findMembership(workspaceId, memberId)
    if (!membership) throw noSuchMember()
    requireMayTouch(actor, [membership.role, role])
    if (role !== "owner") await keepAnOwner(stores, membership)
    await stores.people.setRole(workspaceId, memberId, role)
    return membership.role
  })
  authenticator.forgetKeys()
  await audit.record({
    workspaceId,
    appId: null,
    actor: actor.actor,
    action: "member.change_role",
    target: `member:${memberId} ${before} to ${role}`,
    outcome: "ok",
  })
}
