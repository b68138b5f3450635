/**
 * Where a secret would stay if it leaked. Each is searched for every secret of the test file when what holds it is closed,
 * and the close fails if one is found. What answers a caller on purpose (a token, a key that is shown once) is no sink.
 */
import { readdirSync, readFileSync } from "node:fs"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import Database from "better-sqlite3"
import pg from "pg"
import { plantedSecrets, plantMasterKeys } from "./planted.ts"
import { type Search, searchFor } from "./search.ts"
import { takeShown } from "./watch-http.ts"

export interface Sink {
  readonly name: string
  readonly content: string | Uint8Array
}

/** @throws Error naming each sink, and the kind, the encoding and the place of what stands in it */
export function expectNoSecret(...sinks: readonly Sink[]): void {
  const leaks = leaksIn(sinks)
  if (leaks.length > 0) throw new Error(`Secrets leaked:\n${leaks.join("\n")}`)
}

export function leaksIn(sinks: readonly Sink[]): readonly string[] {
  const secrets = plantedSecrets()
  if (secrets.size === 0) return []
  const search: Search = searchFor(secrets)
  return sinks.flatMap(({ content, name }) =>
    search(content).map(
      ({ at, encoding, what }) =>
        `${what} (${encoding}) in ${name}, after: ${JSON.stringify(before(content, at))}`,
    ),
  )
}

function before(content: string | Uint8Array, at: number): string {
  const bytes = typeof content === "string" ? Buffer.from(content) : Buffer.from(content)
  return bytes.subarray(Math.max(0, at - 120), at).toString("latin1")
}

/** The key that development makes is a secret in a file of its own; the emulated providers keep their own tokens. */
const secretFiles = /^(master\.key|sandbox\.json.*)$/

/** Every file of a data folder, as it is on the disk: the database with its WAL, the rotation journal. */
export async function readFolder(folder: string): Promise<readonly Sink[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sinks: Sink[] = []
  for (const entry of entries.filter((one) => one.isFile())) {
    const content = readIfThere(join(entry.parentPath, entry.name))
    if (entry.name === "master.key") plantMasterKeys(content.toString())
    if (!secretFiles.test(entry.name)) sinks.push({ name: `file ${entry.name}`, content })
  }
  return sinks
}

/** Every value of every table: values that SQLite spreads over pages are whole here. */
export async function readDatabase(url: string): Promise<readonly Sink[]> {
  return url.startsWith("file:") ? readSqlite(url.slice("file:".length)) : readPostgres(url)
}

function readSqlite(path: string): readonly Sink[] {
  const database = new Database(path, { readonly: true })
  try {
    const tables = database
      .prepare<[], { name: string }>("select name from sqlite_master where type = 'table'")
      .all()
    return tables.map(({ name }) => tableSink(name, database.prepare(`select * from "${name}"`).raw().all()))
  } finally {
    database.close()
  }
}

async function readPostgres(url: string): Promise<readonly Sink[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    )
    const sinks: Sink[] = []
    for (const { name } of rows) {
      const table = await client.query({ text: `select * from "${name}"`, rowMode: "array" })
      sinks.push(tableSink(name, table.rows))
    }
    return sinks
  } finally {
    await client.end()
  }
}

function tableSink(table: string, rows: readonly unknown[]): Sink {
  return {
    name: `table ${table}`,
    content: Buffer.concat((rows as unknown[][]).flatMap((row) => row.map(bytesOf))),
  }
}

function bytesOf(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value)
  return Buffer.from(`${typeof value === "object" ? JSON.stringify(value) : String(value)}\n`)
}

/** Pages, error bodies and metrics of every server of this process since the last look. */
export function shownSink(): Sink {
  return { name: "pages, errors and metrics", content: takeShown() }
}

/** What `ps` shows to everybody of the processes that this one began; nothing where there is no /proc. */
export function processArguments(): readonly Sink[] {
  if (process.platform !== "linux") return []
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
  const parents = new Map(pids.map((pid) => [pid, parentOf(pid)]))
  const lines = pids
    .filter((pid) => isOurs(pid, parents))
    .map((pid) => readIfThere(`/proc/${pid}/cmdline`).toString())
  return [{ name: "process arguments", content: lines.join("\n") }]
}

/** The second field after the program's name, which may hold anything, blanks and parentheses too (proc(5)). */
function parentOf(pid: string): string {
  const stat = readIfThere(`/proc/${pid}/stat`).toString()
  return stat.slice(stat.lastIndexOf(")")).split(" ")[2] ?? ""
}

function isOurs(pid: string, parents: ReadonlyMap<string, string>): boolean {
  let parent = parents.get(pid)
  while (parent !== undefined && parent !== String(process.pid)) parent = parents.get(parent)
  return parent !== undefined
}

/** Files come and go while the server runs, and so do processes. */
function readIfThere(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ESRCH"))
      return Buffer.alloc(0)
    throw error
  }
}
