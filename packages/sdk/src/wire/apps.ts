/** `POST /api/apps` */
export interface CreateAppRequest {
  readonly name: string
  /** Workspace; the caller's personal one when absent. */
  readonly organization_id?: string
}

/** `PUT /api/apps/{id}`; what is absent stays. */
export interface UpdateAppRequest {
  readonly name?: string
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
}

/** `GET /api/apps`: a bare array, as the published clients read it. */
export type AppListAnswer = readonly App[]
