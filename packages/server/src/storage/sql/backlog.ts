import type { BacklogStore } from "../stores/backlog.ts"
import { pending } from "./pending.ts"
import type { Db } from "./schema.ts"
import type { Executor } from "./statements.ts"

async function revocationDueAt(db: Db, now: number): Promise<number | null> {
  const oldest = db
    .selectFrom("revocations")
    .select("next_try_at")
    .where("outcome", "=", pending)
    .where("next_try_at", "<=", now)
    .orderBy("next_try_at")
    .limit(1)
  return (await oldest.executeTakeFirst())?.next_try_at ?? null
}

/** What waits for an endpoint that fails is that endpoint's trouble, not this server's. */
async function webhookDueAt(db: Db, now: number): Promise<number | null> {
  const oldest = db
    .selectFrom("webhook_endpoints as endpoint")
    .innerJoin("webhook_deliveries as delivery", "delivery.endpoint_id", "endpoint.id")
    .select((of) => of.fn.min<number | null>("delivery.next_try_at").as("at"))
    .where("endpoint.status", "=", "enabled")
    .where("endpoint.failures", "=", 0)
    .where("delivery.outcome", "=", pending)
    .where("delivery.next_try_at", "<=", now)
  return (await oldest.executeTakeFirst())?.at ?? null
}

async function countPending(
  db: Db,
  table: "revocations" | "webhook_deliveries",
  countUpTo: number,
): Promise<number> {
  const some = db.selectFrom(table).select("id").where("outcome", "=", pending).limit(countUpTo)
  const row = await db
    .selectFrom(some.as("some"))
    .select((of) => of.fn.countAll<number>().as("count"))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

export function backlogStore({ db }: Executor): BacklogStore {
  return {
    async read(now, countUpTo) {
      return {
        revocationDueAt: await revocationDueAt(db, now),
        webhookDueAt: await webhookDueAt(db, now),
        revocationsPending: await countPending(db, "revocations", countUpTo),
        webhooksPending: await countPending(db, "webhook_deliveries", countUpTo),
      }
    },
  }
}
