/** Ending many connections: what is asked for, and how far it has come. */
import type { ConnectionAddress } from "./connections.ts"

/** What a job ends; what is null limits nothing, so that all nulls are the whole workspace. */
export interface Covers {
  readonly appId: string | null
  readonly type: string | null
  readonly connectorId: string | null
  /** An app user's; only together with the app. */
  readonly userId: string | null
  /** A member: the shared connections that they consented to. */
  readonly connectedBy: string | null
}

/** What follows when everything is disconnected: nothing, the app is deleted, or the workspace is shredded. */
export type JobEnd = "nothing" | "app" | "workspace"

export type DisconnectJobStatus = "running" | "done" | "cancelled"

/** The last connection that was looked at. */
export type JobCursor = Omit<ConnectionAddress, "workspaceId">

export interface NewDisconnectJob {
  readonly id: string
  readonly workspaceId: string
  readonly covers: Covers
  readonly endsWith: JobEnd
  /** As the audit names them. */
  readonly askedBy: string
  /** Connections that there were when it was asked for. */
  readonly total: number
  readonly askedAt: number
}

export interface DisconnectJob extends NewDisconnectJob {
  readonly status: DisconnectJobStatus
  readonly done: number
  readonly failed: number
  /** Of those done: nothing could be revoked, because the provider offers it not or there was no token. */
  readonly unsupported: number
  /** Of those done: the stored token did not open, so that nobody could revoke it. */
  readonly unreadable: number
  readonly cursor: JobCursor | null
  readonly endedAt: number | null
}

export interface DisconnectJobStore {
  /** False when an equal one is running. */
  insert(job: NewDisconnectJob): Promise<boolean>
  findRunning(
    job: Pick<NewDisconnectJob, "workspaceId" | "covers" | "endsWith">,
  ): Promise<DisconnectJob | undefined>
  find(workspaceId: string, id: string): Promise<DisconnectJob | undefined>
  /** Newest first. */
  list(
    workspaceId: string,
    page: { readonly limit: number; readonly after?: { readonly askedAt: number; readonly id: string } },
  ): Promise<readonly DisconnectJob[]>
  /** Leases a running job that nobody works on, in turns, by the database's clock. */
  takeNext(leaseOwner: string, leaseMs: number): Promise<DisconnectJob | undefined>
  /** Notes what was looked at and renews the lease; false when the job has ended or somebody else has it. */
  advance(
    job: Pick<DisconnectJob, "workspaceId" | "id">,
    leaseOwner: string,
    step: { readonly cursor: JobCursor | null; readonly failed: number; readonly leaseMs: number },
  ): Promise<boolean>
  /** Call it in the transaction that disconnects. @param without why there is nothing to revoke; null: there is */
  countDone(
    job: Pick<DisconnectJob, "workspaceId" | "id">,
    without: "unsupported" | "unreadable" | null,
  ): Promise<void>
  /** False when it has ended already or somebody else has it. */
  finish(job: Pick<DisconnectJob, "workspaceId" | "id">, leaseOwner: string, now: number): Promise<boolean>
  /** False when it has ended already. */
  cancel(workspaceId: string, id: string, now: number): Promise<boolean>
  /** A job that is done goes through everything once more. */
  restart(workspaceId: string, id: string): Promise<boolean>
}
