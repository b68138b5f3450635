/** Who is told of what happens to connections, and the outbox of what they are told. */
import { sql } from "kysely"
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"
import { type Context, createTable, primaryKey } from "./0001-initial.ts"

async function createEndpoints(context: Context): Promise<void> {
  await createTable(context, "webhook_endpoints", {
    text: ["id", "workspace_id", "app_id?", "url", "events_json", "status", "disabled_reason?"],
    bytes: ["sealed_secrets"],
    integer: ["failures", "version"],
    milliseconds: ["failing_since?", "rest_until?", "created_at"],
    // The app may be gone before its last events have been delivered.
    constraints: (table) =>
      primaryKey("webhook_endpoints")(table).addForeignKeyConstraint(
        "webhook_endpoints_workspace",
        ["workspace_id"],
        "workspaces",
        ["id"],
      ),
  })
  await context.db.schema
    .createIndex("webhook_endpoints_by_workspace")
    .on("webhook_endpoints")
    .columns(["workspace_id", "created_at", "id"])
    .execute()
}

async function createDeliveries(context: Context): Promise<void> {
  await createTable(context, "webhook_deliveries", {
    text: ["id", "workspace_id", "endpoint_id", "event_type", "payload", "outcome", "last_error?"],
    integer: ["tries", "last_status?"],
    milliseconds: ["next_try_at", "created_at", "settled_at?"],
    constraints: (table) =>
      primaryKey("webhook_deliveries")(table).addForeignKeyConstraint(
        "webhook_deliveries_endpoint",
        ["endpoint_id"],
        "webhook_endpoints",
        ["id"],
        (key) => key.onDelete("cascade"),
      ),
  })
  const { schema } = context.db
  await schema
    .createIndex("webhook_deliveries_by_endpoint")
    .on("webhook_deliveries")
    .columns(["endpoint_id", "created_at", "id"])
    .execute()
  await schema
    .createIndex("webhook_deliveries_due")
    .on("webhook_deliveries")
    .columns(["endpoint_id", "next_try_at", "id"])
    .where(sql.ref("outcome"), "=", sql.lit("pending"))
    .execute()
  await schema
    .createIndex("webhook_deliveries_pending_by_age")
    .on("webhook_deliveries")
    .columns(["created_at"])
    .where(sql.ref("outcome"), "=", sql.lit("pending"))
    .execute()
  await schema
    .createIndex("webhook_deliveries_by_end")
    .on("webhook_deliveries")
    .columns(["settled_at"])
    .where(sql.ref("settled_at"), "is not", null)
    .execute()
}

export async function up(db: Db, dialect: Dialect): Promise<void> {
  const context = { db, dialect }
  await createEndpoints(context)
  await createDeliveries(context)
}
