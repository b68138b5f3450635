import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import Database from "better-sqlite3"
import { Kysely } from "kysely"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"
import { postgresDialect, sqliteDialect } from "../../packages/server/src/storage/sql/dialect.ts"
import { migrate } from "../../packages/server/src/storage/sql/migrate.ts"
import { migrations } from "../../packages/server/src/storage/sql/migrations/index.ts"
import { kyselyDialect } from "../../packages/server/src/storage/sql/postgres-driver.ts"
import { kyselyDialect as sqliteKyselyDialect } from "../../packages/server/src/storage/sql/sqlite-database.ts"
import type { Tables } from "../../packages/server/src/storage/sql/schema.ts"
import { createDatabase, type TestDatabase } from "../harness/postgres.ts"
import { openRaw } from "../security/raw-database.ts"
import { printedSeed, seededRandom } from "../storage/fixtures.ts"

const patience = { timeout: 20_000 }
const interrupted = migrations.findIndex(({ name }) => name === "0006-refresh-ahead")

describe("a migration that is killed half-way, on postgres", () => {
  let database: TestDatabase
  let client: pg.Client
  let child: ChildProcess | undefined
  beforeAll(async () => {
    database = await createDatabase()
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
  })
  afterAll(async () => {
    child?.kill("SIGKILL")
    await client.end()
    await database.drop()
  })

  const applied = async () =>
    (await client.query<{ name: string }>("select name from migrations order by name")).rows.map(
      ({ name }) => name,
    )
  const columns = async () =>
    (
      await client.query(
        "select column_name from information_schema.columns where table_name = 'connections'",
      )
    ).rowCount

  test("has done nothing, and twenty processes that start at once after it do it once", async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    const db = new Kysely<Tables>({ dialect: kyselyDialect(pool) })
    await migrate(db, postgresDialect, migrations.slice(0, interrupted))
    await pool.end()
    const before = await columns()

    // A reader that holds on to the table makes it wait inside its transaction.
    await client.query("begin")
    await client.query("lock table connections in access share mode")
    child = fork(join(import.meta.dirname, "../harness/migrate-process.ts"), [database.url], {
      execArgv: ["--conditions=grantry-source"],
    })
    await expect.poll(waiting, patience).toBe(1)
    const exited = once(child, "exit")
    child.kill("SIGKILL")
    await exited
    await client.query("commit")

    const replicas = await Promise.all(
      Array.from({ length: 20 }, () => openStorage({ url: database.url, poolSize: 1 })),
    )
    expect(await applied()).toEqual(migrations.map(({ name }) => name))
    expect(await columns()).toBeGreaterThan(before ?? 0)
    await Promise.all(replicas.map((storage) => storage.close()))
  })

  /** Sessions that wait for a lock; asked outside the transaction, which keeps what it saw first. */
  async function waiting(): Promise<number> {
    const [row] = await openRaw(database.url, (raw) =>
      raw.rows(
        "select count(*)::integer as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      ),
    )
    return Number(row?.["count"])
  }
})

describe("a migration that is killed half-way, on sqlite", () => {
  const rounds = 8

  test(
    `has been done whole or not at all, wherever it was killed, ${rounds} times`,
    { timeout: 120_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "grantry-migrations-"))
      const random = seededRandom(printedSeed("killed migrations on sqlite"))
      try {
        for (let round = 0; round < rounds; round += 1) {
          const url = `file:${join(folder, `round-${round}.db`)}`
          await killSoonAfterItBegan(url, random() * 120)
          await expectWholeMigrations(url)
          await (await openStorage({ url })).close()
          expect(await applied(url)).toEqual(migrations.map(({ name }) => name))
        }
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  )

  /** The journal is there as soon as the first table is being laid out. */
  async function killSoonAfterItBegan(url: string, afterMs: number): Promise<void> {
    const child = fork(join(import.meta.dirname, "../harness/migrate-process.ts"), [url], {
      execArgv: ["--conditions=grantry-source"],
    })
    const exited = once(child, "exit")
    const journal = `${url.slice("file:".length)}-wal`
    while (!existsSync(journal) && child.exitCode === null) await sleep(1)
    await sleep(afterMs)
    child.kill("SIGKILL")
    await exited
  }

  /** What is on record is a beginning of the list, and the last of it is there with all that it lays out. */
  async function expectWholeMigrations(url: string): Promise<void> {
    const names = await applied(url)
    expect(names).toEqual(migrations.slice(0, names.length).map(({ name }) => name))
    expect(await schema(url)).toEqual(await schemaAfter(names.length))
  }

  /** As laid out by as many migrations without a kill. */
  async function schemaAfter(count: number): Promise<readonly unknown[]> {
    const folder = await mkdtemp(join(tmpdir(), "grantry-migrations-"))
    const path = join(folder, "whole.db")
    const writer = new Database(path)
    try {
      const db = new Kysely<Tables>({ dialect: sqliteKyselyDialect(writer) })
      if (count > 0) await migrate(db, sqliteDialect, migrations.slice(0, count))
      return await schema(`file:${path}`)
    } finally {
      writer.close()
      await rm(folder, { recursive: true, force: true })
    }
  }

  async function schema(url: string): Promise<readonly unknown[]> {
    const sql = "select name, sql from sqlite_master where name <> 'migrations' order by name"
    return openRaw(url, (raw) => raw.rows(sql))
  }

  async function applied(url: string): Promise<readonly unknown[]> {
    return openRaw(url, async (raw) => {
      expect(await raw.rows("pragma integrity_check")).toEqual([{ integrity_check: "ok" }])
      const tables = await raw.rows("select name from sqlite_master where name = 'migrations'")
      if (tables.length === 0) return []
      return (await raw.rows("select name from migrations order by name")).map(({ name }) => name)
    })
  }
})
