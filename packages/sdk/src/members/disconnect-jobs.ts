import type {
  DisconnectJob,
  DisconnectJobListAnswer,
  StartDisconnectJobRequest,
} from "../wire/disconnect-jobs.ts"
import type { ListQuery } from "../wire/list.ts"
import type { Send } from "./send.ts"

/** Disconnecting everything of a workspace, an app, a type, a connector, a user or a member. */
export interface DisconnectJobsApi {
  /** Answers at once, with the job that runs; asking again while an equal one runs answers that one. */
  start(workspaceId: string, request: StartDisconnectJobRequest): Promise<DisconnectJob>
  get(workspaceId: string, jobId: string): Promise<DisconnectJob>
  /** One page, newest first. */
  list(workspaceId: string, query?: ListQuery): Promise<DisconnectJobListAnswer>
  /** What is disconnected stays so. */
  cancel(workspaceId: string, jobId: string): Promise<DisconnectJob>
}

export function disconnectJobsApi(send: Send): DisconnectJobsApi {
  const all = (workspaceId: string) => ["workspace", workspaceId, "disconnect-jobs"]
  return {
    start: (workspaceId, body) => send({ method: "POST", path: all(workspaceId), body }),
    get: (workspaceId, id) => send({ method: "GET", path: [...all(workspaceId), id] }),
    list: (workspaceId, query = {}) => send({ method: "GET", path: all(workspaceId), query: { ...query } }),
    cancel: (workspaceId, id) => send({ method: "POST", path: [...all(workspaceId), id, "cancel"] }),
  }
}
