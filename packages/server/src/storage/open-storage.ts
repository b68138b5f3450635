import { fileURLToPath } from "node:url"
import type { Log } from "../log.ts"
import type { Storage } from "./storage.ts"

export interface OpenStorageOptions {
  /** `file:<path>` for the embedded database, `postgres://…` for PostgreSQL. */
  readonly url: string
  /** Connections to PostgreSQL that this process holds at most; 10 unless told. */
  readonly poolSize?: number
  readonly log?: Pick<Log, "info" | "warn">
}

function filePath(url: string): string {
  const path = url.startsWith("file://") ? fileURLToPath(url) : url.slice("file:".length)
  if (path === "") throw new TypeError("The database URL names no file: write file:<path>")
  return path
}

/**
 * Opens the database, brings its schema up to date and returns its stores.
 *
 * @throws StorageLocked when another process has the file
 * @throws StorageTooNew when a newer program has written the database
 * @throws StorageUnavailable when it cannot be reached
 */
export async function openStorage(options: OpenStorageOptions): Promise<Storage> {
  const { url } = options
  // Imported where needed: replicas on PostgreSQL do not load SQLite, and the other way round.
  if (url.startsWith("file:")) return (await import("./sql/sqlite.ts")).openSqlite(filePath(url))
  if (/^postgres(ql)?:\/\//.test(url)) return (await import("./sql/postgres.ts")).openPostgres(options)
  throw new TypeError("The database URL must start with file: or postgres://")
}
