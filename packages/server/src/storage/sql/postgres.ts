/** PostgreSQL: any number of replicas on one database. Nothing is cached, because others write. */
import { Kysely } from "kysely"
import type pg from "pg"
import type { OpenStorageOptions } from "../open-storage.ts"
import type { ConnectionStore, Storage, Stores } from "../stores.ts"
import { addressParameters, compileFindByAddress } from "./connection-reads.ts"
import { toConnection } from "./connection-row.ts"
import { postgresDialect } from "./dialect.ts"
import { migrate } from "./migrate.ts"
import { kyselyDialect } from "./postgres-driver.ts"
import { createPool } from "./postgres-pool.ts"
import { troubleOfStatement } from "./postgres-trouble.ts"
import type { ConnectionRow, Db, Tables } from "./schema.ts"
import { createStores } from "./stores.ts"
import { createTransactionScope, type TransactionScope } from "./transaction-scope.ts"

const POOL_SIZE = 10
const STATEMENT_TIMEOUT_MS = 10_000

/** The hot read, planned once per connection of the pool. */
function preparedFindByAddress(
  pool: pg.Pool,
  db: Db,
  scope: TransactionScope,
): ConnectionStore["findByAddress"] {
  const { sql: text } = compileFindByAddress(db)
  return async (address) => {
    scope.assertOutside()
    const query = { name: "find_connection_by_address", text, values: addressParameters(address) }
    try {
      const { rows } = await pool.query<ConnectionRow>(query)
      const row = rows[0]
      return row && toConnection(row)
    } catch (error) {
      throw troubleOfRead(error)
    }
  }
}

/** The pool's own query hides whether it had a connection; for a read that makes no difference. */
function troubleOfRead(error: unknown): unknown {
  const trouble = troubleOfStatement(error, "read")
  return trouble === undefined ? error : trouble.error
}

function storageOver(pool: pg.Pool): Storage {
  const base = new Kysely<Tables>({ dialect: kyselyDialect(pool) })
  const scope = createTransactionScope()
  const outer = createStores({ db: base.withPlugin(scope.refuseInside), dialect: postgresDialect })
  let closing: Promise<void> | undefined

  return {
    ...outer,
    connections: { ...outer.connections, findByAddress: preparedFindByAddress(pool, base, scope) },
    async transaction<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
      scope.assertOutside()
      return base
        .transaction()
        .execute((db) => scope.run(() => work(createStores({ db, dialect: postgresDialect }))))
    },
    poolUse: () => ({
      size: pool.options.max,
      open: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    async ping() {
      await base.selectFrom("migrations").select("name").limit(1).execute()
    },
    close: () => (closing ??= pool.end()),
  }
}

/** On a connection of its own without time-outs: a large table takes as long as it takes. */
async function migrateAlone(options: OpenStorageOptions): Promise<void> {
  const pool = createPool({ url: options.url, poolSize: 1, statementTimeoutMs: 0, log: options.log })
  try {
    const ran = await migrate(new Kysely<Tables>({ dialect: kyselyDialect(pool) }), postgresDialect)
    if (ran.length > 0) options.log?.info({ migrations: ran }, "The database schema was brought up to date")
  } finally {
    await pool.end()
  }
}

/** @throws StorageTooNew, StorageUnavailable */
export async function openPostgres(options: OpenStorageOptions): Promise<Storage> {
  await migrateAlone(options)
  const { url, poolSize = POOL_SIZE, log } = options
  return storageOver(createPool({ url, poolSize, statementTimeoutMs: STATEMENT_TIMEOUT_MS, log }))
}
