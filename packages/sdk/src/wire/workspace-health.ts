import type { IntegrationStatus } from "./integrations.ts"

/** How many connections of one type are in one status. */
export interface ConnectionHealth {
  readonly integration_type: string
  readonly status: IntegrationStatus
  readonly connections: number
  /** Whose last refresh failed, or whose grant the provider ended. */
  readonly with_trouble: number
  /** Active ones whose refresh is due. */
  readonly due_now: number
  readonly refreshed_last_hour: number
}

/** `GET /api/workspace/{ws}/health` */
export interface WorkspaceHealth {
  /** ISO 8601, UTC: when it was counted. */
  readonly counted_at: string
  readonly connections: readonly ConnectionHealth[]
}
