import { sql } from "kysely"
import type { ConnectionCounts, ConnectionStatus } from "../stores/connections.ts"
import type { Executor } from "./statements.ts"

interface CountRow {
  readonly type: string
  readonly status: ConnectionStatus
  readonly count: number
  readonly troubled: number
  readonly due: number
  readonly refreshed: number
}

export function connectionHealth({ db }: Executor) {
  return {
    /** One walk over the workspace's rows: its columns are in no index together. */
    async countHealth(
      workspaceId: string,
      { now, refreshedSince }: { readonly now: number; readonly refreshedSince: number },
    ): Promise<readonly ConnectionCounts[]> {
      const counted = db
        .selectFrom("connections")
        .select((of) => [
          "type",
          "status",
          of.fn.countAll<number>().as("count"),
          countWhere(sql<boolean>`last_refresh_error_json is not null`).as("troubled"),
          countWhere(sql<boolean>`status = 'active' and refresh_due_at <= ${now}`).as("due"),
          countWhere(sql<boolean>`last_refreshed_at >= ${refreshedSince}`).as("refreshed"),
        ])
        .where("workspace_id", "=", workspaceId)
        .groupBy(["type", "status"])
        .orderBy("type")
        .orderBy("status")
      const rows: readonly CountRow[] = await counted.execute()
      return rows.map((row) => ({ ...row }))
    },
  }
}

function countWhere(condition: ReturnType<typeof sql<boolean>>) {
  return sql<number>`count(case when ${condition} then 1 end)`
}
