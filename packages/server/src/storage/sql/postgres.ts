/** PostgreSQL: any number of replicas on one database. Nothing is cached, because others write. */
import { Kysely } from "kysely"
import type pg from "pg"
import type { OpenStorageOptions } from "../open-storage.ts"
import { createConnectionWatches } from "../connection-watches.ts"
import type { Storage, Stores } from "../storage.ts"
import { postgresDialect } from "./dialect.ts"
import { migrate } from "./migrate.ts"
import { kyselyDialect } from "./postgres-driver.ts"
import { createHotReads } from "./postgres-hot-reads.ts"
import { startListener } from "./postgres-listener.ts"
import { clockSkewMs, fingerprint } from "./postgres-identity.ts"
import { createPool } from "./postgres-pool.ts"
import type { Tables } from "./schema.ts"
import { createStores } from "./stores.ts"
import { createTransactionScope } from "./transaction-scope.ts"
import { readWatched } from "./watched-connections.ts"

const POOL_SIZE = 10
const STATEMENT_TIMEOUT_MS = 10_000

function storageOver(pool: pg.Pool, { log, url }: OpenStorageOptions): Storage {
  const base = new Kysely<Tables>({ dialect: kyselyDialect(pool) })
  const scope = createTransactionScope()
  const outer = createStores({ db: base.withPlugin(scope.refuseInside), dialect: postgresDialect })
  const hotReads = createHotReads(pool, base, scope)
  const watches = createConnectionWatches(readWatched({ db: base, dialect: postgresDialect }))
  const accessWatchers: (() => void)[] = []
  const listener = startListener({
    url,
    heard: watches.moved,
    heardOfAccess: () => accessWatchers.forEach((tell) => tell()),
    listensAgain: watches.anyMoved,
    log,
  })
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    watches.close()
    await Promise.all([listener.close(), pool.end()])
  }

  return {
    ...outer,
    watch: watches.watch,
    watchAccess: (tell) => void accessWatchers.push(tell),
    keys: { ...outer.keys, findServiceKeyByHash: hotReads.findServiceKeyByHash },
    connections: { ...outer.connections, findByAddress: hotReads.findByAddress },
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
    clockSkewMs: () => clockSkewMs(base),
    fingerprint: () => fingerprint(base),
    // Old versions of rows are the server's to reclaim.
    scrub: async () => true,
    close: () => (closing ??= close()),
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
  return storageOver(createPool({ url, poolSize, statementTimeoutMs: STATEMENT_TIMEOUT_MS, log }), options)
}
