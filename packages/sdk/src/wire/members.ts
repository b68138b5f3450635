import type { DisconnectJob } from "./disconnect-jobs.ts"
import type { Page } from "./list.ts"
import type { WorkspaceRole } from "./workspaces.ts"

/** Somebody who belongs to a workspace, or was asked to. */
export interface WorkspaceMember {
  /** `mem_…` of a member, `inv_…` of an invitation. */
  readonly id: string
  readonly email: string
  /** null: invited, and not here yet. */
  readonly name: string | null
  readonly role: WorkspaceRole
  readonly status: "active" | "invited"
  /** A code is asked for at sign-in; null for invitations, and unless an owner or admin asks. */
  readonly second_factor: boolean | null
  /** ISO 8601, UTC: when the invitation ends; null for members. */
  readonly expires_at: string | null
}

/** `GET /api/workspace/{ws}/members`: by address. */
export interface MemberListAnswer extends Page {
  readonly members: readonly WorkspaceMember[]
}

/** `POST /api/workspace/{ws}/members` */
export interface InviteRequest {
  readonly email: string
  readonly role: WorkspaceRole
}

/** The only answer that ever holds the link. */
export interface InvitedMember extends WorkspaceMember {
  readonly link: string
}

/** `PUT /api/workspace/{ws}/members/{id}` */
export interface ChangeRoleRequest {
  readonly role: WorkspaceRole
}

/** `DELETE /api/workspace/{ws}/members/{id}`, in the query string. */
export interface RemoveMemberQuery {
  /** `true`: also ends the shared connections that the member consented to. */
  readonly disconnect?: "true"
}

export interface RemovedMember {
  readonly status: "deleted"
  readonly id: string
  /** null when nothing is disconnected. */
  readonly disconnect_job: DisconnectJob | null
}
