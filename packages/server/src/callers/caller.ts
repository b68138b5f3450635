/** Who is calling, and what their role allows. */
import { GrantryError } from "../errors.ts"
import type { Role } from "../storage/stores.ts"

export interface MemberCaller {
  readonly kind: "member"
  readonly memberId: string
  readonly workspaceId: string
  readonly role: Role
  /** As the audit names them. */
  readonly actor: string
}

export interface ServiceCaller {
  readonly kind: "service"
  readonly workspaceId: string
  readonly appId: string
  readonly actor: string
}

export type Caller = MemberCaller | ServiceCaller

const rank: Readonly<Record<Role, number>> = { viewer: 0, editor: 1, admin: 2, owner: 3 }

/** @throws ROLE_REQUIRED */
export function requireRole(caller: MemberCaller, least: Role): void {
  if (rank[caller.role] >= rank[least]) return
  const message = `Your role in this workspace is ${caller.role}; this needs ${least} or more. Ask an owner or admin to do it or to change your role.`
  throw new GrantryError("ROLE_REQUIRED", 403, message)
}

export function unauthorized(): GrantryError {
  return new GrantryError("UNAUTHORIZED", 401, "Unauthorized")
}
