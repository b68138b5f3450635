/** What a member may do in a workspace, most first. */
export type WorkspaceRole = "owner" | "admin" | "editor" | "viewer"

export interface Workspace {
  readonly id: string
  readonly name: string
  readonly user_role: WorkspaceRole
  readonly subscription_tier: string
  readonly is_enterprise: boolean
}

/** `GET /api/workspace/workspaces`: the caller's, the personal one first. */
export interface WorkspaceListAnswer {
  readonly workspaces: readonly Workspace[]
}

/** `POST /api/workspace/workspaces` */
export interface CreateWorkspaceRequest {
  readonly name: string
}
