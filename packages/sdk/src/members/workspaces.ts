import type { CreateWorkspaceRequest, Workspace, WorkspaceListAnswer } from "../wire/workspaces.ts"
import type { Send } from "./send.ts"

export interface WorkspacesApi {
  /** The caller's, the personal one first. */
  list(): Promise<readonly Workspace[]>
  create(request: CreateWorkspaceRequest): Promise<Workspace>
}

export function workspacesApi(send: Send): WorkspacesApi {
  return {
    async list() {
      const path = ["workspace", "workspaces"]
      return (await send<WorkspaceListAnswer>({ method: "GET", path })).workspaces
    },
    create: (body) => send({ method: "POST", path: ["workspace", "workspaces"], body }),
  }
}
