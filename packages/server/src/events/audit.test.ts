import { pino } from "pino"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { StorageUnavailable } from "../storage/storage.ts"
import type { AuditEvent } from "../storage/stores/audit-events.ts"
import { type Audit, type AuditInput, createAudit } from "./audit.ts"
import type { RequestOrigin } from "./request-origins.ts"

const read: AuditInput = {
  workspaceId: "ws_1",
  appId: "app_1",
  actor: "service:key_1",
  action: "token.read",
  target: "type:slack",
  outcome: "ok",
  address: "127.0.0.1",
}

describe("the audit", () => {
  let written: AuditEvent[]
  let lines: string[]
  let now: number
  let origin: RequestOrigin | undefined
  /** Called before a batch is taken; may throw. */
  let beforeAppend: (events: readonly AuditEvent[]) => Promise<void>
  let audit: Audit

  beforeEach(() => {
    written = []
    lines = []
    now = 1_000
    origin = undefined
    beforeAppend = async () => undefined
    audit = createAudit({
      async append(events) {
        await beforeAppend(events)
        written.push(...events)
      },
      origin: () => origin,
      now: () => now,
      log: pino({ level: "info" }, { write: (line: string) => void lines.push(line) }),
      intervalMs: 60_000,
      readIntervalMs: 60_000,
    })
  })
  afterEach(() => audit.close())

  test("sums the reads of one token by one caller from the first to the last", async () => {
    for (const time of [1_000, 1_500, 2_000]) {
      now = time
      audit.countRead(read)
    }
    await audit.flush()
    expect(written).toMatchObject([{ ...read, count: 3, at: 1_000, until: 2_000 }])
    audit.countRead(read)
    await audit.flush()
    expect(written.map(({ count }) => count)).toEqual([3, 1])
    expect(new Set(written.map(({ id }) => id)).size).toBe(2)
  })

  test.each([
    ["actor", { actor: "service:key_2" }],
    ["target", { target: "type:github" }],
    ["missing target", { target: null }],
    ["outcome", { outcome: "NOT_FOUND" }],
    ["action", { action: "token.peek" }],
    ["address", { address: "127.0.0.2" }],
    ["unknown address", { address: null }],
  ])("keeps reads of another %s apart", async (_, difference) => {
    for (const event of [read, { ...read, ...difference }, read, { ...read, ...difference }])
      audit.countRead(event)
    await audit.flush()
    const total = written.reduce((sum, { count }) => sum + count, 0)
    expect(total).toBe(4)
    expect(
      written.some((event) =>
        Object.entries(difference).every(([name, value]) => Reflect.get(event, name) === value),
      ),
    ).toBe(true)
    expect(written.length).toBeGreaterThanOrEqual(2)
  })

  test("writes events one by one, in the order in which they happened", async () => {
    await audit.record({ ...read, action: "connection.connect" })
    await audit.record({ ...read, action: "connection.disconnect" })
    expect(written.map(({ action, count }) => `${action} ${count}`)).toEqual([
      "connection.connect 1",
      "connection.disconnect 1",
    ])
  })

  test("an act is on record when its caller goes on, and acts of the same time are written together", async () => {
    const batches: number[] = []
    const slow = Promise.withResolvers<void>()
    beforeAppend = async (events) => {
      batches.push(events.length)
      await slow.promise
    }
    const acts = ["first", "second", "third", "fourth"].map((action) => audit.record({ ...read, action }))
    slow.resolve()
    await Promise.all(acts)
    expect(written).toHaveLength(4)
    expect(batches.length).toBeLessThan(4)
  })

  test("says where an act was asked from, unless the act does or the server acts by itself", async () => {
    origin = { address: "192.0.2.1", requestId: "req_1" }
    const act: AuditInput = { ...read, action: "app.create", target: null }
    const { address: _address, ...unplaced } = act
    await audit.record(unplaced)
    await audit.record(act)
    await audit.record({ ...unplaced, actor: "system" })
    expect(written).toMatchObject([
      { address: "192.0.2.1", requestId: "req_1" },
      { address: "127.0.0.1", requestId: "req_1" },
      { address: null, requestId: null },
    ])
  })

  test("keeps what the database could not take, and writes it before what came later", async () => {
    beforeAppend = async () => {
      throw new StorageUnavailable("away")
    }
    await audit.record({ ...read, action: "first" })
    await audit.record({ ...read, action: "second" })
    expect(written).toEqual([])
    expect(lines.join("")).toContain("audit events wait for the database")
    beforeAppend = async () => undefined
    await audit.flush()
    expect(written.map(({ action }) => action)).toEqual(["first", "second"])
  })

  test("an event that the database will never take is logged, and keeps no other from being written", async () => {
    beforeAppend = async (events) => {
      if (events.some(({ action }) => action === "poison")) throw new TypeError("no such text")
    }
    await Promise.all(["before", "poison", "after"].map((action) => audit.record({ ...read, action })))
    expect(written.map(({ action }) => action)).toEqual(["before", "after"])
    expect(lines.join("")).toContain("poison")
  })

  test("a part of a request that no database takes as text is written readable", async () => {
    audit.countRead({ ...read, target: "connector:\u0000\ud800" })
    await audit.flush()
    expect(written[0]?.target).toBe("connector:\uFFFD\uFFFD")
  })

  test("closing waits for the batch that is on its way, and writes the rest", async () => {
    const slow = Promise.withResolvers<void>()
    beforeAppend = () => slow.promise
    const first = audit.record({ ...read, action: "first" })
    const second = audit.record({ ...read, action: "second" })
    const closed = audit.close()
    slow.resolve()
    await Promise.all([first, second, closed])
    expect(written.map(({ action }) => action)).toEqual(["first", "second"])
  })
})
