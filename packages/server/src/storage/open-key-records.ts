/**
 * The records of keys, the audit and the accounts alone, beside a server that may be serving: for `grantry keys rotate`,
 * `grantry audit`, `grantry workspaces set-plan` and `grantry doctor`. Nothing is migrated, and the embedded database's lock is not taken: what is read and written here
 * is in nobody's cache.
 */
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Kysely } from "kysely"
import type { Dialect } from "./sql/dialect.ts"
import type { Db, Tables } from "./sql/schema.ts"
import type { Storage, Stores } from "./storage.ts"

export interface KeyRecords
  extends
    Pick<Stores, "accounts" | "audit" | "auditChains" | "dataKeys" | "meta">,
    Pick<Storage, "close" | "transaction"> {}

/** @returns undefined where there is no database yet */
export async function openKeyRecords(url: string): Promise<KeyRecords | undefined> {
  const { postgresDialect, sqliteDialect } = await import("./sql/dialect.ts")
  if (!url.startsWith("file:")) {
    const { createPool } = await import("./sql/postgres-pool.ts")
    const { kyselyDialect } = await import("./sql/postgres-driver.ts")
    const pool = createPool({ url, poolSize: 1, statementTimeoutMs: 10_000 })
    const db = new Kysely<Tables>({ dialect: kyselyDialect(pool) })
    return recordsOf(db, postgresDialect, () => pool.end())
  }
  const path = url.startsWith("file://") ? fileURLToPath(url) : url.slice("file:".length)
  if (!existsSync(path)) return undefined
  const { default: Database } = await import("better-sqlite3")
  const { kyselyDialect } = await import("./sql/sqlite-database.ts")
  const handle = new Database(path, { fileMustExist: true, timeout: 5_000 })
  const db = new Kysely<Tables>({ dialect: kyselyDialect(handle) })
  return recordsOf(db, sqliteDialect, async () => void handle.close())
}

async function recordsOf(db: Db, dialect: Dialect, close: () => Promise<void>): Promise<KeyRecords> {
  const { createStores } = await import("./sql/stores.ts")
  const { accounts, audit, auditChains, dataKeys, meta } = createStores({ db, dialect })
  const transaction: Storage["transaction"] = (work) =>
    db.transaction().execute((within) => work(createStores({ db: within, dialect })))
  return { accounts, audit, auditChains, dataKeys, meta, transaction, close }
}
