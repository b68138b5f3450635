/** Deleting a workspace. */
import type { RevocationSums } from "./disconnect-jobs.ts"

/** `DELETE /api/workspace/workspaces/{ws}`, in the query string. */
export interface DeleteWorkspaceQuery {
  /** The workspace's name. */
  readonly confirm: string
  /** `true`: shred at once, whatever the providers still have to be told. */
  readonly force?: "true"
}

/** `GET /api/workspace/closures/{secret}` */
export interface WorkspaceClosure {
  readonly workspace_id: string
  /** `shredded`: nothing of it is left, and its keys are destroyed. */
  readonly status: "closing" | "shredded"
  readonly forced: boolean
  /** ISO 8601, UTC. */
  readonly asked_at: string
  /** ISO 8601, UTC: what waits for its provider until then is given up. */
  readonly give_up_at: string
  /** ISO 8601, UTC; null before. */
  readonly shredded_at: string | null
  readonly connections: { readonly total: number; readonly done: number; readonly failed: number }
  /** What is `pending` of a workspace that is shredded was given up. */
  readonly revocations: RevocationSums
}

/** `DELETE /api/workspace/workspaces/{ws}` */
export interface StartedWorkspaceClosure extends WorkspaceClosure {
  /** For `GET /api/workspace/closures/{secret}`, the one way to see how it goes on: keys and memberships are gone. */
  readonly secret: string
}
