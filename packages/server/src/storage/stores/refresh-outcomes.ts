/** How often refreshes went how: sums per workspace, connector type and outcome, in buckets of time. */

export interface RefreshCount {
  readonly workspaceId: string
  readonly type: string
  /** `ok`, or how the provider's answer was classified. */
  readonly outcome: string
  /** When the bucket begins. */
  readonly bucketAt: number
  readonly count: number
}

/** One sum of an answer. */
export interface RefreshSum {
  readonly type: string
  readonly outcome: string
  /** When its step begins. */
  readonly at: number
  readonly count: number
}

export interface RefreshSumQuery {
  readonly workspaceId: string
  /** The first step begins here. */
  readonly since: number
  readonly until: number
  readonly stepMs: number
}

export interface RefreshOutcomeStore {
  /** Adds to what this process and others have counted before. */
  add(counts: readonly RefreshCount[]): Promise<void>
  sum(query: RefreshSumQuery): Promise<readonly RefreshSum[]>
  /** Forgets buckets that began before this. */
  forget(before: number): Promise<void>
}
