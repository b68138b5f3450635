/**
 * The records of keys alone, beside a server that may be serving: for `grantry keys rotate` and `grantry doctor`. Nothing
 * is migrated, and the embedded database's lock is not taken: what is read and written here is in nobody's cache.
 */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Kysely } from "kysely"
import type { Tables } from "./sql/schema.ts"
import type { DataKeyStore } from "./stores/data-keys.ts"
import type { MetaStore } from "./stores/meta.ts"

export interface KeyRecords {
  readonly dataKeys: DataKeyStore
  readonly meta: MetaStore
  close(): Promise<void>
}

/** @returns undefined where there is no database yet */
export async function openKeyRecords(url: string): Promise<KeyRecords | undefined> {
  const { createStores } = await import("./sql/stores.ts")
  const { postgresDialect, sqliteDialect } = await import("./sql/dialect.ts")
  if (!url.startsWith("file:")) {
    const { createPool } = await import("./sql/postgres-pool.ts")
    const { kyselyDialect } = await import("./sql/postgres-driver.ts")
    const pool = createPool({ url, poolSize: 1, statementTimeoutMs: 10_000 })
    const db = new Kysely<Tables>({ dialect: kyselyDialect(pool) })
    const { dataKeys, meta } = createStores({ db, dialect: postgresDialect })
    return { dataKeys, meta, close: () => pool.end() }
  }
  const path = url.startsWith("file://") ? fileURLToPath(url) : url.slice("file:".length)
  if (!existsSync(path)) return undefined
  const { default: Database } = await import("better-sqlite3")
  const { kyselyDialect } = await import("./sql/sqlite-database.ts")
  const handle = new Database(path, { fileMustExist: true, timeout: 5_000 })
  const db = new Kysely<Tables>({ dialect: kyselyDialect(handle) })
  const { dataKeys, meta } = createStores({ db, dialect: sqliteDialect })
  return { dataKeys, meta, close: async () => void handle.close() }
}
