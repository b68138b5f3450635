/** Who is calling, and what their role allows. */
import { GrantryError } from "../errors.ts"
import type { Role } from "../storage/stores/accounts.ts"

export interface Place {
  readonly workspaceId: string
  readonly role: Role
}

export interface MemberCaller {
  readonly kind: "member"
  readonly memberId: string
  /** What the credential opens: an API key one workspace, a sign-in all of the member's, the personal one first. */
  readonly workspaces: readonly Place[]
  /** As the audit names them. */
  readonly actor: string
}

export interface ServiceCaller {
  readonly kind: "service"
  readonly workspaceId: string
  readonly appId: string
  readonly actor: string
}

/** A person known only through the app's token: (app, issuer, subject), never an e-mail address. */
export interface AppUserCaller {
  readonly kind: "app_user"
  readonly workspaceId: string
  readonly appId: string
  /** See `user-id.ts`. */
  readonly userId: string
  readonly email: string | null
  readonly name: string | null
  readonly actor: string
}

export type Caller = MemberCaller | ServiceCaller | AppUserCaller

const rank: Readonly<Record<Role, number>> = { viewer: 0, editor: 1, admin: 2, owner: 3 }

/** @throws ROLE_REQUIRED */
export function requireRole(role: Role, least: Role): void {
  if (rank[role] >= rank[least]) return
  const message = `Your role in this workspace is ${role}; this needs ${least} or more. Ask an owner or admin to do it or to change your role.`
  throw new GrantryError("ROLE_REQUIRED", 403, message)
}

export function unauthorized(message = "Unauthorized"): GrantryError {
  return new GrantryError("UNAUTHORIZED", 401, message)
}
