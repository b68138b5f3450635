/** A member who changes who belongs to a workspace, and what their role there allows. */
import { type MemberCaller, requireRole } from "../../callers/caller.ts"
import type { Role } from "../../storage/stores/accounts.ts"

export interface Actor {
  readonly memberId: string
  /** In the workspace that is changed. */
  readonly role: Role
  /** As the audit names them. */
  readonly actor: string
}

export function actorIn(caller: MemberCaller, workspaceId: string): Actor | undefined {
  const place = caller.workspaces.find((one) => one.workspaceId === workspaceId)
  return place && { memberId: caller.memberId, role: place.role, actor: caller.actor }
}

/** Only owners make owners, change them or let them go. @throws ROLE_REQUIRED */
export function requireMayTouch(actor: Actor, roles: readonly Role[]): void {
  requireRole(actor.role, roles.includes("owner") ? "owner" : "admin")
}
