import type {
  DeleteWorkspaceQuery,
  StartedWorkspaceClosure,
  WorkspaceClosure,
} from "../wire/workspace-closures.ts"
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
  /** Ends it at once for everybody; the answer's secret is the only way to see how the rest goes on. */
  delete(workspaceId: string, query: DeleteWorkspaceQuery): Promise<StartedWorkspaceClosure>
  closure(secret: string): Promise<WorkspaceClosure>
  /** Waits for no provider any more. */
  forceClosure(secret: string): Promise<WorkspaceClosure>
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
    delete: (id, query) =>
      send({ method: "DELETE", path: ["workspace", "workspaces", id], query: { ...query } }),
    closure: (secret) => send({ method: "GET", path: ["workspace", "closures", secret] }),
    forceClosure: (secret) => send({ method: "POST", path: ["workspace", "closures", secret, "force"] }),
  }
}
