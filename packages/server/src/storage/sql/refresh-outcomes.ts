import { sql } from "kysely"
import type { RefreshCount, RefreshOutcomeStore } from "../stores/refresh-outcomes.ts"
import { atomically, type Executor } from "./statements.ts"

/** Five columns each: far below the number of parameters that either database takes in one statement. */
const rowsPerStatement = 500

async function addSome({ db }: Executor, counts: readonly RefreshCount[]): Promise<void> {
  const rows = counts.map(({ bucketAt, count, outcome, type, workspaceId }) => ({
    workspace_id: workspaceId,
    bucket_at: bucketAt,
    type,
    outcome,
    refreshes: count,
  }))
  await db
    .insertInto("refresh_outcomes")
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(["workspace_id", "bucket_at", "type", "outcome"]).doUpdateSet((of) => ({
        refreshes: of("refresh_outcomes.refreshes", "+", of.ref("excluded.refreshes")),
      })),
    )
    .execute()
}

/** Replicas that lock the same rows lock them in the same order: none waits for another in a circle. */
function inOrder(counts: readonly RefreshCount[]): readonly RefreshCount[] {
  const keyed = counts.map((count) => {
    const { bucketAt, outcome, type, workspaceId } = count
    return { count, key: `${workspaceId} ${bucketAt} ${type} ${outcome}` }
  })
  return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ count }) => count)
}

export function refreshOutcomeStore(executor: Executor): RefreshOutcomeStore {
  const { db } = executor
  return {
    async add(counts) {
      const rows = inOrder(counts)
      await atomically(executor, async (within) => {
        for (let start = 0; start < rows.length; start += rowsPerStatement)
          await addSome(within, rows.slice(start, start + rowsPerStatement))
      })
    },

    async sum({ since, stepMs, until, workspaceId }) {
      const steps = db
        .selectFrom("refresh_outcomes")
        .select((of) => [
          "type",
          "outcome",
          "refreshes",
          sql<number>`${of.ref("bucket_at")} - (${of.ref("bucket_at")} - ${sql.lit(since)}) % ${sql.lit(stepMs)}`.as(
            "at",
          ),
        ])
        .where("workspace_id", "=", workspaceId)
        .where("bucket_at", ">=", since)
        .where("bucket_at", "<", until)
      const rows = await db
        .selectFrom(steps.as("steps"))
        .select((of) => ["type", "outcome", "at", of.fn.sum<number | string>("refreshes").as("count")])
        .groupBy(["type", "outcome", "at"])
        .orderBy("at")
        .execute()
      return rows.map((row) => ({ ...row, at: Number(row.at), count: Number(row.count) }))
    },

    async forget(before) {
      await db.deleteFrom("refresh_outcomes").where("bucket_at", "<", before).execute()
    },
  }
}
