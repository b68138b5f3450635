import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { Kysely } from "kysely"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"
import { postgresDialect } from "../../packages/server/src/storage/sql/dialect.ts"
import { migrate } from "../../packages/server/src/storage/sql/migrate.ts"
import { migrations } from "../../packages/server/src/storage/sql/migrations/index.ts"
import { kyselyDialect } from "../../packages/server/src/storage/sql/postgres-driver.ts"
import type { Tables } from "../../packages/server/src/storage/sql/schema.ts"
import { createDatabase, type TestDatabase } from "../harness/postgres.ts"
import { openRaw } from "../security/raw-database.ts"

const patience = { timeout: 20_000 }
const interrupted = migrations.findIndex(({ name }) => name === "0006-refresh-ahead")

describe("a migration that is killed half-way", () => {
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
