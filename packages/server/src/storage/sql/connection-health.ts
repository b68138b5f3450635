import { sql } from "kysely"
import type { ConnectionCounts, ConnectionStatus } from "../stores/connections.ts"
import type { Executor } from "./statements.ts"

interface CountRow {
  readonly type: string
  readonly status: ConnectionStatus
  readonly count: number
  readonly due: number
  readonly oldest_due_at: number | null
  readonly refreshed: number
}

type Times = { readonly now: number; readonly refreshedSince: number }

/** Asks for nothing that is not in the index `connections_health`: the rows themselves are ten times as wide. */
function counts({ db }: Executor, workspaceId: string, times: Times): Promise<readonly CountRow[]> {
  const isDue = sql<boolean>`status = 'active' and refresh_due_at <= ${times.now}`
  return db
    .selectFrom("connections")
    .select((of) => [
      "type",
      "status",
      of.fn.countAll<number>().as("count"),
      sql<number>`count(case when ${isDue} then 1 end)`.as("due"),
      sql<number | null>`min(case when ${isDue} then refresh_due_at end)`.as("oldest_due_at"),
      sql<number>`count(case when last_refreshed_at >= ${times.refreshedSince} then 1 end)`.as("refreshed"),
    ])
    .where("workspace_id", "=", workspaceId)
    .groupBy(["type", "status"])
    .orderBy("type")
    .orderBy("status")
    .execute()
}

/** By an index that holds those in trouble only. */
async function troubles({ db }: Executor, workspaceId: string): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom("connections")
    .select((of) => ["type", "status", of.fn.countAll<number>().as("count")])
    .where("workspace_id", "=", workspaceId)
    .where("last_refresh_error_json", "is not", null)
    .groupBy(["type", "status"])
    .execute()
  return new Map(rows.map(({ count, status, type }) => [`${type} ${status}`, count]))
}

export function connectionHealth(executor: Executor) {
  return {
    async countHealth(workspaceId: string, times: Times): Promise<readonly ConnectionCounts[]> {
      const troubled = await troubles(executor, workspaceId)
      const rows = await counts(executor, workspaceId, times)
      return rows.map(({ count, due, oldest_due_at: oldestDueAt, refreshed, status, type }) => ({
        type,
        status,
        count,
        due,
        oldestDueAt,
        refreshed,
        troubled: Math.min(count, troubled.get(`${type} ${status}`) ?? 0),
      }))
    },
  }
}
