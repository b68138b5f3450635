import type { DisconnectJob } from "./disconnect-jobs.ts"

/** How an app user's consent ends: with the click on the connect page, or with a call by the user's own session. */
export type ConnectCompletion = "confirm" | "verified"

/** `POST /api/apps` */
export interface CreateAppRequest {
  readonly name: string
  /** Workspace; the caller's personal one when absent. */
  readonly organization_id?: string
}

/** `PUT /api/apps/{id}`; what is absent stays. */
export interface UpdateAppRequest {
  readonly name?: string
  /** Where the app's backend functions run; null: nowhere. */
  readonly functions_upstream?: string | null
  readonly backend_functions_enabled?: boolean
  readonly connect_completion?: ConnectCompletion
}

/** `POST /api/apps`, `GET|PUT /api/apps/{id}` */
export interface App {
  readonly id: string
  readonly name: string
  readonly user_description: string | null
  readonly is_managed_source_code: boolean
  /** Workspace. */
  readonly organization_id: string
  /** ISO 8601, UTC. */
  readonly created_at: string
  readonly functions_upstream: string | null
  readonly backend_functions_enabled: boolean
  readonly connect_completion: ConnectCompletion
}

/** `GET /api/apps`: a bare array, as the published clients read it. */
export type AppListAnswer = readonly App[]

/** `GET|PUT /api/apps/{id}/allowed-origins` */
export interface AllowedOrigins {
  /** Scheme, host and port, as browsers send them. */
  readonly origins: readonly string[]
}

/** `DELETE /api/apps/{id}?disconnect=true` */
export interface DeletingApp {
  readonly status: "deleting"
  readonly id: string
  /** The app is gone when it is done. */
  readonly disconnect_job: DisconnectJob
}
