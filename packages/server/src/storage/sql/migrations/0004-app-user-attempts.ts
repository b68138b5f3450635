/** What attempts of app users keep, and whether a member's takes over from a colleague; a connector's connections by page. */
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"

export async function up({ schema }: Db, { columnTypes }: Dialect): Promise<void> {
  for (const column of ["asked_by", "login_hint", "handle_hash"]) {
    await schema.alterTable("attempts").addColumn(column, columnTypes.text).execute()
  }
  for (const column of ["sealed_return_to", "sealed_callback"]) {
    await schema.alterTable("attempts").addColumn(column, columnTypes.bytes).execute()
  }
  await schema
    .alterTable("attempts")
    .addColumn("force_reconnect", columnTypes.integer, (column) => column.notNull().defaultTo(0))
    .execute()
  await schema
    .createIndex("attempts_by_handle")
    .unique()
    .on("attempts")
    .columns(["handle_hash"])
    .where("handle_hash", "is not", null)
    .execute()
  await schema.dropIndex("connections_by_connector").execute()
  await schema
    .createIndex("connections_by_connector")
    .on("connections")
    .columns(["workspace_id", "connector_id", "id"])
    .execute()
}
