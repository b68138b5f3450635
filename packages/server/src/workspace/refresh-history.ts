/** How a workspace's refreshes went over time, in steps that a plot can show. */
import type { RefreshHistory, RefreshHistorySpan, RefreshOutcomeCounts } from "@grantry/sdk/wire"
import { bucketMs } from "../events/refresh-outcomes.ts"
import type { Services } from "../services.ts"
import type { RefreshSum } from "../storage/stores/refresh-outcomes.ts"

/** As many steps as there is room for on a page. */
const stepsOf: Readonly<Record<RefreshHistorySpan, { readonly stepMs: number; readonly steps: number }>> = {
  "6h": { stepMs: bucketMs, steps: 72 },
  "24h": { stepMs: 4 * bucketMs, steps: 72 },
  "7d": { stepMs: 24 * bucketMs, steps: 84 },
}

/** What this process has counted and not yet written is written first; others' is at most a few seconds behind. */
export async function readRefreshHistory(
  { clock, refreshOutcomes, storage }: Pick<Services, "clock" | "refreshOutcomes" | "storage">,
  workspaceId: string,
  span: RefreshHistorySpan,
): Promise<RefreshHistory> {
  const { stepMs, steps } = stepsOf[span]
  await refreshOutcomes.flush()
  const now = clock.now()
  const until = now - (now % stepMs) + stepMs
  const since = until - steps * stepMs
  const sums = await storage.refreshOutcomes.sum({ workspaceId, since, until, stepMs })
  const byStep = grouped(sums, ({ at }) => at)
  return {
    since: iso(since),
    until: iso(until),
    step_seconds: stepMs / 1000,
    steps: Array.from({ length: steps }, (_, index) => since + index * stepMs).map((at) => ({
      at: iso(at),
      outcomes: byStep.get(at) ?? {},
    })),
    types: [...grouped(sums, ({ type }) => type)]
      .map(([type, outcomes]) => ({ integration_type: type, outcomes }))
      .sort((a, b) => (a.integration_type < b.integration_type ? -1 : 1)),
  }
}

function grouped<Key>(
  sums: readonly RefreshSum[],
  keyOf: (sum: RefreshSum) => Key,
): ReadonlyMap<Key, RefreshOutcomeCounts> {
  const groups = new Map<Key, Record<string, number>>()
  for (const sum of sums) {
    const key = keyOf(sum)
    const group = groups.get(key) ?? {}
    group[sum.outcome] = (group[sum.outcome] ?? 0) + sum.count
    groups.set(key, group)
  }
  return groups
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
