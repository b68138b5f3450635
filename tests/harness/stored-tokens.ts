/** Meddles with stored tokens behind the server's back: stop it first, it caches what it wrote. */
import Database from "better-sqlite3"
import pg from "pg"

export type TokenColumn = "sealed_access_token" | "sealed_refresh_token"

interface Rows {
  /** Of the app's one connection. */
  read(appId: string, column: TokenColumn): Promise<Buffer>
  write(appId: string, column: TokenColumn, value: Buffer): Promise<void>
}

/** @param databaseUrl of either kind */
export async function editTokens(databaseUrl: string, edit: (rows: Rows) => Promise<void>): Promise<void> {
  return databaseUrl.startsWith("file:")
    ? editSqlite(databaseUrl.slice("file:".length), edit)
    : editPostgres(databaseUrl, edit)
}

async function editSqlite(path: string, edit: (rows: Rows) => Promise<void>): Promise<void> {
  const database = new Database(path)
  try {
    await edit({
      async read(appId, column) {
        const row = database
          .prepare<[string], Record<string, Buffer>>(`select ${column} from connections where app_id = ?`)
          .get(appId)
        return found(row?.[column], appId)
      },
      async write(appId, column, value) {
        database.prepare(`update connections set ${column} = ? where app_id = ?`).run(value, appId)
      },
    })
  } finally {
    database.close()
  }
}

async function editPostgres(url: string, edit: (rows: Rows) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await edit({
      async read(appId, column) {
        const { rows } = await client.query<Record<string, Buffer>>(
          `select ${column} from connections where app_id = $1`,
          [appId],
        )
        return found(rows[0]?.[column], appId)
      },
      async write(appId, column, value) {
        await client.query(`update connections set ${column} = $1 where app_id = $2`, [value, appId])
      },
    })
  } finally {
    await client.end()
  }
}

function found(value: Buffer | undefined, appId: string): Buffer {
  if (value === undefined) throw new Error(`app ${appId} has no connection`)
  return value
}

/** The same bytes, but for one bit in the middle. */
export function withFlippedBit(value: Buffer): Buffer {
  const changed = Buffer.from(value)
  const middle = changed.length >> 1
  changed[middle] = (changed[middle] ?? 0) ^ 1
  return changed
}
