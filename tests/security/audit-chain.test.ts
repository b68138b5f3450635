/** Whoever writes the database without the keys is found out: raw SQL on the tables of a chain that was intact. */
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { openChainKey } from "../../packages/server/src/events/audit-chain/chain-keys.ts"
import {
  authenticated,
  eventMac,
  linkText,
  parseLink,
} from "../../packages/server/src/events/audit-chain/macs.ts"
import type { ChainLink } from "../../packages/server/src/storage/stores/audit-chains.ts"
import { auditEvent, type AuditLog, newMasterKeys, openAuditLog } from "../storage/audit-log.ts"
import { databases, NOW, type OpenDatabase, seedApp } from "../storage/fixtures.ts"
import { openRaw, type RawDatabase } from "./raw-database.ts"

describe.each(databases)("an audit on $name", ({ name, open }) => {
  const keys = newMasterKeys()
  let database: OpenDatabase
  let log: AuditLog
  let ws: string
  let other: string

  beforeEach(async () => {
    database = await open()
    log = openAuditLog(database.storage, keys)
    ws = (await seedApp(database.storage)).workspaceId
    other = (await seedApp(database.storage)).workspaceId
    for (let batch = 0; batch < 3; batch += 1) {
      const events = Array.from({ length: 4 }, (_, index) => numbered(ws, batch * 4 + index + 1))
      await log.append([...events, numbered(other, batch + 1)])
    }
  })
  afterEach(() => database.close())

  const numbered = (workspaceId: string, number: number) =>
    auditEvent(workspaceId, { at: NOW + number, target: `t${number}`, actor: `member:m${number}` })
  const raw = <T>(work: (db: RawDatabase) => Promise<T>) => openRaw(database.url, work)
  const run = (sql: string) => raw((db) => db.run(sql))
  const verify = (noted?: ChainLink) => log.verify(ws, noted && { noted })
  const one = (sequence: number) => `workspace_id = '${ws}' and seq = ${sequence}`
  const headOf = async () =>
    (await database.storage.auditChains.find(ws))?.head ?? { sequence: 0, mac: Buffer.of() }
  const literal = (bytes: Uint8Array) => {
    const hex = Buffer.from(bytes).toString("hex")
    return name === "SQLite" ? `x'${hex}'` : `decode('${hex}', 'hex')`
  }

  /** Gives the rows between two numbers others, past the unique index. */
  async function shift(from: number, by: number): Promise<void> {
    const which = `workspace_id = '${ws}'`
    await run(`update audit_events set seq = -(seq + ${by}) where ${which} and seq >= ${from}`)
    await run(`update audit_events set seq = -seq where ${which} and seq < 0`)
  }

  const insertRow = (sequence: string, id: string) =>
    run(`insert into audit_events (id, workspace_id, actor, action, outcome, count, at, until, seq, mac)
      select '${id}', workspace_id, actor, action, outcome, count, at, until, ${sequence}, mac
      from audit_events where ${one(4)}`)

  test("is intact as it was written, names its head, and goes on so", async () => {
    const head = await headOf()
    expect(await verify()).toEqual({
      workspaceId: ws,
      status: "intact",
      checked: 12,
      beginsAt: 1,
      head,
      unchained: 0,
      problem: null,
      next: null,
    })
    expect(parseLink(linkText(head))).toEqual(head)
    await log.append([numbered(ws, 13)])
    expect(await verify(head)).toMatchObject({ status: "intact", checked: 13 })
    expect(await log.verify(other)).toMatchObject({ status: "intact", checked: 3 })
    expect(log.errors).toEqual([])
  })

  test.each([
    ["actor", "'member:somebody'"],
    ["action", "'token.peek'"],
    ["target", "null"],
    ["target", "''"],
    ["outcome", "'refused'"],
    ["app_id", "'app_x'"],
    ["address", "''"],
    ["request_id", "'r'"],
    ["count", "2"],
    ["at", "at - 1"],
    ["until", "until + 1"],
    ["id", "'evt_other'"],
  ])("a changed %s (to %s) is found where it is", async (column, value) => {
    await run(`update audit_events set ${column} = ${value} where ${one(5)}`)
    expect(await verify()).toMatchObject({
      status: "broken",
      checked: 4,
      problem: { sequence: 5, what: "changed" },
    })
    expect(await log.verify(other)).toMatchObject({ status: "intact" })
  })

  test("an event that was changed with its MAC copied from another is found", async () => {
    const mac = `(select mac from audit_events where ${one(7)})`
    await run(`update audit_events set outcome = 'no', mac = ${mac} where ${one(6)}`)
    expect(await verify()).toMatchObject({ problem: { sequence: 6, what: "changed" } })
  })

  test("an event that was deleted in the middle is missing", async () => {
    await run(`delete from audit_events where ${one(5)}`)
    expect(await verify()).toMatchObject({ problem: { sequence: 5, what: "missing" } })
  })

  test("events that were deleted with the gap closed are missing", async () => {
    await run(`delete from audit_events where workspace_id = '${ws}' and seq in (5, 6)`)
    await shift(7, -2)
    expect(await verify()).toMatchObject({ problem: { sequence: 5, what: "missing" } })
  })

  test("the last events cannot be cut off", async () => {
    await run(`delete from audit_events where workspace_id = '${ws}' and seq > 10`)
    expect(await verify()).toMatchObject({ problem: { sequence: 11, what: "cut_at_end" } })
    await log.append([numbered(ws, 13)])
    expect(await verify()).toMatchObject({ problem: { sequence: 11, what: "missing" } })
  })

  test("the first events cannot be cut off", async () => {
    await run(`delete from audit_events where workspace_id = '${ws}' and seq <= 3`)
    expect(await verify()).toMatchObject({ checked: 0, problem: { sequence: 1, what: "cut_at_start" } })
  })

  test("a record whose beginning was moved to an event's own link is found", async () => {
    await run(`update audit_chains set base_seq = 4, base_mac = (select mac from audit_events where ${one(4)})
      where workspace_id = '${ws}'`)
    await run(`delete from audit_events where workspace_id = '${ws}' and seq <= 4`)
    expect(await verify()).toMatchObject({ problem: { sequence: 13, what: "record_changed" } })
  })

  test.each([
    [5, 6],
    [3, 9],
  ])("events %i and %i that changed places are reordered", async (left, right) => {
    await run(`update audit_events set seq = -1 where ${one(left)}`)
    await run(`update audit_events set seq = ${left} where ${one(right)}`)
    await run(`update audit_events set seq = ${right} where ${one(-1)}`)
    expect(await verify()).toMatchObject({ problem: { sequence: left, what: "reordered" } })
  })

  test("an event that was put in between is inserted", async () => {
    await shift(5, 1)
    await insertRow("5", "evt_forged")
    expect(await verify()).toMatchObject({ problem: { sequence: 5, what: "inserted" } })
  })

  test("an event that was put behind the head is inserted, and does not stop the audit", async () => {
    await insertRow("13", "evt_forged")
    expect(await verify()).toMatchObject({ problem: { sequence: 13, what: "inserted" } })
    await log.append([numbered(ws, 14)])
    expect(log.errors.join("")).toContain("altered in the database")
    expect(await verify()).toMatchObject({ status: "broken", problem: { sequence: 13 } })
  })

  test("an event outside of the chain is inserted", async () => {
    await insertRow("null", "evt_forged")
    expect(await verify()).toMatchObject({ status: "broken", problem: { sequence: 0, what: "inserted" } })
  })

  test("events of two workspaces cannot change places", async () => {
    const [mine, theirs] = [one(2), `workspace_id = '${other}' and seq = 2`]
    await run(`update audit_events set workspace_id = 'ws_away' where ${mine}`)
    await run(`update audit_events set workspace_id = '${ws}' where ${theirs}`)
    await run(`update audit_events set workspace_id = '${other}' where workspace_id = 'ws_away'`)
    expect(await verify()).toMatchObject({ problem: { sequence: 2, what: "changed" } })
    expect(await log.verify(other)).toMatchObject({ problem: { sequence: 2, what: "changed" } })
  })

  test("the head cannot be rolled back to an earlier event, and what is appended then does not hide it", async () => {
    const earlier = `(select mac from audit_events where ${one(9)})`
    await run(`update audit_chains set head_seq = 9, head_mac = ${earlier} where workspace_id = '${ws}'`)
    await run(`delete from audit_events where workspace_id = '${ws}' and seq > 9`)
    expect(await verify()).toMatchObject({ problem: { sequence: 10, what: "record_changed" } })
    await log.append([numbered(ws, 13)])
    await openAuditLog(database.storage, keys).append([numbered(ws, 14)])
    expect(await verify()).toMatchObject({ problem: { sequence: 10, what: "record_changed" } })
    expect(log.errors).toHaveLength(1)
  })

  test("a record of the past that is put back whole is found by the process that goes on, and by a noted head", async () => {
    const before = await raw((db) => db.rows(`select * from audit_chains where workspace_id = '${ws}'`))
    await log.append([numbered(ws, 13), numbered(ws, 14)])
    const noted = await headOf()
    const [row] = before
    const bytes = (column: string) => literal(row?.[column] as Uint8Array)
    await run(`update audit_chains set head_seq = ${String(row?.["head_seq"])}, head_mac = ${bytes("head_mac")},
      mac = ${bytes("mac")} where workspace_id = '${ws}'`)
    await run(`delete from audit_events where workspace_id = '${ws}' and seq > 12`)
    // What only the database says is the past as it was.
    expect(await verify()).toMatchObject({ status: "intact", checked: 12 })
    expect(await verify(noted)).toMatchObject({ problem: { sequence: 13, what: "cut_at_end" } })
    await log.append([numbered(ws, 15)])
    expect(await verify()).toMatchObject({ problem: { sequence: 13, what: "record_changed" } })
  })

  test("a noted head that is another's is refused", async () => {
    const { mac, sequence } = await headOf()
    expect(await verify({ sequence, mac: Buffer.from(mac).reverse() })).toMatchObject({
      problem: { sequence: 12, what: "head_differs" },
    })
    const [fifth] = await database.storage.audit.listLinks(ws, [5])
    expect(await verify(fifth)).toMatchObject({ status: "intact" })
    expect(await verify({ sequence: 4, mac: fifth?.mac ?? Buffer.of() })).toMatchObject({
      problem: { sequence: 4, what: "head_differs" },
    })
  })

  test("whoever has the keys too can write another history, but not before a noted head", async () => {
    const noted = await headOf()
    await log.append([numbered(ws, 13)])
    await forge(9)
    expect(await verify()).toMatchObject({ status: "intact", checked: 13 })
    expect(await verify(noted)).toMatchObject({ problem: { sequence: 12, what: "head_differs" } })
  })

  /** Changes one event and makes everything behind it fit, with the audit's own key. */
  async function forge(changed: number): Promise<void> {
    const { audit, auditChains } = database.storage
    const chain = await auditChains.find(ws)
    if (!chain) throw new Error("there is no chain")
    const key = await openChainKey(log.vault, chain)
    let head = chain.base
    for (const event of await audit.listChain(ws, { after: 0, limit: 100 })) {
      const { sequence } = event.link
      const outcome = sequence === changed ? "forged" : event.outcome
      head = { sequence, mac: eventMac(key, head.mac, sequence, { ...event, outcome }) }
      await run(
        `update audit_events set outcome = '${outcome}', mac = ${literal(head.mac)} where ${one(sequence)}`,
      )
    }
    await auditChains.save([authenticated(key, { ...chain, head })])
  }

  test("a record that was deleted is not made anew as if nothing had been there", async () => {
    await run(`delete from audit_chains where workspace_id = '${ws}'`)
    expect(await verify()).toMatchObject({ problem: { sequence: 1, what: "record_changed" } })
    await log.append([numbered(ws, 13)])
    expect(await verify()).toMatchObject({
      status: "broken",
      problem: { sequence: 13, what: "record_changed" },
    })
  })

  test("a key that was taken from another workspace opens nothing", async () => {
    await run(`update audit_chains set sealed_key = (select sealed_key from audit_chains where workspace_id = '${other}')
      where workspace_id = '${ws}'`)
    expect(await openAuditLog(database.storage, keys).verify(ws)).toMatchObject({
      problem: { what: "key_unreadable" },
    })
  })

  describe("with retention", () => {
    const dayMs = 86_400_000
    const keptDays = 30
    const afterRetention = () => log.expireAll(NOW + 31 * dayMs + dayMs, keptDays)

    test("begins later, says so, and is intact; the removal is on record", async () => {
      await log.append([auditEvent(ws, { at: NOW + 20 * dayMs, action: "kept" })])
      expect(await afterRetention()).toBe(12 + 3)
      expect(await verify()).toMatchObject({ status: "intact", beginsAt: 13, checked: 2, unchained: 0 })
      const events = await database.storage.audit.list(ws, { limit: 10 })
      expect(events).toMatchObject([
        { action: "audit.expire", actor: "system", target: "1-12", count: 12, link: { sequence: 14 } },
        { action: "kept" },
      ])
      expect(await log.expireAll(NOW + 32 * dayMs, keptDays)).toBe(0)
      await log.append([numbered(ws, 15)])
      expect(await verify()).toMatchObject({ status: "intact", beginsAt: 13, checked: 3 })
    })

    test("a noted head that was removed proves nothing, and is not taken for one that was found", async () => {
      const noted = (await database.storage.audit.listLinks(ws, [3]))[0]
      await log.append([auditEvent(ws, { at: NOW + 20 * dayMs })])
      await afterRetention()
      expect(await verify(noted)).toMatchObject({ problem: { sequence: 3, what: "head_removed" } })
    })

    test("a cut that only looks like it is found", async () => {
      await log.append([auditEvent(ws, { at: NOW + 20 * dayMs })])
      await afterRetention()
      await run(`delete from audit_events where ${one(13)}`)
      expect(await verify()).toMatchObject({ problem: { sequence: 13, what: "cut_at_start" } })
    })

    test("keeps what was altered: it is evidence", async () => {
      await run(`update audit_events set outcome = 'no' where ${one(5)}`)
      expect(await log.expireAll(NOW + 40 * dayMs, keptDays)).toBe(4 + 3)
      expect(log.errors.join("")).toContain("old audit events are kept")
      expect(await verify()).toMatchObject({ problem: { sequence: 5, what: "changed" } })
    })

    test("removes events from before the chain too", async () => {
      await run(`update audit_events set seq = null, mac = null where workspace_id = '${ws}'`)
      await run(`delete from audit_chains where workspace_id = '${ws}'`)
      const upgraded = openAuditLog(database.storage, keys)
      expect(await upgraded.verify(ws)).toMatchObject({ status: "intact", unchained: 12, head: null })
      await upgraded.append([auditEvent(ws, { at: NOW + 20 * dayMs })])
      expect(await upgraded.verify(ws)).toMatchObject({ status: "intact", unchained: 12, checked: 1 })
      expect(await upgraded.expireAll(NOW + 32 * dayMs, keptDays)).toBe(12 + 3)
      expect(await upgraded.verify(ws)).toMatchObject({
        status: "intact",
        unchained: 0,
        beginsAt: 1,
        checked: 2,
      })
    })
  })

  test("it is checked page by page, each going on where the one before ended", async () => {
    await log.append(Array.from({ length: 2_500 }, (_, index) => numbered(ws, index + 13)))
    const first = await log.verify(ws, { maxEvents: 1_000 })
    expect(first).toMatchObject({ status: "more", checked: 1_000, next: { sequence: 1_000 } })
    await run(`update audit_events set outcome = 'no' where ${one(1_500)}`)
    const second = await log.verify(ws, { maxEvents: 1_000, after: first.next ?? undefined })
    expect(second).toMatchObject({ problem: { sequence: 1_500, what: "changed" } })
  })
})
