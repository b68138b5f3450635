import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type FaultWorld, startFaultWorld } from "../harness/fault-world.ts"
import { expectInvariants } from "./invariants.ts"

const hourMs = 3_600_000

describe("replicas whose clocks are two hours ahead and two hours behind", () => {
  let world: FaultWorld
  beforeAll(async () => {
    world = await startFaultWorld({ count: 1 })
    await world.add({ clockAheadMs: 2 * hourMs })
    await world.add({ clockAheadMs: -2 * hourMs })
  }, 120_000)
  afterAll(() => world.destroy())

  test("tell the time by the database: none refreshes too early, none hands out a dead token", async () => {
    const app = await world.connectOne()
    for (const replica of world.replicas) expect((await world.read(app, replica)).status).toBe(200)
    expect(world.provider.asked).toBe(0)
    for (const refreshing of world.replicas) {
      await world.moveClock(hourMs + 60_000)
      const before = world.provider.asked
      const { body } = await world.read(app, refreshing)
      for (const replica of world.replicas)
        expect(await world.read(app, replica)).toMatchObject({ status: 200, body })
      expect(world.provider.asked).toBe(before + 1)
      expect(Date.parse(body.expires_at ?? "")).toBeLessThan(Date.now() + world.aheadMs() + hourMs + 5_000)
      // Until a minute before its end all of them hand it out, after it none does.
      await world.moveClock(hourMs - 60_000)
      for (const replica of world.replicas) expect((await world.read(app, replica)).status).toBe(200)
    }
    await expectInvariants(world)
    for (const replica of world.replicas.slice(1))
      expect(replica.logged()).toContain("this machine's clock differs from the database's")
  })
})
