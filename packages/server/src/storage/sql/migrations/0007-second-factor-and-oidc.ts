/** A second factor of members, sign-ins that wait for it, and sign-ins that are at the operator's OpenID provider. */
import type { Dialect } from "../dialect.ts"
import type { Db } from "../schema.ts"
import { type Context, createTable, primaryKey } from "./0001-initial.ts"

type Table = Parameters<ReturnType<typeof primaryKey>>[0]

const goesWithMember = (name: string) => (table: Table) =>
  table.addForeignKeyConstraint(`${name}_member`, ["member_id"], "members", ["id"], (key) =>
    key.onDelete("cascade"),
  )

async function createSecondFactors(context: Context): Promise<void> {
  await createTable(context, "second_factors", {
    text: ["id", "member_id", "secret", "backup_codes"],
    integer: ["verified"],
    milliseconds: ["created_at"],
    constraints: (table) =>
      goesWithMember("second_factors")(
        primaryKey("second_factors")(table).addUniqueConstraint("second_factors_member_id", ["member_id"]),
      ),
  })
}

async function createVerifications(context: Context): Promise<void> {
  await createTable(context, "sign_in_verifications", {
    text: ["id", "identifier", "value"],
    milliseconds: ["expires_at", "created_at", "updated_at"],
    constraints: primaryKey("sign_in_verifications"),
  })
}

async function createOpenIdAttempts(context: Context): Promise<void> {
  await createTable(context, "openid_attempts", {
    text: ["state_hash", "browser_hash", "member_id?", "next_path"],
    milliseconds: ["created_at", "expires_at"],
    constraints: (table) =>
      goesWithMember("openid_attempts")(
        table.addPrimaryKeyConstraint("openid_attempts_pkey", ["state_hash"]),
      ),
  })
}

async function createIndexes(db: Db): Promise<void> {
  const identifier = db.schema.createIndex("sign_in_verifications_by_identifier")
  await identifier.on("sign_in_verifications").columns(["identifier"]).execute()
  for (const table of ["sign_in_verifications", "openid_attempts"])
    await db.schema.createIndex(`${table}_by_expiry`).on(table).columns(["expires_at"]).execute()
}

export async function up(db: Db, dialect: Dialect): Promise<void> {
  const context = { db, dialect }
  await createSecondFactors(context)
  await createVerifications(context)
  await createOpenIdAttempts(context)
  await createIndexes(db)
}
