/** Workspaces, the members who work in them, and the roles they have there. */

export type Role = "owner" | "admin" | "editor" | "viewer"

export interface Workspace {
  readonly id: string
  readonly name: string
  readonly plan: string
  /** The member whose personal workspace this is; null for shared ones. */
  readonly personalOf: string | null
  readonly createdAt: number
}

export interface Member {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly createdAt: number
}

export interface Membership {
  readonly workspaceId: string
  readonly memberId: string
  readonly role: Role
}

export interface AccountStore {
  /** Throws AlreadyExists, also when this member has a personal workspace. */
  insertWorkspace(workspace: Workspace): Promise<void>
  findWorkspace(id: string): Promise<Workspace | undefined>
  /** @returns false when there is no such workspace */
  setPlan(id: string, plan: string): Promise<boolean>
  /** The member's own first. */
  listWorkspaces(memberId: string): Promise<readonly (Workspace & { readonly role: Role })[]>
  /** Addresses are compared without regard to case. Throws AlreadyExists. */
  insertMember(member: Member): Promise<void>
  findMember(id: string): Promise<Member | undefined>
  findMemberByEmail(email: string): Promise<Member | undefined>
  /** Throws AlreadyExists when somebody else has the address. */
  updateMember(id: string, change: { readonly name?: string; readonly email?: string }): Promise<boolean>
  /** With sign-ins, keys, memberships and the invitations that they made; false when there is no such member. */
  removeMember(id: string): Promise<boolean>
  /** Throws AlreadyExists. */
  insertMembership(membership: Membership): Promise<void>
  findMembership(workspaceId: string, memberId: string): Promise<Membership | undefined>
}
