/** Everything that is counted. Labels are routes, statuses, connector types and outcomes: never who, and never a secret. */
import { type Count, createCounts, createDurations } from "./counts.ts"
import type { Family } from "./family.ts"

/** Families whose values are only known when they are asked for. */
export type GaugeSource = () => readonly Family[] | Promise<readonly Family[]>

export interface Metrics {
  /** @param outcome `ok`, else the code of the refusal */
  tokenRead(outcome: string): void
  /** One call to a provider's token endpoint for a refresh. */
  refreshEnded(refresh: RefreshEnd): void
  revocationTried(outcome: string): void
  webhookTried(outcome: "delivered" | "retried" | "failed", count?: number): void
  /** A call was refused because a limit is used up. */
  rateLimited(limit: string): void
  /** The counter of one route's answers with one status. */
  httpAnswers(method: string, route: string, status: number): Count
  /** Adds a source of gauges; one that fails is left out of that scrape. */
  addGauges(source: GaugeSource): void
  /** What a scrape shows. */
  families(): Promise<readonly Family[]>
}

export interface RefreshEnd {
  readonly type: string
  readonly outcome: string
  readonly durationMs: number
  /** How long it had been due when the provider was asked. */
  readonly lagMs: number
}

const refreshBoundsS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const lagBoundsS = [1, 10, 60, 300, 900, 3_600, 21_600, 86_400]

export function createMetrics(): Metrics {
  const tokenReads = createCounts({
    name: "grantry_token_reads_total",
    help: "Token reads by outcome: ok, or the error code of the refusal.",
    labels: ["outcome"],
  })
  const read = tokenReads.of("ok")
  const refreshes = createDurations(
    {
      name: "grantry_refresh_duration_seconds",
      help: "Refresh calls to providers, by connector type and outcome.",
      labels: ["type", "outcome"],
    },
    refreshBoundsS,
  )
  const lags = createDurations(
    {
      name: "grantry_refresh_lag_seconds",
      help: "How long a refresh had been due when the provider was asked.",
      labels: [],
    },
    lagBoundsS,
  )
  const revocations = createCounts({
    name: "grantry_revocation_tries_total",
    help: "Tries to have a provider forget a grant, by outcome.",
    labels: ["outcome"],
  })
  const webhooks = createCounts({
    name: "grantry_webhook_deliveries_total",
    help: "Tries to deliver a webhook: delivered, retried (will be tried again), failed (given up).",
    labels: ["outcome"],
  })
  const limited = createCounts({
    name: "grantry_rate_limited_total",
    help: "Calls that were refused because a limit is used up, by limit.",
    labels: ["limit"],
  })
  const http = createCounts({
    name: "grantry_http_requests_total",
    help: "Answered HTTP requests by route and status.",
    labels: ["method", "route", "status"],
  })
  const sources: GaugeSource[] = []
  return {
    tokenRead(outcome) {
      if (outcome === "ok") read.value += 1
      else tokenReads.of(outcome).value += 1
    },
    refreshEnded({ durationMs, lagMs, outcome, type }) {
      refreshes.observe(durationMs, type, outcome)
      lags.observe(lagMs)
    },
    revocationTried: (outcome) => void (revocations.of(outcome).value += 1),
    webhookTried: (outcome, count = 1) => void (webhooks.of(outcome).value += count),
    rateLimited: (limit) => void (limited.of(limit).value += 1),
    httpAnswers: (method, route, status) => http.of(method, route, String(status)),
    addGauges: (source) => void sources.push(source),
    async families() {
      const asked = await Promise.allSettled(sources.map(async (source) => source()))
      return [
        ...[tokenReads, refreshes, lags, revocations, webhooks, limited, http].map((one) => one.family()),
        ...asked.flatMap((one) => (one.status === "fulfilled" ? one.value : [])),
      ]
    },
  }
}
