/** What waits in the database, asked for with each scrape; while the database is away the rest is shown all the same. */
import type { Services } from "../../services.ts"
import { StorageUnavailable } from "../../storage/storage.ts"
import { type Family, gauge } from "./family.ts"

/** Beyond this many nobody needs the exact number. */
const countUpTo = 10_000

export async function backlogGauges({
  clock,
  storage,
}: Pick<Services, "clock" | "storage">): Promise<readonly Family[]> {
  const up = (value: 0 | 1) =>
    gauge("grantry_database_up", "Whether the database answered this scrape.", value)
  const now = clock.now()
  try {
    const { revocationDueAt, revocationsPending, webhookDueAt, webhooksPending } = await storage.backlog.read(
      now,
      countUpTo,
    )
    const lag = (dueAt: number | null) => (dueAt === null ? 0 : (now - dueAt) / 1000)
    return [
      up(1),
      gauge("grantry_outbox_pending", `What waits in an outbox; counted up to ${countUpTo}.`, [
        { labels: { outbox: "revocations" }, value: revocationsPending },
        { labels: { outbox: "webhooks" }, value: webhooksPending },
      ]),
      gauge("grantry_outbox_lag_seconds", "For how long the oldest entry of an outbox has been due.", [
        { labels: { outbox: "revocations" }, value: lag(revocationDueAt) },
        { labels: { outbox: "webhooks" }, value: lag(webhookDueAt) },
      ]),
    ]
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error
    return [up(0)]
  }
}

/** The connections to PostgreSQL; SQLite has no pool. */
export function poolGauges({ storage }: Pick<Services, "storage">): readonly Family[] {
  const use = storage.poolUse?.()
  if (!use) return []
  return [
    gauge("grantry_database_pool_connections", "Connections to the database, by what they do.", [
      { labels: { state: "busy" }, value: use.open - use.idle },
      { labels: { state: "idle" }, value: use.idle },
    ]),
    gauge("grantry_database_pool_size", "Connections that the pool holds at most.", use.size),
    gauge("grantry_database_pool_waiting", "Statements that wait for a connection.", use.waiting),
  ]
}
