/** Ending many connections as a job, ending a whole workspace, and what finds a workspace's rows for both. */
import { sql } from "kysely"
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"
import { type Context, createTable, primaryKey } from "./0001-initial.ts"

async function createJobs(context: Context): Promise<void> {
  await createTable(context, "disconnect_jobs", {
    text: [
      "id",
      "workspace_id",
      "covers_key",
      "app_id?",
      "type?",
      "connector_id?",
      "user_id?",
      "connected_by?",
      "ends_with",
      "asked_by",
      "status",
      "cursor_json?",
      "lease_owner?",
    ],
    integer: ["total", "done", "failed", "unsupported", "unreadable"],
    milliseconds: ["asked_at", "ended_at?", "lease_until?"],
    constraints: (table) =>
      primaryKey("disconnect_jobs")(table).addForeignKeyConstraint(
        "disconnect_jobs_workspace",
        ["workspace_id"],
        "workspaces",
        ["id"],
      ),
  })
  const { schema } = context.db
  await schema
    .createIndex("disconnect_jobs_by_workspace")
    .on("disconnect_jobs")
    .columns(["workspace_id", "asked_at", "id"])
    .execute()
  // Of two equal jobs one runs.
  await schema
    .createIndex("disconnect_jobs_running")
    .unique()
    .on("disconnect_jobs")
    .columns(["workspace_id", "covers_key"])
    .where(sql.ref("status"), "=", sql.lit("running"))
    .execute()
}

async function createClosures(context: Context): Promise<void> {
  await createTable(context, "workspace_closures", {
    text: ["id", "workspace_id", "job_id", "secret_hash", "status", "summary_json?", "lease_owner?"],
    integer: ["is_forced"],
    milliseconds: ["asked_at", "give_up_at", "shredded_at?", "lease_until?"],
    // No reference to the workspace: this is what stays when it is gone.
    constraints: (table) =>
      primaryKey("workspace_closures")(table)
        .addUniqueConstraint("workspace_closures_workspace", ["workspace_id"])
        .addUniqueConstraint("workspace_closures_secret_hash", ["secret_hash"]),
  })
}

async function findRows({ schema }: Db): Promise<void> {
  await schema.alterTable("revocations").addColumn("job_id", "text").execute()
  await schema
    .createIndex("revocations_by_workspace")
    .on("revocations")
    .columns(["workspace_id", "job_id", "outcome"])
    .execute()
  await schema
    .createIndex("webhook_deliveries_by_workspace")
    .on("webhook_deliveries")
    .columns(["workspace_id"])
    .execute()
  await schema
    .createIndex("connections_by_member")
    .on("connections")
    .columns(["workspace_id", "connected_by", "id"])
    .where(sql.ref("connected_by"), "is not", null)
    .execute()
}

/** Replicas remember for a few seconds whose a key is: they are told when it is nobody's any more. */
async function tellOfAccess(db: Db): Promise<void> {
  await sql`create function grantry_access_changed() returns trigger language plpgsql as $$
    begin perform pg_notify('grantry_access', ''); return null; end $$`.execute(db)
  for (const table of ["memberships", "api_keys", "service_keys"]) {
    const event = table === "memberships" ? sql`delete or update` : sql`delete`
    await sql`create trigger ${sql.id(`${table}_access`)} after ${event} on ${sql.table(table)}
      for each row execute function grantry_access_changed()`.execute(db)
  }
}

export async function up(db: Db, dialect: Dialect): Promise<void> {
  const context = { db, dialect }
  await createJobs(context)
  await createClosures(context)
  await findRows(db)
  if (dialect.name === "postgres") await tellOfAccess(db)
}
