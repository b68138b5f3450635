/** Workspaces that are being closed, and what stays on record of those that are gone. */

export type ClosureStatus = "closing" | "shredded"

/** What became of a workspace's connections and tokens; nothing in it names a person. */
export interface ClosureSummary {
  readonly connections: { readonly total: number; readonly done: number; readonly failed: number }
  readonly revocations: {
    readonly revoked: number
    readonly pending: number
    readonly unsupported: number
    readonly failed: number
  }
}

export interface NewWorkspaceClosure {
  readonly id: string
  readonly workspaceId: string
  /** The job that disconnects everything. */
  readonly jobId: string
  /** Of the secret with which its progress is read. */
  readonly secretHash: string
  /** Shredded at once, whatever still waits for its provider. */
  readonly isForced: boolean
  readonly askedAt: number
  /** What waits for its provider until then is given up. */
  readonly giveUpAt: number
}

export interface WorkspaceClosure extends NewWorkspaceClosure {
  readonly status: ClosureStatus
  readonly shreddedAt: number | null
  /** null until it is about to be shredded. */
  readonly summary: ClosureSummary | null
}

export interface WorkspaceClosureStore {
  /**
   * From here on no app, connection or token of the workspace is found by anybody. False when it is being closed
   * already.
   */
  insert(closure: NewWorkspaceClosure): Promise<boolean>
  findBySecret(secretHash: string): Promise<WorkspaceClosure | undefined>
  /** Leases one that nobody works on, by the database's clock, and puts it behind the others. */
  takeNext(leaseOwner: string, leaseMs: number): Promise<WorkspaceClosure | undefined>
  /** False when it is over or somebody else has it. */
  renew(id: string, leaseOwner: string, leaseMs: number): Promise<boolean>
  /** False when it is over. */
  force(id: string): Promise<boolean>
  /** The first one stands. */
  noteSummary(id: string, summary: ClosureSummary): Promise<void>
  /** False when it is over already. */
  finish(id: string, shreddedAt: number): Promise<boolean>
  /** Ids of the workspaces. */
  listShreddedSince(at: number): Promise<readonly string[]>
}
