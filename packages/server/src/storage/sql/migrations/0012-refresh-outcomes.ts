/** What the dashboard asks about a workspace of any size: how refreshes go, how connections do, where a user is. */
import { sql } from "kysely"
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"
import { accountKey, ofNamedUsers, ofUsers, userKey } from "../user-index.ts"
import { type Context, createTable } from "./0001-initial.ts"

async function createOutcomes(context: Context): Promise<void> {
  await createTable(context, "refresh_outcomes", {
    text: ["workspace_id", "type", "outcome"],
    milliseconds: ["bucket_at"],
    integer: ["refreshes"],
    // No reference to the workspace: sums that are still in memory when it goes must not keep others from being written.
    constraints: (table) =>
      table.addPrimaryKeyConstraint("refresh_outcomes_pkey", [
        "workspace_id",
        "bucket_at",
        "type",
        "outcome",
      ]),
  })
  await context.db.schema
    .createIndex("refresh_outcomes_by_age")
    .on("refresh_outcomes")
    .columns(["bucket_at"])
    .execute()
}

/** Counting reads these instead of the rows, which are wide: they hold the sealed tokens. */
async function indexHealth({ db }: Context): Promise<void> {
  await db.schema
    .createIndex("connections_health")
    .on("connections")
    .columns(["workspace_id", "type", "status", "refresh_due_at", "last_refreshed_at"])
    .execute()
  await db.schema
    .createIndex("connections_in_trouble")
    .on("connections")
    .columns(["workspace_id", "type", "status"])
    .where(sql.ref("last_refresh_error_json"), "is not", null)
    .execute()
}

async function indexUsers({ db, dialect }: Context): Promise<void> {
  await sql`create index connections_by_account_name on connections
    (workspace_id, app_id, ${accountKey(dialect)}, id) where ${ofNamedUsers}`.execute(db)
  // The unique index on addresses does on SQLite, which compares byte by byte.
  if (dialect.name === "postgres")
    await sql`create index connections_by_user on connections
      (workspace_id, app_id, ${userKey(dialect)}, slot) where ${ofUsers}`.execute(db)
}

export async function up(db: Db, dialect: Dialect): Promise<void> {
  const context = { db, dialect }
  await createOutcomes(context)
  await indexHealth(context)
  await indexUsers(context)
}
