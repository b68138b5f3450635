/** Every filter of the audit's list is one range of an index, in order, on both databases. */
import Database from "better-sqlite3"
import { Kysely } from "kysely"
import pg from "pg"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { selectAuditEvents } from "../../packages/server/src/storage/sql/audit-events.ts"
import { kyselyDialect as onPostgres } from "../../packages/server/src/storage/sql/postgres-driver.ts"
import type { Tables } from "../../packages/server/src/storage/sql/schema.ts"
import { kyselyDialect as onSqlite } from "../../packages/server/src/storage/sql/sqlite-database.ts"
import type { AuditQuery } from "../../packages/server/src/storage/stores/audit-events.ts"
import { auditEvent, newMasterKeys, openAuditLog } from "./audit-log.ts"
import { databases, NOW, type OpenDatabase, seedApp } from "./fixtures.ts"

const place = { at: NOW + 2_500, id: "evt_5" }
const filters: readonly (readonly [string, Partial<AuditQuery>, string])[] = [
  ["nothing", {}, "audit_events_by_time"],
  ["a time", { since: NOW + 10, until: NOW + 900 }, "audit_events_by_time"],
  ["an action", { action: "action 7" }, "audit_events_by_action"],
  ["an actor", { actor: "member:7" }, "audit_events_by_actor"],
  ["a target", { target: "target 7" }, "audit_events_by_target"],
  ["a target and a time", { target: "target 7", since: NOW }, "audit_events_by_target"],
  // Most events have the same one of few: they are read in order of time until the page is full.
  ["an outcome", { outcome: "ok" }, "audit_events_by_time"],
  ["an app", { appId: "app_7" }, "audit_events_by_time"],
]

describe.each(databases)("the audit's list on $name", ({ name, open }) => {
  let database: OpenDatabase
  let workspaceId: string
  let db: Kysely<Tables>
  let explain: (sql: string, parameters: readonly unknown[]) => Promise<string>
  let close: () => Promise<void>

  beforeAll(async () => {
    database = await open()
    const log = openAuditLog(database.storage, newMasterKeys())
    workspaceId = (await seedApp(database.storage)).workspaceId
    const other = (await seedApp(database.storage)).workspaceId
    const events = Array.from({ length: 6_000 }, (_, index) =>
      auditEvent(index % 3 === 0 ? other : workspaceId, {
        at: NOW + index,
        action: `action ${index % 20}`,
        actor: `member:${index % 50}`,
        target: `target ${index % 300}`,
        appId: `app_${index % 10}`,
      }),
    )
    await log.append(events)
    if (name === "SQLite") {
      const handle = new Database(database.url.slice("file:".length), { readonly: true })
      db = new Kysely<Tables>({ dialect: onSqlite(handle) })
      explain = async (sql, parameters) =>
        JSON.stringify(handle.prepare(`explain query plan ${sql}`).all(...parameters))
      close = async () => void handle.close()
    } else {
      const pool = new pg.Pool({ connectionString: database.url, max: 1 })
      await pool.query("analyze audit_events")
      // A table as small as this one is sorted in no time: here the question is whether it has to be.
      for (const way of ["seqscan", "bitmapscan", "sort"]) await pool.query(`set enable_${way} = off`)
      db = new Kysely<Tables>({ dialect: onPostgres(pool) })
      explain = async (sql, parameters) =>
        JSON.stringify((await pool.query(`explain ${sql}`, [...parameters])).rows)
      close = () => pool.end()
    }
  })
  afterAll(async () => {
    await close()
    await database.close()
  })

  const places = [undefined, place] as const
  const cases = filters.flatMap(([what, filter, index]) =>
    (["newest", "oldest"] as const).flatMap((order) =>
      places.map((after) => ({ what, filter, index, order, after, page: after ? "a later" : "the first" })),
    ),
  )

  it.each(cases)("by $what, $order first, $page page", async ({ after, filter, index, order }) => {
    const query = { ...filter, order, limit: 51, ...(after && { after }) }
    const { parameters, sql } = selectAuditEvents(db, workspaceId, query).compile()
    const plan = await explain(sql, parameters)
    expect(plan).toContain(index)
    expect(plan).not.toMatch(/TEMP B-TREE|Sort|Seq Scan|Bitmap/)
    // The place is where the range begins, not something that each row is asked for.
    if (after)
      expect(plan).toMatch(name === "SQLite" ? /\(?at[,<>, ]|\(at,id\)/ : /Index Cond:.*ROW\(at, id\)/)
  })

  it("by the order of the chain", async () => {
    const query = db
      .selectFrom("audit_events")
      .selectAll()
      .where("workspace_id", "=", workspaceId)
      .where("seq", ">", 100)
    const { parameters, sql } = query.orderBy("seq").limit(1_000).compile()
    const plan = await explain(sql, parameters)
    expect(plan).toContain("audit_events_by_seq")
    expect(plan).not.toMatch(/TEMP B-TREE|Sort|Seq Scan/)
  })
})
