/** A workspace whose refreshes hang by the thousand: it has its part of the room, and the others have theirs. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, call, type TokenBody } from "../harness/api.ts"
import { type ConnectedApp, type FaultWorld, startFaultWorld } from "../harness/fault-world.ts"
import type { Exchange } from "../harness/rotating-provider.ts"
import { expectInvariants } from "./invariants.ts"

const patience = { timeout: 60_000, interval: 100 }
/** Of one workspace: calls at providers at once, and callers who wait for their turn. */
const inFlight = 64
const waiting = 1_000

describe("a workspace whose refreshes hang", { timeout: 180_000 }, () => {
  let world: FaultWorld
  let greedy: readonly ConnectedApp[]
  let others: readonly ConnectedApp[]
  beforeAll(async () => {
    // Nothing times out before the provider is let go.
    world = await startFaultWorld({ count: 1, env: { GRANTRY_PROVIDER_TIMEOUT_MS: "120000" } })
    const second = await call<{ id: string }>(world.one.url, "POST", "/api/workspace/workspaces", {
      body: { name: "Second" },
    })
    greedy = await world.connect(inFlight + waiting + 10)
    others = await world.connect(5, second.body.id)
    await world.expire()
  })
  afterAll(() => world.destroy())

  test("uses only so many calls, has only so many callers wait, and keeps nobody else's refresh from starting", async () => {
    const held: Exchange[] = []
    world.provider.onRefresh((exchange) => void held.push(exchange), inFlight)
    const answered: Answer<TokenBody>[] = []
    const reads = Promise.all(
      greedy.map(async (app) => {
        answered.push(await world.read(app))
      }),
    )
    await expect.poll(() => world.provider.asked, patience).toBe(inFlight)
    // The same OAuth client, the same provider.
    for (const [index, app] of others.entries()) {
      expect((await world.read(app)).status).toBe(200)
      expect(world.provider.asked).toBe(inFlight + index + 1)
    }
    // Whoever finds the queue full is told at once.
    await expect.poll(() => answered.length, patience).toBe(10)
    const refused = [...answered]
    for (const exchange of held) exchange.answer()
    await reads
    expect(answered.filter(({ status }) => status === 200)).toHaveLength(inFlight + waiting)
    for (const { body, headers, status } of refused) {
      expect([status, body.code]).toEqual([503, "PROVIDER_UNAVAILABLE"])
      expect(body.detail).toContain("too many refreshes of this workspace wait for their turn")
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0)
    }
    expect(world.provider.asked).toBe(inFlight + waiting + others.length)
    // Those who were turned away are served like anybody else as soon as there is room.
    const again = await Promise.all(greedy.map((app) => world.read(app)))
    expect(again.filter(({ status }) => status === 200)).toHaveLength(greedy.length)
    await expectInvariants(world, { mostMemoryMb: 500 })
  })
})
