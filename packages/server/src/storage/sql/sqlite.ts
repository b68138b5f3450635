/** The embedded database: one file, one process, every commit on the disk before it is answered. */
import { chmodSync, existsSync, mkdirSync, realpathSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import Database from "better-sqlite3"
import { Kysely } from "kysely"
import { createConnectionWatches } from "../connection-watches.ts"
import type { Storage, Stores } from "../storage.ts"
import type { Connection } from "../stores/connections.ts"
import type { KeyStore } from "../stores/keys.ts"
import {
  cacheReads,
  type GuardedRows,
  guardConnectionWrites,
  guardSingleWrite,
  type ReadConnection,
  TransactionWrites,
} from "./cached-connections.ts"
import { addressParameters, compileFindByAddress } from "./connection-reads.ts"
import { toConnection } from "./connection-row.ts"
import { sqliteDialect } from "./dialect.ts"
import { compileFindServiceKey, toServiceKey } from "./keys.ts"
import { migrate } from "./migrate.ts"
import { RowCache } from "./row-cache.ts"
import type { ConnectionRow, Db, ServiceKeyRow, Tables } from "./schema.ts"
import { kyselyDialect, translateSqliteError } from "./sqlite-database.ts"
import { fileFingerprint } from "./sqlite-identity.ts"
import { createPrivateFile, type FileLock, lockFile } from "./sqlite-lock.ts"
import { createStores } from "./stores.ts"
import { createTransactionScope } from "./transaction-scope.ts"
import { readWatched } from "./watched-connections.ts"

/** For programs other than this one, e.g. a backup: this process waits with all it does, so not for long. */
const BUSY_TIMEOUT_MS = 2_000
const CACHED_CONNECTIONS = 20_000
/** SQLite's own 2 MB hold less than the pages of the audit's indexes that a batch of sums changes. */
const WRITER_CACHE_KIB = 16 * 1024

interface Handles {
  readonly writer: Database.Database
  readonly reader: Database.Database
}

/** Folders that exist keep their mode: they may be shared with others on purpose. */
function resolveFile(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = join(realpathSync(dirname(path)), basename(path))
  return existsSync(file) ? realpathSync(file) : file
}

function openWriter(file: string): Database.Database {
  const writer = new Database(file, { timeout: BUSY_TIMEOUT_MS })
  try {
    writer.pragma("journal_mode = WAL")
    writer.pragma("synchronous = FULL")
    writer.pragma("foreign_keys = ON")
    writer.pragma(`cache_size = -${WRITER_CACHE_KIB}`)
    // What is deleted is overwritten in its page: https://sqlite.org/pragma.html#pragma_secure_delete
    writer.pragma("secure_delete = ON")
    return writer
  } catch (error) {
    writer.close()
    throw error
  }
}

/** A handle of its own: on the writer's it would see what an open transaction has not committed. */
function openReader(file: string): Database.Database {
  return new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
}

function connectionReader(reader: Database.Database, db: Db): ReadConnection {
  const statement = reader.prepare<unknown[], ConnectionRow>(compileFindByAddress(db).sql)
  return (address) => {
    try {
      const row = statement.get(...addressParameters(address))
      return row && toConnection(row)
    } catch (error) {
      throw translateSqliteError(error)
    }
  }
}

/** Prepared once: putting the query together would cost several times what running it does. */
function serviceKeyReader(reader: Database.Database, db: Db): KeyStore["findServiceKeyByHash"] {
  const { sql } = compileFindServiceKey(db)
  const statement = reader.prepare<[Uint8Array], ServiceKeyRow>(sql)
  return async (hash) => {
    try {
      const row = statement.get(hash)
      return row && toServiceKey(row)
    } catch (error) {
      throw translateSqliteError(error)
    }
  }
}

function storageOver(handles: Handles, base: Kysely<Tables>, lock: FileLock): Storage {
  const cache = new RowCache<Connection>(CACHED_CONNECTIONS)
  const scope = createTransactionScope()
  const outer = createStores({ db: base.withPlugin(scope.refuseInside), dialect: sqliteDialect })
  const watches = createConnectionWatches(readWatched({ db: base, dialect: sqliteDialect }))
  const written = ({ ids = [], takesLease }: GuardedRows): void => {
    if (takesLease !== true) ids.forEach(watches.moved)
  }
  const guarded = guardConnectionWrites(outer, guardSingleWrite(cache, written))
  const read = connectionReader(handles.reader, base)
  const connections = cacheReads(guarded.connections, cache, read)
  const findServiceKey = serviceKeyReader(handles.reader, base)

  async function transaction<T>(work: (stores: Stores) => Promise<T>): Promise<T> {
    scope.assertOutside()
    const writes = new TransactionWrites(cache, written)
    try {
      return await base.transaction().execute((db) => {
        const stores = guardConnectionWrites(createStores({ db, dialect: sqliteDialect }), writes.guard)
        return scope.run(() => work(stores))
      })
    } finally {
      writes.end()
    }
  }

  return {
    ...guarded,
    watch: watches.watch,
    // The one process that writes knows by itself.
    watchAccess: () => undefined,
    keys: {
      ...guarded.keys,
      async findServiceKeyByHash(hash) {
        scope.assertOutside()
        return findServiceKey(hash)
      },
    },
    connections: {
      ...connections,
      async findByAddress(address) {
        scope.assertOutside()
        return connections.findByAddress(address)
      },
    },
    transaction,
    async ping() {
      await base.selectFrom("migrations").select("name").limit(1).execute()
    },
    clockSkewMs: async () => 0,
    fingerprint: async () => fileFingerprint(handles.writer.name),
    scrub: () => base.connection().execute(async () => scrubFile(handles.writer)),
    close() {
      // Never ended: from here on nothing comes from the cache.
      cache.beginWrite({})
      watches.close()
      return close(handles, base, lock)
    },
  }
}

/** A larger file would keep everybody waiting for too long: this thread rewrites it. */
const MAX_VACUUMED_BYTES = 64 * 1024 * 1024

/**
 * Pages that rows were moved out of keep copies of them, and so does the log: both are written anew. False while another
 * program reads the log.
 */
function scrubFile(writer: Database.Database): boolean {
  const bytes =
    Number(writer.pragma("page_count", { simple: true })) *
    Number(writer.pragma("page_size", { simple: true }))
  if (bytes <= MAX_VACUUMED_BYTES) writer.exec("vacuum")
  const [checkpoint] = writer.pragma("wal_checkpoint(TRUNCATE)") as readonly { readonly busy: number }[]
  return checkpoint?.busy === 0
}

/** Waits its turn behind an open transaction. */
async function close({ writer, reader }: Handles, base: Kysely<Tables>, lock: FileLock): Promise<void> {
  await base.connection().execute(async () => {
    reader.close()
    writer.close()
    lock.release()
  })
}

/** The file has one owner: a lease that stands belongs to a process that is gone. */
async function endLeftLeases(base: Kysely<Tables>): Promise<void> {
  await base
    .updateTable("connections")
    .set({ lease_owner: null, lease_until: null })
    .where("lease_owner", "is not", null)
    .execute()
}

async function openLocked(file: string, lock: FileLock): Promise<Storage> {
  createPrivateFile(file)
  // SQLite gives -wal and -shm the mode of the database (https://sqlite.org/wal.html).
  chmodSync(file, 0o600)
  const writer = openWriter(file)
  try {
    const base = new Kysely<Tables>({ dialect: kyselyDialect(writer) })
    await migrate(base, sqliteDialect)
    await endLeftLeases(base)
    return storageOver({ writer, reader: openReader(file) }, base, lock)
  } catch (error) {
    writer.close()
    throw error
  }
}

/** @throws StorageLocked, StorageTooNew, StorageUnavailable */
export async function openSqlite(path: string): Promise<Storage> {
  const file = resolveFile(path)
  const lock = lockFile(file)
  try {
    return await openLocked(file, lock)
  } catch (error) {
    lock.release()
    throw translateSqliteError(error)
  }
}
