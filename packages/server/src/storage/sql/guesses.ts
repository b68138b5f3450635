import { sql } from "kysely"
import type { GuessStore } from "../stores/members.ts"
import type { Executor } from "./statements.ts"

export function guessStore({ db }: Executor): GuessStore {
  return {
    /** One statement, so that of many guesses at once each sees its own number. */
    async take(key, now, windowMs) {
      const row = await db
        .insertInto("guess_counts")
        .values({ key, count: 1, ends_at: now + windowMs })
        .onConflict((conflict) =>
          conflict.column("key").doUpdateSet({
            count: sql<number>`case when guess_counts.ends_at <= ${now} then 1 else guess_counts.count + 1 end`,
            ends_at: sql<number>`case when guess_counts.ends_at <= ${now} then ${now + windowMs} else guess_counts.ends_at end`,
          }),
        )
        .returning(["count", "ends_at"])
        .executeTakeFirstOrThrow()
      return { count: row.count, endsAt: row.ends_at }
    },

    async giveBack(key) {
      await db
        .updateTable("guess_counts")
        .set({ count: sql<number>`count - 1` })
        .where("key", "=", key)
        .where("count", ">", 0)
        .execute()
    },

    async deleteEnded(now) {
      await db.deleteFrom("guess_counts").where("ends_at", "<=", now).execute()
    },
  }
}
