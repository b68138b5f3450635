/** What whoever runs the server looks at: metrics, health, traces. */
import { backlogDegradations, createHealth, type Health } from "./events/health.ts"
import { backlogGauges, poolGauges } from "./events/metrics/backlog-gauges.ts"
import { gauge } from "./events/metrics/family.ts"
import { createMetrics, type Metrics } from "./events/metrics/metrics.ts"
import { watchProcess } from "./events/metrics/process-gauges.ts"
import { hasJournalEntries } from "./connections/rotation-journal.ts"
import type { Services } from "./services.ts"

export interface Operating {
  readonly metrics: Metrics
  readonly health: Health
  close(): void
}

/** @param verifyKeys asks the database whether these are its master keys */
export function createOperating(
  deps: Pick<Services, "clock" | "config" | "replicas" | "storage">,
  verifyKeys: () => Promise<void>,
): Operating {
  const metrics = createMetrics()
  const health = createHealth(verifyKeys)
  const watched = watchProcess()
  metrics.addGauges(() => watched.families())
  metrics.addGauges(() => poolGauges(deps))
  metrics.addGauges(() => [
    gauge(
      "grantry_replicas",
      "Processes that share the database, as this one counts them.",
      deps.replicas.count(),
    ),
  ])
  metrics.addGauges(() => backlogGauges(deps))
  health.addSource(() => backlogDegradations(deps))
  health.addSource(async () =>
    (await hasJournalEntries(deps.config.dataDir)) ? ["journal_holds_grants"] : [],
  )
  return { metrics, health, close: () => watched.close() }
}
