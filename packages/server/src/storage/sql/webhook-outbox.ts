/** The statements with which deliveries are taken, tried again and ended. */
import type { WebhookStore } from "../stores/webhooks.ts"
import { pending } from "./pending.ts"
import { atomically, type Executor, metOneRow } from "./statements.ts"
import { toDelivery, toEndpoint } from "./webhook-rows.ts"

function takingQueries({ db, dialect }: Executor) {
  return {
    async listDueEndpoints({ after, limit, now }) {
      const rows = await db
        .selectFrom("webhook_endpoints")
        .selectAll()
        .where("id", ">", after)
        .where("status", "=", "enabled")
        .where((of) => of.or([of("rest_until", "is", null), of("rest_until", "<=", now)]))
        .where((of) =>
          of.exists(
            of
              .selectFrom("webhook_deliveries")
              .select("webhook_deliveries.id")
              .whereRef("webhook_deliveries.endpoint_id", "=", "webhook_endpoints.id")
              .where("webhook_deliveries.outcome", "=", pending)
              .where("webhook_deliveries.next_try_at", "<=", now),
          ),
        )
        .orderBy("id")
        .limit(limit)
        .execute()
      return rows.map(toEndpoint)
    },

    async takeDue({ endpointId, holdMs, limit, now }) {
      const due = db
        .selectFrom("webhook_deliveries")
        .select("id")
        .where("endpoint_id", "=", endpointId)
        .where("outcome", "=", pending)
        .where("next_try_at", "<=", now)
        .orderBy("next_try_at")
        .orderBy("id")
        .limit(limit)
        .$if(dialect.skipsLockedRows, (query) => query.forUpdate().skipLocked())
      // Materialized: the limit must not be applied again for each row that the update looks at.
      const rows = await db
        .with(
          (cte) => cte("due").materialized(),
          () => due,
        )
        .updateTable("webhook_deliveries")
        .set((of) => ({ next_try_at: now + holdMs, tries: of("tries", "+", 1) }))
        .where("id", "in", (of) => of.selectFrom("due").select("due.id"))
        .returningAll()
        .execute()
      return rows.map(toDelivery)
    },
  } satisfies Partial<WebhookStore>
}

function endingQueries({ db }: Executor) {
  const waiting = () => db.updateTable("webhook_deliveries").where("outcome", "=", pending)
  return {
    async settleDelivery(id, outcome, { at, error, status }) {
      await waiting()
        .set({ outcome, last_status: status, last_error: error, settled_at: at })
        .where("id", "=", id)
        .execute()
    },

    async retryDelivery(id, nextTryAt, { error, status }) {
      await waiting()
        .set({ next_try_at: nextTryAt, last_status: status, last_error: error })
        .where("id", "=", id)
        .execute()
    },

    async failOld(createdBefore, now) {
      const update = waiting()
        .set({ outcome: "failed", settled_at: now })
        .where("created_at", "<", createdBefore)
        // Somebody is sending it just now.
        .where("next_try_at", "<=", now)
      return Number((await update.executeTakeFirst()).numUpdatedRows)
    },

    async deleteSettled(before) {
      await db.deleteFrom("webhook_deliveries").where("settled_at", "<", before).execute()
    },
  } satisfies Partial<WebhookStore>
}

export function webhookOutbox(executor: Executor) {
  const { db } = executor
  const endpoint = (id: string) => db.updateTable("webhook_endpoints").where("id", "=", id)
  return {
    ...takingQueries(executor),
    ...endingQueries(executor),

    async claimFailing({ failures, id, restUntil: seen }, restUntil) {
      const claim = endpoint(id)
        .set({ rest_until: restUntil })
        .where("failures", "=", failures)
        .where("rest_until", seen === null ? "is" : "=", seen)
      return metOneRow(await claim.executeTakeFirst())
    },

    async noteSuccess(endpointId) {
      await endpoint(endpointId).set({ failing_since: null, failures: 0, rest_until: null }).execute()
    },

    async noteFailure(endpointId, { failures, now, restUntil }) {
      await endpoint(endpointId)
        .set((of) => ({
          failing_since: of.fn.coalesce("failing_since", of.val(now)),
          failures,
          rest_until: restUntil,
        }))
        .execute()
    },

    disable: (endpointId, reason, now) =>
      atomically(executor, (within) => disableEndpoint(within, endpointId, { reason, now })),
  } satisfies Partial<WebhookStore>
}

async function disableEndpoint(
  { db }: Executor,
  endpointId: string,
  { now, reason }: { readonly reason: string; readonly now: number },
): Promise<boolean> {
  const disabled = db
    .updateTable("webhook_endpoints")
    .set({ status: "disabled", disabled_reason: reason, rest_until: null })
    .where("id", "=", endpointId)
    .where("status", "=", "enabled")
  if (!metOneRow(await disabled.executeTakeFirst())) return false
  await db
    .updateTable("webhook_deliveries")
    .set({ outcome: "failed", settled_at: now })
    .where("endpoint_id", "=", endpointId)
    .where("outcome", "=", pending)
    .execute()
  return true
}
