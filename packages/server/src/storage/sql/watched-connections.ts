/** The one query of the poller that wakes whoever waits for a connection. */
import { sql } from "kysely"
import type { ReadWatched } from "../connection-watches.ts"
import type { Executor } from "./statements.ts"

export function readWatched({ db, dialect }: Executor): ReadWatched {
  return async (ids) => {
    if (ids.length === 0) return []
    const rows = await db
      .selectFrom("connections")
      .select(["id", "generation", "version"])
      .select(sql<number>`case when lease_until > ${dialect.now} then 1 else 0 end`.as("leased"))
      .where("id", "in", ids)
      .execute()
    return rows.map(({ leased, ...state }) => ({ ...state, isLeased: leased === 1 }))
  }
}
