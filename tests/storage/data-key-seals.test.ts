/** The migration 0011-data-key-seals. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import Database from "better-sqlite3"
import { Kysely, sql } from "kysely"
import { expect, test } from "vitest"
import { openKeyRecords } from "../../packages/server/src/storage/open-key-records.ts"
import {
  type Dialect,
  postgresDialect,
  sqliteDialect,
} from "../../packages/server/src/storage/sql/dialect.ts"
import { migrate } from "../../packages/server/src/storage/sql/migrate.ts"
import { migrations } from "../../packages/server/src/storage/sql/migrations/index.ts"
import { kyselyDialect as postgresDriver } from "../../packages/server/src/storage/sql/postgres-driver.ts"
import { createPool } from "../../packages/server/src/storage/sql/postgres-pool.ts"
import type { Db, Tables } from "../../packages/server/src/storage/sql/schema.ts"
import { kyselyDialect as sqliteDriver } from "../../packages/server/src/storage/sql/sqlite-database.ts"
import { createDatabase } from "../harness/postgres.ts"
import { databases } from "../harness/server.ts"

const budget = 2 ** 30

interface Opened {
  readonly db: Db
  readonly dialect: Dialect
  readonly url: string
  close(): Promise<void>
}

async function open(kind: (typeof databases)[number]): Promise<Opened> {
  if (kind === "postgres") {
    const { drop, url } = await createDatabase()
    const db = new Kysely<Tables>({
      dialect: postgresDriver(createPool({ url, poolSize: 1, statementTimeoutMs: 10_000 })),
    })
    return { db, dialect: postgresDialect, url, close: () => db.destroy().then(drop) }
  }
  const folder = await mkdtemp(join(tmpdir(), "grantry-seals-"))
  const path = join(folder, "grantry.db")
  const db = new Kysely<Tables>({ dialect: sqliteDriver(new Database(path)) })
  const close = () => db.destroy().then(() => rm(folder, { recursive: true }))
  return { db, dialect: sqliteDialect, url: `file:${path}`, close }
}

test.each(databases)(
  "data keys that nobody counted for are numbered in their order and used up, on %s",
  async (kind) => {
    const { close, db, dialect, url } = await open(kind)
    await migrate(
      db,
      dialect,
      migrations.filter(({ name }) => name < "0011"),
    )
    const workspace = (id: string) => ({
      id,
      name: id,
      plan: "free" as const,
      personal_of: null,
      created_at: 1,
    })
    await db.insertInto("workspaces").values(["ws_1", "ws_2"].map(workspace)).execute()
    // The columns that come with the migration are not there yet.
    const insert = (id: string, workspaceId: string, createdAt: number) =>
      sql`insert into data_keys (id, workspace_id, master_key_id, wrapped, created_at)
        values (${id}, ${workspaceId}, 'k1', ${Buffer.from(id)}, ${createdAt})`.execute(db)
    await insert("dk_c", "ws_1", 30)
    await insert("dk_b", "ws_1", 20)
    await insert("dk_a", "ws_1", 20)
    await insert("dk_d", "ws_2", 1)

    await migrate(db, dialect)
    const rows = await db
      .selectFrom("data_keys")
      .select(["id", "epoch", "seals_reserved"])
      .orderBy("id")
      .execute()
    expect(rows).toEqual([
      { id: "dk_a", epoch: 1, seals_reserved: budget },
      { id: "dk_b", epoch: 2, seals_reserved: budget },
      { id: "dk_c", epoch: 3, seals_reserved: budget },
      { id: "dk_d", epoch: 1, seals_reserved: budget },
    ])
    const records = await openKeyRecords(url)
    const found = await records?.dataKeys.findCurrent("ws_1")
    expect(found).toMatchObject({ id: "dk_c", epoch: 3 })
    const more = { count: 1, budget }
    expect(await records?.dataKeys.reserveSeals({ workspaceId: "ws_1", id: "dk_c" }, more)).toBe(false)
    expect(await records?.dataKeys.use()).toEqual({ keys: 4, workspaces: 2, mostSealsReserved: budget })
    await records?.close()
    await close()
  },
)
