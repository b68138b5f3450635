/** A real server for one test file: real database, real HTTP on a port of the system's choice, sandbox included. */
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Writable } from "node:stream"
import { builtInCatalog, type Catalog } from "@grantry/catalog"
import { readConfig, type StartOptions, startServer } from "@grantry/server"
import { type Logger, pino } from "pino"
import { plantEnvironment } from "./canaries/planted.ts"
import {
  expectNoSecret,
  processArguments,
  readDatabase,
  readFolder,
  shownSink,
  type Sink,
} from "./canaries/sinks.ts"
import { watchHttp } from "./canaries/watch-http.ts"
import { createDatabase } from "./postgres.ts"

export const databases = ["sqlite", "postgres"] as const
export type DatabaseKind = (typeof databases)[number]

/** The owner's API key in every test server. */
export const ownerKey = "b44k_the-owner-of-the-test-server-0123456789abcdef"

export interface TestServer {
  readonly url: string
  readonly dataDir: string
  readonly databaseUrl: string
  /** The one-time link of the first start; null once there is an API key. */
  readonly startLink: () => string | null
  /** Everything that was logged so far. */
  readonly logged: () => string
  /** What the server logs with. */
  readonly log: Logger
  /** Stops the process's part and keeps the data. */
  stop(): Promise<void>
  /** Starts again on the same data; the address changes. */
  restart(): Promise<void>
  /** Stops and deletes everything. @throws Error when a secret is found where none may be (canaries/sinks.ts) */
  destroy(): Promise<void>
}

export interface TestServerOptions extends StartOptions {
  readonly database: DatabaseKind
  /** An existing database of that kind, e.g. another replica's; it is left alone at the end. */
  readonly databaseUrl?: string
  readonly env?: Readonly<Record<string, string>>
}

/** What the operator's variables may name: `GRANTRY_<TYPE>_CLIENT_ID`. */
export function knownNames(catalog: Catalog) {
  const definitions = catalog.all()
  return {
    types: definitions.map(({ type }) => type),
    families: [...new Set(definitions.flatMap(({ family }) => (family === null ? [] : [family])))],
  }
}

export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  watchHttp()
  const dataDir = await mkdtemp(join(tmpdir(), "grantry-test-"))
  const isOwn = options.databaseUrl === undefined && options.database === "postgres"
  const database = isOwn ? await createDatabase() : undefined
  const databaseUrl = options.databaseUrl ?? database?.url ?? `file:${join(dataDir, "grantry.db")}`
  const lines: string[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString())
      done()
    },
  })
  const log = pino({ level: "debug" }, sink)
  let isUp = false
  const start = async () => {
    const env = {
      GRANTRY_PORT: "0",
      GRANTRY_DATA_DIR: dataDir,
      GRANTRY_DATABASE_URL: databaseUrl,
      GRANTRY_BOOTSTRAP_API_KEY: ownerKey,
      // Tests count refreshes: those that nobody asked for come only where a test is about them.
      GRANTRY_REFRESH_RATE: "0",
      ...options.env,
    }
    plantEnvironment(env)
    const config = readConfig(env, knownNames(options.catalog ?? builtInCatalog))
    const server = await startServer(config, log, options)
    isUp = true
    return server
  }
  const stop = async () => {
    isUp = false
    await running.close()
  }
  let running = await start()
  return {
    get url() {
      return running.url
    },
    dataDir,
    databaseUrl,
    startLink: () => running.startLink,
    logged: () => lines.join(""),
    log,
    stop,
    async restart() {
      await stop()
      running = await start()
    },
    async destroy() {
      if (isUp) await showMetrics(running.url, options.env?.["GRANTRY_METRICS_TOKEN"])
      const sinks = [...(await sinksOf(dataDir, stop)), { name: "log", content: lines.join("") }]
      await rm(dataDir, { recursive: true, force: true })
      await database?.drop()
      expectNoSecret(...sinks)
    },
  }
}

/** Everything that a server leaves behind; a database on PostgreSQL is searched by whoever drops it. */
async function sinksOf(dataDir: string, stop: () => Promise<void>): Promise<readonly Sink[]> {
  // The running server has its WAL open.
  const files = await readFolder(dataDir)
  const processes = processArguments()
  await stop()
  const file = join(dataDir, "grantry.db")
  const tables = existsSync(file) ? await readDatabase(`file:${file}`) : []
  return [...files, ...tables, ...processes, shownSink()]
}

/** What the answer holds is a sink: canaries/watch-http.ts keeps it. Behind a public address there is nobody to ask. */
async function showMetrics(url: string, token = ""): Promise<void> {
  if (new URL(url).hostname !== "localhost") return
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  await answer.text()
}
