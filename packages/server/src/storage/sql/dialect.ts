/** Where SQLite and PostgreSQL differ, and nowhere else: every query asks this instead of the database's name. */
import { type RawBuilder, sql } from "kysely"

export interface ColumnTypes {
  readonly text: RawBuilder<unknown>
  readonly integer: RawBuilder<unknown>
  readonly milliseconds: RawBuilder<unknown>
  readonly bytes: RawBuilder<unknown>
}

export type Violation = "unique" | "foreign_key"

export interface Dialect {
  readonly name: "sqlite" | "postgres"
  /** Milliseconds by the database's clock, at the moment the statement runs. */
  readonly now: RawBuilder<number>
  readonly columnTypes: ColumnTypes
  /** Where a row stands, for a statement that takes some rows of many. */
  readonly rowAddress: RawBuilder<unknown>
  /** Ends every `create table`. */
  readonly tableOptions: RawBuilder<unknown>
  /** Rows that another replica is working on are passed over; SQLite has one process and one writer. */
  readonly skipsLockedRows: boolean
  /** Keeps every other process out of the migrations until the transaction ends. */
  readonly lockMigrations: RawBuilder<unknown>
  /** Which constraint this error speaks of, if it does. */
  violation(error: unknown): Violation | undefined
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined
}

const SQLITE_VIOLATIONS: ReadonlyMap<unknown, Violation> = new Map([
  ["SQLITE_CONSTRAINT_UNIQUE", "unique"],
  ["SQLITE_CONSTRAINT_PRIMARYKEY", "unique"],
  ["SQLITE_CONSTRAINT_FOREIGNKEY", "foreign_key"],
])

export const sqliteDialect: Dialect = {
  name: "sqlite",
  now: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
  columnTypes: { text: sql`text`, integer: sql`integer`, milliseconds: sql`integer`, bytes: sql`blob` },
  rowAddress: sql`rowid`,
  tableOptions: sql`strict`,
  skipsLockedRows: false,
  // Every transaction begins immediate, and the file has one owner.
  lockMigrations: sql`select 1`,
  violation: (error) => SQLITE_VIOLATIONS.get(errorCode(error)),
}

// PostgreSQL manual, appendix A, class 23. 23001 is what version 18 gives for a restricted delete.
const POSTGRES_VIOLATIONS: ReadonlyMap<unknown, Violation> = new Map([
  ["23505", "unique"],
  ["23503", "foreign_key"],
  ["23001", "foreign_key"],
])

/** Any constant will do as long as nothing else that shares the database uses it. */
const MIGRATION_LOCK = 7_274_618_359_214_001n

export const postgresDialect: Dialect = {
  name: "postgres",
  now: sql<number>`floor(extract(epoch from clock_timestamp()) * 1000)::bigint`,
  columnTypes: { text: sql`text`, integer: sql`integer`, milliseconds: sql`bigint`, bytes: sql`bytea` },
  rowAddress: sql`ctid`,
  tableOptions: sql``,
  skipsLockedRows: true,
  lockMigrations: sql`select pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`,
  violation: (error) => POSTGRES_VIOLATIONS.get(errorCode(error)),
}
