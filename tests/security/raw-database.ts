/** The database as whoever stole or restored it sees it: bare tables, while no server has it open. */
import Database from "better-sqlite3"
import pg from "pg"
import type { TestServer } from "../harness/server.ts"

export interface RawDatabase {
  run(sql: string): Promise<void>
  rows(sql: string): Promise<readonly Record<string, unknown>[]>
  /** Every table's rows, in an order that does not depend on the database. */
  dump(): Promise<Readonly<Record<string, readonly Record<string, unknown>[]>>>
}

/** Stops the server, works on its tables, and starts it again unless told not to. */
export async function withRawDatabase<T>(
  server: TestServer,
  work: (raw: RawDatabase) => Promise<T>,
  options: { readonly restart?: boolean } = {},
): Promise<T> {
  await server.stop()
  try {
    return await openRaw(server.databaseUrl, work)
  } finally {
    if (options.restart !== false) await server.restart()
  }
}

/** On PostgreSQL also while servers use it. */
export function openRaw<T>(url: string, work: (raw: RawDatabase) => Promise<T>): Promise<T> {
  return url.startsWith("file:") ? withSqlite(url.slice("file:".length), work) : withPostgres(url, work)
}

async function withSqlite<T>(path: string, work: (raw: RawDatabase) => Promise<T>): Promise<T> {
  const db = new Database(path)
  const rows = async (sql: string) => db.prepare(sql).all() as Record<string, unknown>[]
  try {
    return await work({
      run: async (sql) => void db.exec(sql),
      rows,
      dump: () =>
        dumpTables(rows, "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"),
    })
  } finally {
    db.close()
  }
}

async function withPostgres<T>(url: string, work: (raw: RawDatabase) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const rows = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows
  try {
    return await work({
      run: async (sql) => void (await client.query(sql)),
      rows,
      dump: () =>
        dumpTables(
          rows,
          "select table_name as name from information_schema.tables where table_schema = 'public'",
        ),
    })
  } finally {
    await client.end()
  }
}

async function dumpTables(
  rows: (sql: string) => Promise<readonly Record<string, unknown>[]>,
  tables: string,
): Promise<Record<string, readonly Record<string, unknown>[]>> {
  const dump: Record<string, readonly Record<string, unknown>[]> = {}
  for (const { name } of await rows(tables)) {
    const content = await rows(`select * from ${String(name)}`)
    dump[String(name)] = content.toSorted((left, right) =>
      JSON.stringify(left) < JSON.stringify(right) ? -1 : 1,
    )
  }
  return dump
}
