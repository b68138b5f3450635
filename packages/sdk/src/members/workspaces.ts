import type { CreateWorkspaceRequest, Workspace, WorkspaceListAnswer } from "../wire/workspaces.ts"
import type { RefreshHistory, RefreshHistorySpan, WorkspaceHealth } from "../wire/workspace-health.ts"
import type { Send } from "./send.ts"

export interface WorkspacesApi {
  /** The caller's, the personal one first. */
  list(): Promise<readonly Workspace[]>
  create(request: CreateWorkspaceRequest): Promise<Workspace>
  /** How its connections do. */
  health(workspaceId: string): Promise<WorkspaceHealth>
  /** How their refreshes went over time. */
  refreshHistory(workspaceId: string, span: RefreshHistorySpan): Promise<RefreshHistory>
}

export function workspacesApi(send: Send): WorkspacesApi {
  return {
    async list() {
      const path = ["workspace", "workspaces"]
      return (await send<WorkspaceListAnswer>({ method: "GET", path })).workspaces
    },
    create: (body) => send({ method: "POST", path: ["workspace", "workspaces"], body }),
    health: (workspaceId) => send({ method: "GET", path: ["workspace", workspaceId, "health"] }),
    refreshHistory: (workspaceId, span) =>
      send({ method: "GET", path: ["workspace", workspaceId, "health", "refreshes"], query: { span } }),
  }
}
