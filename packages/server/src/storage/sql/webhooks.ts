import { sendingByHand, type WebhookStore } from "../stores/webhooks.ts"
import type { Db } from "./schema.ts"
import { type Executor, metOneRow } from "./statements.ts"
import { webhookOutbox } from "./webhook-outbox.ts"
import { toDelivery, toDeliveryRow, toEndpoint, toEndpointRow } from "./webhook-rows.ts"

/** Twelve columns each: far below the number of parameters that either database takes in one statement. */
const rowsPerStatement = 500

function endpointQueries({ db, dialect }: Executor) {
  const one = (workspaceId: string, id: string) => ({
    select: db
      .selectFrom("webhook_endpoints")
      .selectAll()
      .where("workspace_id", "=", workspaceId)
      .where("id", "=", id),
    update: db.updateTable("webhook_endpoints").where("workspace_id", "=", workspaceId).where("id", "=", id),
    delete: db.deleteFrom("webhook_endpoints").where("workspace_id", "=", workspaceId).where("id", "=", id),
  })
  return {
    async insertEndpoint(endpoint) {
      await db.insertInto("webhook_endpoints").values(toEndpointRow(endpoint)).execute()
    },

    async findEndpoint(workspaceId, id) {
      const row = await one(workspaceId, id).select.executeTakeFirst()
      return row && toEndpoint(row)
    },

    async listEndpoints(workspaceId) {
      const rows = await db
        .selectFrom("webhook_endpoints")
        .selectAll()
        .where("workspace_id", "=", workspaceId)
        .orderBy("created_at")
        .orderBy("id")
        .execute()
      return rows.map(toEndpoint)
    },

    async listListening(workspaceId) {
      const rows = await db
        .selectFrom("webhook_endpoints")
        .selectAll()
        .where("workspace_id", "=", workspaceId)
        .where("status", "=", "enabled")
        .$if(dialect.skipsLockedRows, (query) => query.forKeyShare())
        .execute()
      return rows.map(toEndpoint)
    },

    async deleteEndpoint(workspaceId, id) {
      return metOneRow(await one(workspaceId, id).delete.executeTakeFirst())
    },

    async replaceSecrets({ id, version, workspaceId }, sealed) {
      const update = one(workspaceId, id)
        .update.set({ sealed_secrets: sealed, version: version + 1 })
        .where("version", "=", version)
      return metOneRow(await update.executeTakeFirst())
    },

    async enable(workspaceId, id) {
      const update = one(workspaceId, id).update.set({
        status: "enabled",
        disabled_reason: null,
        failing_since: null,
        failures: 0,
        rest_until: null,
      })
      return metOneRow(await update.executeTakeFirst())
    },
  } satisfies Partial<WebhookStore>
}

/** Who has been told everything: its last events may wait for delivery when the app is gone. */
function toldEndpoints(db: Db) {
  return db
    .deleteFrom("webhook_endpoints")
    .where("app_id", "is not", null)
    .where((of) =>
      of.not(
        of.exists(
          of
            .selectFrom("webhook_deliveries as waiting")
            .select("waiting.id")
            .whereRef("waiting.endpoint_id", "=", "webhook_endpoints.id")
            .where("waiting.outcome", "=", "pending"),
        ),
      ),
    )
}

export async function removeEndpointsOfApp(db: Db, workspaceId: string, appId: string): Promise<void> {
  await toldEndpoints(db).where("workspace_id", "=", workspaceId).where("app_id", "=", appId).execute()
}

export function webhookStore(executor: Executor): WebhookStore {
  const { db } = executor
  return {
    ...endpointQueries(executor),
    ...webhookOutbox(executor),

    async insertDeliveries(deliveries) {
      for (let start = 0; start < deliveries.length; start += rowsPerStatement) {
        const rows = deliveries.slice(start, start + rowsPerStatement).map(toDeliveryRow)
        await db.insertInto("webhook_deliveries").values(rows).execute()
      }
    },

    async findDelivery(workspaceId, endpointId, id) {
      const row = await db
        .selectFrom("webhook_deliveries")
        .selectAll()
        .where("workspace_id", "=", workspaceId)
        .where("endpoint_id", "=", endpointId)
        .where("id", "=", id)
        .executeTakeFirst()
      return row && toDelivery(row)
    },

    async takeDelivery({ id, nextTryAt, outcome, tries, workspaceId }, holdUntil) {
      const update = db
        .updateTable("webhook_deliveries")
        .set({
          outcome: "pending",
          settled_at: null,
          next_try_at: holdUntil,
          tries: tries + 1,
          last_error: sendingByHand,
        })
        .where("workspace_id", "=", workspaceId)
        .where("id", "=", id)
        .where("outcome", "=", outcome)
        .where("tries", "=", tries)
        .where("next_try_at", "=", nextTryAt)
      return metOneRow(await update.executeTakeFirst())
    },

    async deleteEndpointsOfGoneApps() {
      const isGone = toldEndpoints(db).where((of) =>
        of.not(
          of.exists(
            of.selectFrom("apps").select("apps.id").whereRef("apps.id", "=", "webhook_endpoints.app_id"),
          ),
        ),
      )
      await isGone.execute()
    },

    async listDeliveries(workspaceId, endpointId, { after, limit }) {
      let query = db
        .selectFrom("webhook_deliveries")
        .selectAll()
        .where("workspace_id", "=", workspaceId)
        .where("endpoint_id", "=", endpointId)
      if (after !== undefined) {
        query = query.where((of) =>
          of.or([
            of("created_at", "<", after.createdAt),
            of.and([of("created_at", "=", after.createdAt), of("id", "<", after.id)]),
          ]),
        )
      }
      const rows = await query.orderBy("created_at", "desc").orderBy("id", "desc").limit(limit).execute()
      return rows.map(toDelivery)
    },
  }
}
