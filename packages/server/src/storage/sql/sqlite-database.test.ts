import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import Database from "better-sqlite3"
import { Kysely } from "kysely"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Tables } from "./schema.ts"
import { kyselyDialect } from "./sqlite-database.ts"

describe("the driver of the embedded database", () => {
  let directory: string
  let handle: Database.Database
  let db: Kysely<Tables>
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "grantry-driver-"))
    handle = new Database(join(directory, "test.db"), { timeout: 50 })
    handle.pragma("journal_mode = WAL")
    handle.exec("create table meta (key text primary key, value text not null) strict")
    db = new Kysely<Tables>({ dialect: kyselyDialect(handle) })
  })
  afterEach(() => {
    handle.close()
    rmSync(directory, { recursive: true, force: true })
  })

  const insert = (on: Kysely<Tables>, key: string, value: string) =>
    on.insertInto("meta").values({ key, value }).execute()

  it("reports a full disk as such, undoes the transaction and goes on", async () => {
    handle.pragma(`max_page_count = ${Number(handle.pragma("page_count", { simple: true })) + 2}`)
    const filling = db.transaction().execute(async (transaction) => {
      await insert(transaction, "small", "1")
      await insert(transaction, "large", "x".repeat(1_000_000))
    })
    await expect(filling).rejects.toMatchObject({
      name: "StorageUnavailable",
      outcome: "not_applied",
      message: expect.stringContaining("SQLITE_FULL"),
    })
    await insert(db, "other", "2")
    expect(await db.selectFrom("meta").select("key").execute()).toEqual([{ key: "other" }])
  })

  it("reports a database that another program keeps locked as unavailable, with nothing applied", async () => {
    const backup = new Database(join(directory, "test.db"))
    backup.exec("begin immediate")
    const locked = { name: "StorageUnavailable", outcome: "not_applied" }
    await expect(insert(db, "a", "1")).rejects.toMatchObject(locked)
    await expect(db.transaction().execute((within) => insert(within, "a", "1"))).rejects.toMatchObject(locked)
    backup.close()
    await insert(db, "a", "1")
  })

  it("passes on errors of the statement as they are", async () => {
    await insert(db, "a", "1")
    await expect(insert(db, "a", "1")).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_PRIMARYKEY" })
  })

  it("writes the value of each call although statements are prepared once", async () => {
    for (let index = 0; index < 600; index += 1) {
      await db
        .selectFrom("meta")
        .select("value")
        .where("key", "in", ["x", ...Array(index).fill("y")])
        .execute()
      await insert(db, `key-${index}`, String(index))
    }
    const rows = await db.selectFrom("meta").selectAll().execute()
    expect(rows.every(({ key, value }) => key === `key-${value}`)).toBe(true)
    expect(rows).toHaveLength(600)
  })
})
