/**
 * Brings the schema up to date, one transaction per migration. The lock is taken anew in each of them and the list is
 * read under it, so that any number of replicas may start at once.
 */
import { sql } from "kysely"
import { StorageTooNew } from "../storage-errors.ts"
import type { Dialect } from "./dialect.ts"
import { type Migration, migrations } from "./migrations/index.ts"
import type { Db } from "./schema.ts"

function assertKnown(applied: readonly string[], known: readonly Migration[]): void {
  const names = new Set(known.map((migration) => migration.name))
  const unknown = applied.filter((name) => !names.has(name))
  if (unknown.length === 0) return
  throw new StorageTooNew(
    `The database was written by a newer Grantry: it has the migrations ${unknown.join(", ")}, ` +
      `which this program does not know. Start the newer program, or restore the backup made before the upgrade.`,
  )
}

async function appliedMigrations(db: Db, dialect: Dialect): Promise<readonly string[]> {
  const { text, milliseconds } = dialect.columnTypes
  await db.schema
    .createTable("migrations")
    .ifNotExists()
    .addColumn("name", text, (column) => column.notNull().primaryKey())
    .addColumn("applied_at", milliseconds, (column) => column.notNull())
    .modifyEnd(dialect.tableOptions)
    .execute()
  const rows = await db.selectFrom("migrations").select("name").orderBy("name").execute()
  return rows.map((row) => row.name)
}

/** Runs the first migration that is missing; its name, or undefined when there was nothing to do. */
async function applyNext(
  transaction: Db,
  dialect: Dialect,
  known: readonly Migration[],
): Promise<string | undefined> {
  await sql`${dialect.lockMigrations}`.execute(transaction)
  const applied = await appliedMigrations(transaction, dialect)
  assertKnown(applied, known)
  const next = known.find((migration) => !applied.includes(migration.name))
  if (next === undefined) return undefined
  await next.up(transaction, dialect)
  await transaction.insertInto("migrations").values({ name: next.name, applied_at: dialect.now }).execute()
  return next.name
}

/** @returns the names of the migrations that this call ran */
export async function migrate(
  db: Db,
  dialect: Dialect,
  known: readonly Migration[] = migrations,
): Promise<readonly string[]> {
  const ran: string[] = []
  for (let step = 0; step <= known.length; step += 1) {
    const name = await db.transaction().execute((transaction) => applyNext(transaction, dialect, known))
    if (name === undefined) break
    ran.push(name)
  }
  return ran
}
