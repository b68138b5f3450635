/** What refreshes came to, as a person asks: did it work, will it work later, or has somebody to do something. */
import type { RefreshHistory, RefreshOutcomeCounts } from "@grantry/sdk/wire"

export interface Judged {
  readonly worked: number
  /** Trouble at the provider, or with our client there: it is tried again. */
  readonly failed: number
  /** The provider ended the grant: somebody must connect again. */
  readonly ended: number
}

const ending = new Set(["grant_dead", "interaction_required"])

export function judge(outcomes: RefreshOutcomeCounts): Judged {
  let [worked, failed, ended] = [0, 0, 0]
  for (const [outcome, count] of Object.entries(outcomes)) {
    if (outcome === "ok") worked += count
    else if (ending.has(outcome)) ended += count
    else failed += count
  }
  return { worked, failed, ended }
}

export function judgeAll(history: RefreshHistory): Judged {
  const sum: Record<string, number> = {}
  for (const { outcomes } of history.types)
    for (const [outcome, count] of Object.entries(outcomes)) sum[outcome] = (sum[outcome] ?? 0) + count
  return judge(sum)
}

export function asked({ ended, failed, worked }: Judged): number {
  return worked + failed + ended
}

/** Percent; undefined where nothing was asked. A grant that its owner took back is no failure of the provider's. */
export function successRate(judged: Judged): number | undefined {
  const counted = judged.worked + judged.failed
  return counted === 0 ? undefined : (100 * judged.worked) / counted
}

/** Never rounded up to a hundred: one failure of ten thousand is one. */
export function rateText(rate: number | undefined): string {
  if (rate === undefined) return "–"
  return rate === 100 ? "100 %" : `${(Math.floor(rate * 10) / 10).toFixed(1)} %`
}

const words: Readonly<Record<string, string>> = {
  grant_dead: "grant ended",
  interaction_required: "wants the person",
  client_misconfigured: "refused the OAuth client",
  rate_limited: "too many requests",
  transient: "did not answer well",
  malformed: "talked nonsense",
}

/** What went wrong, the most frequent first. */
export function troubleText(outcomes: RefreshOutcomeCounts): string {
  return Object.entries(outcomes)
    .filter(([outcome]) => outcome !== "ok")
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${words[outcome] ?? outcome} × ${count.toLocaleString()}`)
    .join(", ")
}
