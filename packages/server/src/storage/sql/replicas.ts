import { sql } from "kysely"
import type { ReplicaStore } from "../stores/replicas.ts"
import type { Executor } from "./statements.ts"

export function replicaStore({ db, dialect }: Executor): ReplicaStore {
  return {
    async beat(id, liveForMs) {
      const alive = sql<number>`${dialect.now} - ${sql.lit(liveForMs)}`
      await db
        .insertInto("replicas")
        .values({ id, seen_at: dialect.now })
        .onConflict((conflict) => conflict.column("id").doUpdateSet({ seen_at: dialect.now }))
        .execute()
      await db.deleteFrom("replicas").where("seen_at", "<=", alive).where("id", "!=", id).execute()
      const { live } = await db
        .selectFrom("replicas")
        .select((of) => of.fn.countAll<number>().as("live"))
        .executeTakeFirstOrThrow()
      return Number(live)
    },

    async leave(id) {
      await db.deleteFrom("replicas").where("id", "=", id).execute()
    },
  }
}
