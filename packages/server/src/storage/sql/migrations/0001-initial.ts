/** The first schema. A migration that has been released is never edited: the next one changes what it made. */
import { type CreateTableBuilder, sql } from "kysely"
import type { ColumnTypes, Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"

type Table = CreateTableBuilder<string, string>

export interface Context {
  readonly db: Db
  readonly dialect: Dialect
}

/** `name` holds a value, `name?` may be null; the same spelling for every column type. */
interface Columns {
  readonly text?: readonly string[]
  readonly integer?: readonly string[]
  readonly milliseconds?: readonly string[]
  readonly bytes?: readonly string[]
}

function addColumns(table: Table, types: ColumnTypes, columns: Columns): Table {
  let result = table
  for (const kind of ["text", "integer", "milliseconds", "bytes"] as const) {
    for (const column of columns[kind] ?? []) {
      const nullable = column.endsWith("?")
      const name = nullable ? column.slice(0, -1) : column
      result = result.addColumn(name, types[kind], (definition) =>
        nullable ? definition : definition.notNull(),
      )
    }
  }
  return result
}

export async function createTable(
  context: Context,
  name: string,
  columns: Columns & { readonly constraints: (table: Table) => Table },
): Promise<void> {
  const table: Table = context.db.schema.createTable(name)
  const withColumns = addColumns(table, context.dialect.columnTypes, columns)
  await columns.constraints(withColumns).modifyEnd(context.dialect.tableOptions).execute()
}

export function primaryKey(name: string) {
  return (table: Table): Table => table.addPrimaryKeyConstraint(`${name}_pkey`, ["id"])
}

async function createAccounts(context: Context): Promise<void> {
  await createTable(context, "meta", {
    text: ["key", "value"],
    constraints: (table) => table.addPrimaryKeyConstraint("meta_pkey", ["key"]),
  })
  await createTable(context, "workspaces", {
    text: ["id", "name", "plan", "personal_of?"],
    milliseconds: ["created_at"],
    constraints: (table) =>
      primaryKey("workspaces")(table).addUniqueConstraint("workspaces_personal_of", ["personal_of"]),
  })
  await createTable(context, "members", {
    text: ["id", "email", "email_key", "name"],
    milliseconds: ["created_at"],
    constraints: (table) =>
      primaryKey("members")(table).addUniqueConstraint("members_email_key", ["email_key"]),
  })
  await createTable(context, "memberships", {
    text: ["workspace_id", "member_id", "role"],
    constraints: (table) =>
      table
        .addPrimaryKeyConstraint("memberships_pkey", ["workspace_id", "member_id"])
        .addForeignKeyConstraint("memberships_workspace", ["workspace_id"], "workspaces", ["id"])
        .addForeignKeyConstraint("memberships_member", ["member_id"], "members", ["id"]),
  })
  await context.db.schema
    .createIndex("memberships_by_member")
    .on("memberships")
    .columns(["member_id", "workspace_id"])
    .execute()
}

async function createApps(context: Context): Promise<void> {
  await createTable(context, "apps", {
    text: ["id", "workspace_id", "name", "created_by"],
    milliseconds: ["created_at"],
    constraints: (table) =>
      primaryKey("apps")(table)
        // What other tables refer to, so that no row can name an app of another workspace.
        .addUniqueConstraint("apps_by_workspace", ["workspace_id", "id"])
        .addForeignKeyConstraint("apps_workspace", ["workspace_id"], "workspaces", ["id"]),
  })
}

async function createKeys(context: Context): Promise<void> {
  const common = {
    bytes: ["hash"],
    milliseconds: ["created_at", "last_used_at?"],
  }
  await createTable(context, "api_keys", {
    ...common,
    text: ["id", "workspace_id", "member_id", "name", "prefix"],
    constraints: (table) =>
      primaryKey("api_keys")(table)
        .addUniqueConstraint("api_keys_hash", ["hash"])
        .addForeignKeyConstraint("api_keys_workspace", ["workspace_id"], "workspaces", ["id"])
        .addForeignKeyConstraint("api_keys_member", ["member_id"], "members", ["id"]),
  })
  await createTable(context, "service_keys", {
    ...common,
    text: ["id", "workspace_id", "app_id", "name", "prefix"],
    constraints: (table) =>
      primaryKey("service_keys")(table)
        .addUniqueConstraint("service_keys_hash", ["hash"])
        .addForeignKeyConstraint("service_keys_app", ["workspace_id", "app_id"], "apps", [
          "workspace_id",
          "id",
        ]),
  })
  await createTable(context, "data_keys", {
    text: ["id", "workspace_id", "master_key_id"],
    bytes: ["wrapped"],
    milliseconds: ["created_at"],
    constraints: (table) =>
      primaryKey("data_keys")(table).addForeignKeyConstraint(
        "data_keys_workspace",
        ["workspace_id"],
        "workspaces",
        ["id"],
      ),
  })
  const { schema } = context.db
  await schema.createIndex("api_keys_by_workspace").on("api_keys").columns(["workspace_id"]).execute()
  await schema.createIndex("api_keys_by_member").on("api_keys").columns(["member_id"]).execute()
  await schema
    .createIndex("service_keys_by_app")
    .on("service_keys")
    .columns(["workspace_id", "app_id"])
    .execute()
  await schema
    .createIndex("data_keys_by_workspace")
    .on("data_keys")
    .columns(["workspace_id", "created_at", "id"])
    .execute()
}

async function createConnectors(context: Context): Promise<void> {
  await createTable(context, "connectors", {
    text: [
      "id",
      "workspace_id",
      "type",
      "name",
      "credential_source",
      "client_id?",
      "scopes_json",
      "config_json",
      "client_problem?",
    ],
    bytes: ["sealed_client_secret?"],
    integer: ["version"],
    milliseconds: ["created_at", "updated_at"],
    constraints: (table) =>
      primaryKey("connectors")(table)
        .addUniqueConstraint("connectors_name", ["workspace_id", "name"])
        .addUniqueConstraint("connectors_by_workspace", ["workspace_id", "id"])
        .addForeignKeyConstraint("connectors_workspace", ["workspace_id"], "workspaces", ["id"]),
  })
  await context.db.schema
    .createIndex("connectors_by_type")
    .on("connectors")
    .columns(["workspace_id", "type", "created_at", "id"])
    .execute()
}

async function createConnections(context: Context): Promise<void> {
  await createTable(context, "connections", {
    text: [
      "id",
      "workspace_id",
      "app_id",
      "owner_kind",
      "owner_id",
      "slot",
      "type",
      "connector_id?",
      "credential_source",
      "connected_by?",
      "status",
      "requested_scopes_json",
      "granted_scopes_json?",
      "account_id?",
      "account_label?",
      "config_json",
      "lease_owner?",
      "last_refresh_error_json?",
    ],
    bytes: ["sealed_access_token?", "sealed_refresh_token?"],
    integer: ["generation", "version", "failures"],
    milliseconds: [
      "issued_at?",
      "expires_at?",
      "refresh_due_at?",
      "lease_until?",
      "retry_at?",
      "last_refreshed_at?",
      "status_changed_at",
      "created_at",
      "updated_at",
    ],
    constraints: (table) =>
      primaryKey("connections")(table)
        .addUniqueConstraint("connections_address", [
          "workspace_id",
          "app_id",
          "owner_kind",
          "owner_id",
          "slot",
        ])
        .addForeignKeyConstraint("connections_app", ["workspace_id", "app_id"], "apps", [
          "workspace_id",
          "id",
        ])
        .addForeignKeyConstraint("connections_connector", ["workspace_id", "connector_id"], "connectors", [
          "workspace_id",
          "id",
        ]),
  })
  const { schema } = context.db
  await schema
    .createIndex("connections_by_connector")
    .on("connections")
    .columns(["workspace_id", "connector_id"])
    .execute()
  await schema
    .createIndex("connections_by_account")
    .on("connections")
    .columns(["account_id", "type"])
    .where(sql.ref("account_id"), "is not", null)
    .execute()
  await schema
    .createIndex("connections_due")
    .on("connections")
    .columns(["refresh_due_at", "id"])
    .where(sql.ref("status"), "=", sql.lit("active"))
    .execute()
}

async function createAttempts(context: Context): Promise<void> {
  await createTable(context, "attempts", {
    text: [
      "id",
      "workspace_id",
      "app_id",
      "owner_kind",
      "owner_id",
      "slot",
      "type",
      "connector_id?",
      "credential_source",
      "connection_id",
      "started_by?",
      "requested_scopes_json",
      "config_json",
      "status",
      "error_code?",
      "error_message?",
      "browser_hash?",
      "state_hash?",
    ],
    bytes: ["sealed_verifier?", "sealed_grant?"],
    milliseconds: ["created_at", "expires_at"],
    // No reference to the app: an attempt outlives it until the grant that it may hold is revoked.
    constraints: (table) =>
      primaryKey("attempts")(table)
        .addUniqueConstraint("attempts_state_hash", ["state_hash"])
        .addForeignKeyConstraint("attempts_workspace", ["workspace_id"], "workspaces", ["id"]),
  })
  const { schema } = context.db
  await schema
    .createIndex("attempts_by_connection")
    .on("attempts")
    .columns(["workspace_id", "connection_id", "created_at"])
    .execute()
  await schema.createIndex("attempts_by_expiry").on("attempts").columns(["expires_at"]).execute()
}

async function createRevocations(context: Context): Promise<void> {
  await createTable(context, "revocations", {
    text: [
      "id",
      "workspace_id",
      "app_id",
      "connection_id",
      "type",
      "connector_id?",
      "credential_source",
      "config_json",
      "outcome",
      "detail?",
    ],
    bytes: ["sealed_tokens?"],
    integer: ["tries"],
    milliseconds: ["next_try_at", "created_at"],
    // The app and the connection may be gone before the provider has answered.
    constraints: (table) =>
      primaryKey("revocations")(table).addForeignKeyConstraint(
        "revocations_workspace",
        ["workspace_id"],
        "workspaces",
        ["id"],
      ),
  })
  await context.db.schema
    .createIndex("revocations_due")
    .on("revocations")
    .columns(["next_try_at", "id"])
    .where(sql.ref("outcome"), "=", sql.lit("pending"))
    .execute()
}

async function createAudit(context: Context): Promise<void> {
  await createTable(context, "audit_events", {
    text: [
      "id",
      "workspace_id",
      "app_id?",
      "actor",
      "action",
      "target?",
      "outcome",
      "address?",
      "request_id?",
    ],
    integer: ["count"],
    milliseconds: ["at", "until"],
    // No references: what happened stays on record when what it happened to is gone.
    constraints: primaryKey("audit_events"),
  })
  const { schema } = context.db
  await schema
    .createIndex("audit_events_by_time")
    .on("audit_events")
    .columns(["workspace_id", "at", "id"])
    .execute()
  await schema
    .createIndex("audit_events_by_action")
    .on("audit_events")
    .columns(["workspace_id", "action", "at", "id"])
    .execute()
}

export async function up(db: Db, dialect: Dialect): Promise<void> {
  const context = { db, dialect }
  await createAccounts(context)
  await createApps(context)
  await createKeys(context)
  await createConnectors(context)
  await createConnections(context)
  await createAttempts(context)
  await createRevocations(context)
  await createAudit(context)
}
