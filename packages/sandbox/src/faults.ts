/** Trouble that tests and demonstrations ask for. */
import type { ProviderEndpoint } from "./request-log.ts"

export const faultNames = [
  "invalid_grant",
  "refresh_reuse",
  "slow",
  "5xx_then_ok",
  "garbage",
  "partial_scopes",
  "same_token_on_refresh",
  "no_refresh_token",
  "rate_limited",
  "html_error",
  "hang",
  "wrong_client",
] as const

export type FaultName = (typeof faultNames)[number]

export interface Fault {
  readonly type: string
  readonly name: FaultName
  /** Requests that it still meets; null = until reset. */
  remaining: number | null
  readonly delayMs: number
  readonly retryAfterS: number
  /** null: where the fault makes sense. */
  readonly endpoint: ProviderEndpoint | null
}

export interface FaultStore {
  faults: Fault[]
}

const both: readonly ProviderEndpoint[] = ["token", "refresh"]

const endpointsOf: Readonly<Record<FaultName, readonly ProviderEndpoint[]>> = {
  invalid_grant: ["refresh"],
  refresh_reuse: ["refresh"],
  slow: both,
  "5xx_then_ok": both,
  garbage: both,
  partial_scopes: ["token"],
  same_token_on_refresh: ["refresh"],
  no_refresh_token: both,
  rate_limited: both,
  html_error: both,
  hang: both,
  wrong_client: both,
}

/** Faults that only a token answer can show. */
const tokenOnly: ReadonlySet<FaultName> = new Set([
  "invalid_grant",
  "refresh_reuse",
  "partial_scopes",
  "same_token_on_refresh",
  "no_refresh_token",
  "wrong_client",
])

export function canMeet(name: FaultName, endpoint: ProviderEndpoint): boolean {
  return endpointsOf[name].includes(endpoint) || (!tokenOnly.has(name) && endpoint !== "authorize")
}

/** The first fault that waits for such a request; it is used up by one. */
export function takeFault(store: FaultStore, type: string, endpoint: ProviderEndpoint): Fault | null {
  const fault = store.faults.find(
    (candidate) =>
      candidate.type === type &&
      (candidate.endpoint === null
        ? endpointsOf[candidate.name].includes(endpoint)
        : candidate.endpoint === endpoint),
  )
  if (!fault) return null
  if (fault.remaining !== null) {
    fault.remaining -= 1
    if (fault.remaining <= 0) store.faults = store.faults.filter((other) => other !== fault)
  }
  return fault
}
