import { sql } from "kysely"
import type { MetaStore } from "../stores/meta.ts"
import { type Executor, metOneRow } from "./statements.ts"

export function metaStore({ db }: Executor): MetaStore {
  return {
    async get(key) {
      const row = await db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst()
      return row?.value
    },

    async putIfAbsent(key, value) {
      // Writing the value that stands is what makes `returning` answer in either case.
      const row = await db
        .insertInto("meta")
        .values({ key, value })
        .onConflict((conflict) => conflict.column("key").doUpdateSet({ value: sql.ref("meta.value") }))
        .returning("value")
        .executeTakeFirstOrThrow()
      return row.value
    },

    async put(key, value) {
      await db
        .insertInto("meta")
        .values({ key, value })
        .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
        .execute()
    },

    async delete(key) {
      return metOneRow(await db.deleteFrom("meta").where("key", "=", key).executeTakeFirst())
    },
  }
}
