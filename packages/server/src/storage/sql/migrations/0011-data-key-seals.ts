/** Data keys count what they have sealed, and their epochs are numbered, so that each is made once. */
import { sql } from "kysely"
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"

/** What a key may seal (vault/keyring-limits.ts). Nobody counted for those that stand: their workspaces get new ones. */
const usedUp = 2 ** 30

export async function up(db: Db, { columnTypes }: Dialect): Promise<void> {
  for (const column of ["epoch", "seals_reserved"]) {
    await db.schema
      .alterTable("data_keys")
      .addColumn(column, columnTypes.milliseconds, (definition) => definition.notNull().defaultTo(0))
      .execute()
  }
  await sql`update data_keys set seals_reserved = ${sql.lit(usedUp)}, epoch = (
    select count(*) from data_keys as older where older.workspace_id = data_keys.workspace_id
      and (older.created_at < data_keys.created_at
        or (older.created_at = data_keys.created_at and older.id <= data_keys.id)))`.execute(db)
  await db.schema
    .createIndex("data_keys_epoch")
    .unique()
    .on("data_keys")
    .columns(["workspace_id", "epoch"])
    .execute()
}
