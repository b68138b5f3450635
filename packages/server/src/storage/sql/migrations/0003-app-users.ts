/** Who an app's users are, where its functions run, which pages may call it. */
import { sql } from "kysely"
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"
import { type Context, createTable, primaryKey } from "./0001-initial.ts"

async function addAppSettings({ db, dialect: { columnTypes } }: Context): Promise<void> {
  await db.schema.alterTable("apps").addColumn("functions_upstream", columnTypes.text).execute()
  await db.schema
    .alterTable("apps")
    .addColumn("backend_functions_enabled", columnTypes.integer, (column) =>
      column.notNull().defaultTo(sql.lit(1)),
    )
    .execute()
  await db.schema
    .alterTable("apps")
    .addColumn("connect_completion", columnTypes.text, (column) =>
      column.notNull().defaultTo(sql.lit("confirm")),
    )
    .execute()
}

const ofApp = ["workspace_id", "app_id"] as const

async function createTables(context: Context): Promise<void> {
  await createTable(context, "allowed_origins", {
    text: ["workspace_id", "app_id", "origin"],
    constraints: (table) =>
      table
        // By the app first: a browser's call names an app and nothing else.
        .addPrimaryKeyConstraint("allowed_origins_pkey", ["app_id", "origin"])
        .addForeignKeyConstraint("allowed_origins_app", [...ofApp], "apps", ["workspace_id", "id"]),
  })
  await createTable(context, "identity_issuers", {
    text: ["id", "workspace_id", "app_id", "issuer", "audience", "jwks_url?", "jwks_json?"],
    milliseconds: ["created_at"],
    constraints: (table) =>
      primaryKey("identity_issuers")(table)
        .addUniqueConstraint("identity_issuers_by_app", [...ofApp, "issuer", "audience"])
        .addForeignKeyConstraint("identity_issuers_app", [...ofApp], "apps", ["workspace_id", "id"]),
  })
  await createTable(context, "signing_keys", {
    text: ["id", "workspace_id", "public_jwk_json"],
    bytes: ["sealed_private_jwk"],
    milliseconds: ["created_at"],
    constraints: (table) =>
      primaryKey("signing_keys")(table).addForeignKeyConstraint(
        "signing_keys_workspace",
        ["workspace_id"],
        "workspaces",
        ["id"],
      ),
  })
  await context.db.schema
    .createIndex("signing_keys_by_workspace")
    .on("signing_keys")
    .columns(["workspace_id", "created_at", "id"])
    .execute()
}

export async function up(db: Db, dialect: Dialect): Promise<void> {
  const context = { db, dialect }
  await addAppSettings(context)
  await createTables(context)
}
