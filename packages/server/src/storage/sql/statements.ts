/** What several stores need of a statement. */
import { sql } from "kysely"
import { AlreadyExists } from "../storage-errors.ts"
import type { Dialect, Violation } from "./dialect.ts"
import type { Db } from "./schema.ts"

/** What the queries of one store run on. */
export interface Executor {
  readonly db: Db
  readonly dialect: Dialect
}

/** Runs several statements as one; joins the transaction that is open, if there is one. */
export async function atomically<T>(
  executor: Executor,
  work: (executor: Executor) => Promise<T>,
): Promise<T> {
  if (executor.db.isTransaction) return work(executor)
  return executor.db.transaction().execute((db) => work({ db, dialect: executor.dialect }))
}

/**
 * Runs one statement that may break a constraint. Inside a transaction it gets a savepoint: PostgreSQL refuses
 * everything after an error until it is rolled back.
 *
 * @returns what the statement gave, or which of the constraints it broke; any other error is thrown
 */
export async function tryConstrained<T>(
  executor: Executor,
  statement: (db: Db) => Promise<T>,
): Promise<{ readonly result: T } | { readonly violation: Violation }> {
  const { db, dialect } = executor
  if (db.isTransaction) await sql`savepoint before_constrained`.execute(db)
  try {
    const result = await statement(db)
    if (db.isTransaction) await sql`release savepoint before_constrained`.execute(db)
    return { result }
  } catch (error) {
    const violation = dialect.violation(error)
    if (violation === undefined) throw error
    if (db.isTransaction) await sql`rollback to savepoint before_constrained`.execute(db)
    return { violation }
  }
}

/** Runs an insert; AlreadyExists when a row with these values is there. */
export async function insertNew(
  executor: Executor,
  what: string,
  insert: (db: Db) => Promise<unknown>,
): Promise<void> {
  try {
    await insert(executor.db)
  } catch (error) {
    if (executor.dialect.violation(error) !== "unique") throw error
    throw new AlreadyExists(`This ${what} exists already`, { cause: error })
  }
}

/** Whether an update or delete that names one row met it. */
export function metOneRow(result: {
  readonly numUpdatedRows?: bigint
  readonly numDeletedRows?: bigint
}): boolean {
  return (result.numUpdatedRows ?? result.numDeletedRows ?? 0n) > 0n
}
