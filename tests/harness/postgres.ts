/**
 * A real PostgreSQL for the tests. Vitest's global set-up starts one per run; each test file takes a database of its own
 * from it. Tests that stop the server start one of their own.
 */
import { type ChildProcess, fork } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { join } from "node:path"
import pg from "pg"
import { inject } from "vitest"
import type { TestProject } from "vitest/node"
import { expectNoSecret, readDatabase } from "./canaries/sinks.ts"
import type { PostgresCommand, PostgresReply } from "./postgres-process.ts"

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
  /** Ends it at once, as a crash would: sessions hear nothing. */
  crash(): Promise<void>
  /** Starts it again on the same port. */
  start(): Promise<void>
  /** Stops the server and deletes its data. */
  destroy(): Promise<void>
}

export interface TestDatabase {
  readonly url: string
  /** @throws Error when a secret stands in it */
  drop(): Promise<void>
}

const PROGRAM = join(import.meta.dirname, "postgres-process.ts")

async function nextReply(owner: ChildProcess): Promise<string> {
  const ended = once(owner, "exit").then(() =>
    Promise.reject(new Error("The process that owns PostgreSQL ended")),
  )
  const [reply]: PostgresReply[] = await Promise.race([once(owner, "message"), ended])
  if (reply === undefined || "failed" in reply) throw new Error(`PostgreSQL: ${reply?.failed ?? "no answer"}`)
  return reply.url
}

async function tell(owner: ChildProcess, command: PostgresCommand): Promise<void> {
  owner.send(command)
  await nextReply(owner)
}

async function end(owner: ChildProcess): Promise<void> {
  if (owner.exitCode !== null || owner.signalCode !== null) return
  const exit = once(owner, "exit")
  owner.disconnect()
  await exit
}

/** Starts a server with a new, empty cluster. */
export async function startPostgres(): Promise<PostgresServer> {
  // In a group of its own: an interrupt at the terminal reaches the tests, which then end it in order.
  const owner = fork(PROGRAM, { detached: true, execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] })
  try {
    const url = await nextReply(owner)
    return {
      url,
      stop: () => tell(owner, "stop"),
      crash: () => tell(owner, "crash"),
      start: () => tell(owner, "start"),
      destroy: () => end(owner),
    }
  } catch (error) {
    await end(owner)
    throw error
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
  return {
    url: url.href,
    async drop() {
      const tables = await readDatabase(url.href)
      await execute(serverUrl, `drop database if exists ${name} with (force)`)
      expectNoSecret(...tables)
    },
  }
}

/** Vitest's global set-up: runs once, before the workers start; what it returns runs when they have ended. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  project.provide("postgresUrl", server.url)
  return () => server.destroy()
}
