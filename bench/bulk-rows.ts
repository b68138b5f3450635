/** Writes many rows at once, past the server's stores: a million of them in a minute or two. */
import Database from "better-sqlite3"
import pg from "pg"

export type Value = string | number | Uint8Array | null
export type Row = Readonly<Record<string, Value>>

export interface BulkRows {
  /** All rows have the columns of the first. */
  insert(table: string, rows: readonly Row[]): Promise<void>
  /** Tells the database what it holds now. */
  close(): Promise<void>
}

export function openBulk(url: string): Promise<BulkRows> {
  return url.startsWith("file:") ? openSqlite(url.slice("file:".length)) : openPostgres(url)
}

async function openSqlite(path: string): Promise<BulkRows> {
  const database = new Database(path)
  database.pragma("synchronous = OFF")
  return {
    async insert(table, rows) {
      const columns = Object.keys(rows[0] ?? {})
      const statement = database.prepare(
        `insert into ${table} (${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`,
      )
      database.transaction(() => {
        for (const row of rows) statement.run(columns.map((column) => row[column]))
      })()
    },
    async close() {
      database.pragma("wal_checkpoint(truncate)")
      database.close()
    },
  }
}

async function openPostgres(url: string): Promise<BulkRows> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const types = await columnTypes(client)
  return {
    async insert(table, rows) {
      const columns = Object.keys(rows[0] ?? {})
      const arrays = columns.map((column, index) => `$${index + 1}::${types.get(`${table}.${column}`)}[]`)
      const values = columns.map((column) => rows.map((row) => bytesAsBuffer(row[column] ?? null)))
      const text = `insert into ${table} (${columns.join(", ")}) select * from unnest(${arrays.join(", ")})`
      await client.query(text, values)
    },
    async close() {
      await client.query("vacuum analyze")
      await client.end()
    },
  }
}

async function columnTypes(client: pg.Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select table_name || '.' || column_name as name, data_type as type
    from information_schema.columns where table_schema = 'public'`,
  )
  return new Map(rows.map(({ name, type }) => [name, type]))
}

function bytesAsBuffer(value: Value): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.length) : value
}
