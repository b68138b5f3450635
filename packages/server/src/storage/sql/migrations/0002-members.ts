/** What members sign in with: sessions, passwords, device logins, invitations, and the counts that limit guesses. */
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"
import { type Context, createTable, primaryKey } from "./0001-initial.ts"

type Table = Parameters<ReturnType<typeof primaryKey>>[0]

const ofMember = (name: string) => (table: Table) =>
  primaryKey(name)(table).addForeignKeyConstraint(`${name}_member`, ["member_id"], "members", ["id"])

async function createSessions(context: Context): Promise<void> {
  await createTable(context, "sessions", {
    text: ["id", "member_id", "token_hash", "address?", "user_agent?"],
    milliseconds: ["expires_at", "created_at", "updated_at"],
    constraints: (table) =>
      ofMember("sessions")(table).addUniqueConstraint("sessions_token_hash", ["token_hash"]),
  })
  await createTable(context, "sign_in_methods", {
    text: ["id", "member_id", "provider_id", "account_id", "password_hash?"],
    milliseconds: ["created_at", "updated_at"],
    constraints: (table) =>
      ofMember("sign_in_methods")(table).addUniqueConstraint("sign_in_methods_account", [
        "provider_id",
        "account_id",
      ]),
  })
}

async function createInvitations(context: Context): Promise<void> {
  await createTable(context, "invitations", {
    text: ["id", "workspace_id", "email", "email_key", "role", "secret_hash", "invited_by"],
    milliseconds: ["created_at", "expires_at"],
    constraints: (table) =>
      primaryKey("invitations")(table)
        .addUniqueConstraint("invitations_secret_hash", ["secret_hash"])
        .addUniqueConstraint("invitations_email", ["workspace_id", "email_key"])
        .addForeignKeyConstraint("invitations_workspace", ["workspace_id"], "workspaces", ["id"])
        .addForeignKeyConstraint("invitations_invited_by", ["invited_by"], "members", ["id"]),
  })
}

async function createDeviceLogins(context: Context): Promise<void> {
  await createTable(context, "device_codes", {
    text: ["id", "client_id", "scope", "status", "member_id?", "address?"],
    bytes: ["device_hash", "user_hash"],
    milliseconds: ["created_at", "expires_at", "polled_at?"],
    constraints: (table) =>
      ofMember("device_codes")(table)
        .addUniqueConstraint("device_codes_device_hash", ["device_hash"])
        .addUniqueConstraint("device_codes_user_hash", ["user_hash"]),
  })
  await createTable(context, "device_logins", {
    text: ["id", "member_id", "client_id", "scope"],
    milliseconds: ["created_at"],
    constraints: ofMember("device_logins"),
  })
  await createTable(context, "device_tokens", {
    text: ["login_id", "kind"],
    bytes: ["hash"],
    milliseconds: ["expires_at", "used_at?"],
    constraints: (table) =>
      table
        .addPrimaryKeyConstraint("device_tokens_pkey", ["hash"])
        .addForeignKeyConstraint("device_tokens_login", ["login_id"], "device_logins", ["id"], (key) =>
          key.onDelete("cascade"),
        ),
  })
}

async function createGuessCounts(context: Context): Promise<void> {
  await createTable(context, "guess_counts", {
    text: ["key"],
    integer: ["count"],
    milliseconds: ["ends_at"],
    constraints: (table) => table.addPrimaryKeyConstraint("guess_counts_pkey", ["key"]),
  })
}

/** Whose they are, and what is over: both are asked for without an id. */
async function createIndexes({ db }: Context): Promise<void> {
  const byMember = ["sessions", "sign_in_methods", "device_logins"]
  const byExpiry = ["sessions", "device_codes", "device_tokens", "invitations"]
  for (const table of byMember)
    await db.schema.createIndex(`${table}_by_member`).on(table).columns(["member_id"]).execute()
  for (const table of byExpiry)
    await db.schema.createIndex(`${table}_by_expiry`).on(table).columns(["expires_at"]).execute()
  await db.schema
    .createIndex("device_tokens_by_login")
    .on("device_tokens")
    .columns(["login_id", "expires_at"])
    .execute()
  await db.schema.createIndex("invitations_by_email").on("invitations").columns(["email_key"]).execute()
}

export async function up(db: Db, dialect: Dialect): Promise<void> {
  const context = { db, dialect }
  await createSessions(context)
  await createInvitations(context)
  await createDeviceLogins(context)
  await createGuessCounts(context)
  await createIndexes(context)
}
