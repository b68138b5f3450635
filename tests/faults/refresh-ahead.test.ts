import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type ConnectedApp, type FaultWorld, startFaultWorld } from "../harness/fault-world.ts"
import { openRaw } from "../security/raw-database.ts"
import { expectInvariants } from "./invariants.ts"

const hourMs = 3_600_000
const halfLifeMs = hourMs / 2
/** A thousand at once on a busy machine must not make a lease end before its refresh is stored. */
const timeoutMs = 8_000
const patience = { timeout: 60_000, interval: 250 }

describe("two replicas refresh ahead of time", { timeout: 120_000 }, () => {
  let world: FaultWorld
  beforeAll(async () => {
    world = await startFaultWorld({
      env: { GRANTRY_REFRESH_RATE: "2000", GRANTRY_PROVIDER_TIMEOUT_MS: String(timeoutMs) },
    })
  })
  afterAll(() => world.destroy())
  beforeEach(async () => {
    world.reset()
    // What earlier tests left would be due as well.
    await openRaw(world.databaseUrl, (raw) => raw.run("delete from connections"))
  })

  /** How many active connections there are that meet a condition. */
  async function count(condition: string): Promise<number> {
    const sql = `select count(*)::integer as count from connections where status = 'active' and ${condition}`
    const [row] = await openRaw(world.databaseUrl, (raw) => raw.rows(sql))
    return Number(row?.["count"])
  }
  const refreshed = () => count("last_refreshed_at is not null")

  test("at half of a token's life and later, each once, by either of them, with nobody asking", async () => {
    const apps = await world.connect(100)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(world.provider.asked).toBe(0)
    await world.moveClock(halfLifeMs + 1_000)
    await expect.poll(() => refreshed(), patience).toBe(100)
    expect(world.provider.asked).toBe(100)
    for (const replica of world.replicas)
      expect((await world.read(apps[7] ?? never(), replica)).status).toBe(200)
    expect(world.provider.asked).toBe(100)
    await expectInvariants(world)
  })

  test("a clock that jumps by days makes no storm: each is refreshed once", async () => {
    await world.connect(50)
    await world.moveClock(5 * 24 * hourMs)
    await expect.poll(() => refreshed(), patience).toBe(50)
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(world.provider.asked).toBe(50)
    await expectInvariants(world)
  })

  test("a row that does not open among a thousand keeps nobody else waiting, and the provider hears nothing of it", async () => {
    const apps = await world.connect(1_000)
    const [broken = never()] = apps
    await corrupt(broken)
    await world.moveClock(halfLifeMs + 1_000)
    await expect.poll(() => refreshed(), patience).toBe(999)
    expect(world.provider.asked).toBe(999)
    await expect
      .poll(() => world.row(broken), patience)
      .toMatchObject({
        status: "active",
        lastRefreshError: { kind: "not_asked", code: "CREDENTIAL_UNREADABLE" },
      })
  })

  test("a wrong client secret costs a thousand connections a handful of calls and none of them its grant", async () => {
    const apps = await world.connect(1_000)
    world.provider.rejectsClient = true
    await world.moveClock(halfLifeMs + 1_000)
    await expect.poll(() => world.provider.asked, patience).toBeGreaterThanOrEqual(5)
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    // What was under way in both replicas when their circuits opened.
    expect(world.provider.asked).toBeLessThanOrEqual(2 * 64 + 10)
    expect((await world.read(apps[500] ?? never())).status).toBe(200)
    expect(await count("true")).toBe(1_000)
    world.provider.rejectsClient = false
    await world.moveClock(60_000)
    await expect.poll(() => refreshed(), patience).toBe(1_000)
    await expect.poll(() => world.provider.refreshes.length, patience).toBe(1_000)
    await expectInvariants(world)
  })

  test("what a killed replica had leased is refreshed by the other when the leases end", async () => {
    await world.connect(60)
    // Nobody hears an answer until one of them is gone.
    world.provider.onRefresh(() => undefined, 60)
    await world.moveClock(halfLifeMs + 1_000)
    await expect.poll(() => world.provider.asked, patience).toBe(60)
    await world.one.end("SIGKILL")
    await new Promise((resolve) => setTimeout(resolve, timeoutMs * 1.5))
    await world.moveClock(60_000)
    await expect.poll(() => refreshed(), patience).toBe(60)
    await world.one.start()
    await expectInvariants(world)
  })

  async function corrupt(app: ConnectedApp): Promise<void> {
    const sql = `update connections set sealed_refresh_token = '\\x00ff00ff' where id = '${app.connectionId}'`
    await openRaw(world.databaseUrl, (raw) => raw.run(sql))
  }
})

function never(): never {
  throw new Error("there is no such connection")
}
