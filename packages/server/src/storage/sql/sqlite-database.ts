/** The driver of better-sqlite3 as Kysely wants it: statements are prepared once, and trouble has our own error. */
import Database from "better-sqlite3"
import {
  CompiledQuery,
  type DatabaseConnection,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  type SqliteStatement,
} from "kysely"
import { type FailureOutcome, StorageUnavailable } from "../storage.ts"

/** More than there are different queries; texts that vary with their number of parameters must not pile up. */
const MAX_PREPARED = 500

// https://sqlite.org/rescode.html: the file, the disk or another program's lock; not the statement.
const TROUBLE: ReadonlyMap<string, FailureOutcome> = new Map([
  ["SQLITE_BUSY", "not_applied"],
  ["SQLITE_CANTOPEN", "not_applied"],
  ["SQLITE_CORRUPT", "unknown"],
  ["SQLITE_FULL", "not_applied"],
  // A failed sync leaves open whether the commit is on the disk.
  ["SQLITE_IOERR", "unknown"],
  ["SQLITE_NOTADB", "not_applied"],
  ["SQLITE_PROTOCOL", "not_applied"],
  ["SQLITE_READONLY", "not_applied"],
])

function primaryCode(code: string): string {
  return code.split("_").slice(0, 2).join("_")
}

export function translateSqliteError(error: unknown): unknown {
  if (error instanceof Database.SqliteError) {
    const outcome = TROUBLE.get(primaryCode(error.code))
    if (outcome === undefined) return error
    return new StorageUnavailable(`The embedded database does not answer (${error.code})`, {
      outcome,
      cause: error,
    })
  }
  if (error instanceof TypeError && error.message === "The database connection is not open") {
    return new StorageUnavailable("The embedded database is closed", { outcome: "not_applied", cause: error })
  }
  return error
}

function translated<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw translateSqliteError(error)
  }
}

function wrapStatement(statement: Database.Statement<unknown[]>): SqliteStatement {
  return {
    reader: statement.reader,
    all: (parameters) => translated(() => statement.all(parameters)),
    run: (parameters) => translated(() => statement.run(parameters)),
    iterate: (parameters) => statement.iterate(parameters),
  }
}

function wrapDatabase(handle: Database.Database): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>()
  return {
    close: () => handle.close(),
    prepare(sql) {
      const known = prepared.get(sql)
      if (known !== undefined) return known
      const statement = wrapStatement(translated(() => handle.prepare<unknown[]>(sql)))
      if (prepared.size >= MAX_PREPARED) prepared.clear()
      prepared.set(sql, statement)
      return statement
    },
  }
}

class OwnDriver extends SqliteDriver {
  readonly #handle: Database.Database

  constructor(config: SqliteDialectConfig, handle: Database.Database) {
    super(config)
    this.#handle = handle
  }

  /** Takes the write lock at the start: a transaction that has read can then always write. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"))
  }

  /** After some errors, a full disk for one, SQLite has rolled back itself; the error must not be replaced by another. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#handle.inTransaction) await super.rollbackTransaction(connection)
  }
}

class OwnDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig
  readonly #handle: Database.Database

  constructor(config: SqliteDialectConfig, handle: Database.Database) {
    super(config)
    this.#config = config
    this.#handle = handle
  }

  override createDriver(): SqliteDriver {
    return new OwnDriver(this.#config, this.#handle)
  }
}

export function kyselyDialect(handle: Database.Database): SqliteDialect {
  return new OwnDialect({ database: wrapDatabase(handle) }, handle)
}
