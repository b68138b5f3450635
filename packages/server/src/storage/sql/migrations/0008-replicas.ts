/** Which processes share the database, so that each takes its share of a limit. */
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"
import { createTable, primaryKey } from "./0001-initial.ts"

export async function up(db: Db, dialect: Dialect): Promise<void> {
  await createTable({ db, dialect }, "replicas", {
    text: ["id"],
    milliseconds: ["seen_at"],
    constraints: primaryKey("replicas"),
  })
}
