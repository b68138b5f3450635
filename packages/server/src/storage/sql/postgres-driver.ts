/**
 * Kysely on a pool of `pg`. Kysely's own driver would do but for two things: a lost connection must leave the pool, and
 * the error must say what became of the statement, which is known only here.
 */
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely"
import type pg from "pg"
import { type Doing, troubleOfConnecting, troubleOfStatement } from "./postgres-trouble.ts"

const COUNTED = new Set(["INSERT", "UPDATE", "DELETE", "MERGE"])

function isRead(sql: string): boolean {
  return /^\s*select\b/i.test(sql)
}

class PostgresConnection implements DatabaseConnection {
  readonly #client: pg.PoolClient
  #inTransaction = false
  #lost = false

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const standalone: Doing = isRead(sql) ? "read" : "write"
    const doing = this.#inTransaction ? "statement_in_transaction" : standalone
    const { command, rowCount, rows } = await this.#send(sql, doing, parameters)
    return { rows, ...(COUNTED.has(command) && { numAffectedRows: BigInt(rowCount ?? 0) }) }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error("Streaming is not supported")
  }

  async begin(): Promise<void> {
    await this.#send("begin isolation level read committed", "begin")
    this.#inTransaction = true
  }

  async commit(): Promise<void> {
    const { command } = await this.#send("commit", "commit")
    this.#inTransaction = false
    // What PostgreSQL answers when a statement had failed: nothing was committed.
    if (command === "ROLLBACK")
      throw new Error("The transaction was rolled back: one of its statements had failed")
  }

  /** A lost connection needs none: its server rolls back, and the error that is on its way must not be replaced. */
  async rollback(): Promise<void> {
    if (this.#lost || !this.#inTransaction) return
    await this.#send("rollback", "rollback")
    this.#inTransaction = false
  }

  /** A connection whose transaction did not end in order is closed, which ends it. */
  release(): void {
    this.#client.release(this.#lost || this.#inTransaction)
  }

  async #send(sql: string, doing: Doing, parameters: readonly unknown[] = []): Promise<pg.QueryResult> {
    try {
      return await this.#client.query(sql, [...parameters])
    } catch (error) {
      const trouble = troubleOfStatement(error, doing)
      if (trouble === undefined) throw error
      if (trouble.connectionLost) this.#lost = true
      throw trouble.error
    }
  }
}

function own(connection: DatabaseConnection): PostgresConnection {
  if (connection instanceof PostgresConnection) return connection
  throw new TypeError("This connection belongs to another driver")
}

/** The pool is closed by whoever made it. */
function createDriver(pool: pg.Pool): Driver {
  return {
    init: () => Promise.resolve(),
    async acquireConnection() {
      try {
        return new PostgresConnection(await pool.connect())
      } catch (error) {
        throw troubleOfConnecting(error)
      }
    },
    beginTransaction: (connection) => own(connection).begin(),
    commitTransaction: (connection) => own(connection).commit(),
    rollbackTransaction: (connection) => own(connection).rollback(),
    async releaseConnection(connection) {
      own(connection).release()
    },
    destroy: () => Promise.resolve(),
  }
}

export function kyselyDialect(pool: pg.Pool): Dialect {
  return {
    createDriver: () => createDriver(pool),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  }
}
