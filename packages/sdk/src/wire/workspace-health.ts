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
  /** ISO 8601, UTC: since when the longest due of them has been; null: none is. */
  readonly oldest_due_at: string | null
  readonly refreshed_last_hour: number
}

/** `GET /api/workspace/{ws}/health` */
export interface WorkspaceHealth {
  /** ISO 8601, UTC: when it was counted. */
  readonly counted_at: string
  readonly connections: readonly ConnectionHealth[]
}

export type RefreshHistorySpan = "6h" | "24h" | "7d"

/**
 * Calls to token endpoints by what came of them: `ok`; `grant_dead` and `interaction_required`, where the provider
 * ended the grant; `client_misconfigured`, `rate_limited`, `transient` and `malformed`, which are trouble that passes.
 */
export type RefreshOutcomeCounts = Readonly<Record<string, number>>

/** `GET /api/workspace/{ws}/health/refreshes?span=` */
export interface RefreshHistory {
  /** ISO 8601, UTC. */
  readonly since: string
  /** ISO 8601, UTC: when the last step ends, in which counting goes on. */
  readonly until: string
  readonly step_seconds: number
  /** Every step from `since` to `until`, also those in which nothing happened. */
  readonly steps: readonly {
    /** ISO 8601, UTC: when it begins. */
    readonly at: string
    readonly outcomes: RefreshOutcomeCounts
  }[]
  /** The same sums by connector type, over the whole span. */
  readonly types: readonly {
    readonly integration_type: string
    readonly outcomes: RefreshOutcomeCounts
  }[]
}
