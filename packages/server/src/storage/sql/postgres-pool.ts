/** The connections to PostgreSQL, and how long anything may take on them. */
import pg from "pg"
import type { Log } from "../../log.ts"

export interface PoolOptions {
  readonly url: string
  readonly poolSize: number
  /** 0: none, for migrations. */
  readonly statementTimeoutMs: number
  readonly log?: Pick<Log, "warn"> | undefined
}

const CONNECT_TIMEOUT_MS = 5_000
/**
 * A new connection is a process that PostgreSQL starts, and is needed when there is much to do already. Shorter than
 * what lies between forgets an idle connection: 350 seconds are usual.
 */
const IDLE_TIMEOUT_MS = 5 * 60_000
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000
/** How much longer than the server the driver waits for a time-out: it speaks when the server or the network is gone. */
const GRACE_MS = 2_000

/** Integers of 64 bits are times here and fit; set for this pool alone, never for the whole process. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) =>
    oid === pg.types.builtins.INT8 && format !== "binary" ? Number : pg.types.getTypeParser(oid, format),
}

export function createPool({ url, poolSize, statementTimeoutMs, log }: PoolOptions): pg.Pool {
  const timed = statementTimeoutMs > 0
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    application_name: "grantry",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    types,
    ...(timed && {
      statement_timeout: statementTimeoutMs,
      query_timeout: statementTimeoutMs + GRACE_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    }),
  })
  const report = (error: Error) => log?.warn({ err: error }, "A connection to the database was lost")
  pool.on("error", report)
  // Between two statements of a transaction a connection is neither idle nor asked, and an error that nobody listens to
  // would end the process. The next statement fails and is reported.
  pool.on("connect", (client) => client.on("error", () => {}))
  return pool
}
