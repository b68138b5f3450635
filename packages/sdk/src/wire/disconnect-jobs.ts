/** Ending many connections at once. */
import type { Page } from "./list.ts"

/** What a job ends. All that is given must hold; nothing given: the whole workspace. */
export interface DisconnectCovers {
  readonly app_id?: string
  readonly integration_type?: string
  readonly connector_id?: string
  /** One user of the app; together with `app_id`. */
  readonly user_id?: string
  /** A member's id: the shared connections that they consented to. */
  readonly connected_by?: string
}

/** `POST /api/workspace/{ws}/disconnect-jobs` */
export interface StartDisconnectJobRequest extends DisconnectCovers {
  /**
   * The name of what is disconnected: of the connector, else the user's id, else the member's e-mail address, else the
   * type, else the app's name, else the workspace's.
   */
  readonly confirm: string
}

/** What the providers have said so far. */
export interface RevocationSums {
  readonly revoked: number
  /** The provider has not answered yet. */
  readonly pending: number
  /** The provider offers no revocation, or another live connection uses the same grant. */
  readonly unsupported: number
  readonly failed: number
}

export interface DisconnectJob {
  readonly id: string
  readonly status: "running" | "done" | "cancelled"
  readonly app_id: string | null
  readonly integration_type: string | null
  readonly connector_id: string | null
  readonly user_id: string | null
  readonly connected_by: string | null
  /** What follows when everything is disconnected: the app is deleted, or the workspace. */
  readonly ends_with: "nothing" | "app" | "workspace"
  /** As the audit names them. */
  readonly asked_by: string
  /** ISO 8601, UTC. */
  readonly asked_at: string
  /** ISO 8601, UTC; null while it runs. */
  readonly ended_at: string | null
  readonly connections: {
    /** That there were when it was asked for. */
    readonly total: number
    readonly done: number
    /** Could not be ended; the server's log says why. */
    readonly failed: number
  }
  readonly revocations: RevocationSums
}

/** `GET /api/workspace/{ws}/disconnect-jobs`: newest first. */
export interface DisconnectJobListAnswer extends Page {
  readonly disconnect_jobs: readonly DisconnectJob[]
}
