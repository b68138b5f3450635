import { Kysely } from "kysely"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"
import { postgresDialect } from "../../packages/server/src/storage/sql/dialect.ts"
import { migrate } from "../../packages/server/src/storage/sql/migrate.ts"
import { type Migration, migrations } from "../../packages/server/src/storage/sql/migrations/index.ts"
import { kyselyDialect } from "../../packages/server/src/storage/sql/postgres-driver.ts"
import type { Tables } from "../../packages/server/src/storage/sql/schema.ts"
import { StorageTooNew } from "../../packages/server/src/storage/storage-errors.ts"
import { createDatabase, type TestDatabase } from "../harness/postgres.ts"
import { databases } from "./fixtures.ts"

describe("migrations on PostgreSQL", () => {
  let database: TestDatabase
  let client: pg.Client
  beforeAll(async () => {
    database = await createDatabase()
    client = new pg.Client({ connectionString: database.url })
    await client.connect()
  })
  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  it("run exactly once when twenty replicas start at the same time", async () => {
    const replicas = await Promise.all(
      Array.from({ length: 20 }, () => openStorage({ url: database.url, poolSize: 2 })),
    )
    await Promise.all(replicas.map((storage) => storage.ping()))
    const { rows } = await client.query("select name from migrations")
    expect(rows).toEqual(migrations.map(({ name }) => ({ name })))
    await Promise.all(replicas.map((storage) => storage.close()))
  })

  it("each run in a transaction of their own: one that fails leaves the ones before it and nothing of itself", async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    const db = new Kysely<Tables>({ dialect: kyselyDialect(pool) })
    const create = (name: string): Migration => ({
      name,
      up: (within) => within.schema.createTable(`made_by_${name}`).addColumn("id", "text").execute(),
    })
    const failing: Migration = {
      name: "9002",
      async up(within, dialect) {
        await create("9002").up(within, dialect)
        throw new Error("does not work")
      },
    }
    const applied = migrations.map(({ name }) => ({
      name,
      up: () => Promise.reject(new Error("ran again")),
    }))
    const known = [...applied, create("9001"), failing]
    await expect(migrate(db, postgresDialect, known)).rejects.toThrow("does not work")
    const tables = await client.query(
      "select table_name from information_schema.tables where table_name like 'made%'",
    )
    expect(tables.rows).toEqual([{ table_name: "made_by_9001" }])
    expect(await migrate(db, postgresDialect, [...applied, create("9001"), create("9002")])).toEqual(["9002"])
    await client.query("delete from migrations where name in ('9001', '9002')")
    await pool.end()
  })

  it("leave the process-wide parsers of pg alone", async () => {
    const storage = await openStorage({ url: database.url })
    const { rows } = await client.query("select 1::int8 as big")
    expect(rows).toEqual([{ big: "1" }])
    await storage.close()
  })
})

describe.each(databases)("a database that a newer program has written, on $name", ({ open }) => {
  it("is refused with the names of the migrations that this program does not know", async () => {
    const database = await open()
    const { url } = database
    if (url.startsWith("file:")) {
      const { default: Database } = await import("better-sqlite3")
      const handle = new Database(url.slice("file:".length))
      handle.prepare("insert into migrations (name, applied_at) values ('9999-future', 1)").run()
      handle.close()
      await database.storage.close()
    } else {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query("insert into migrations (name, applied_at) values ('9999-future', 1)")
      await client.end()
    }
    const refused = await openStorage({ url }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StorageTooNew)
    expect(String(refused)).toContain("9999-future")
    await database.close()
  })
})
