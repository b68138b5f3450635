/** SECURITY.md line 25 and the refresh rate, by replicas that agree on nothing but how many they are. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { call } from "../harness/api.ts"
import type { ChildReplica } from "../harness/child-replica.ts"
import { type ConnectedApp, type FaultWorld, faultType, startFaultWorld } from "../harness/fault-world.ts"
import { expectInvariants } from "./invariants.ts"

const hourMs = 3_600_000
const patience = { timeout: 60_000, interval: 250 }
const metricsToken = "metrics-token-for-the-test"

async function countedReplicas(replica: ChildReplica): Promise<number> {
  const { body } = await call<string>(replica.url, "GET", "/metrics", { as: { bearer: metricsToken } })
  return Number(/^grantry_replicas (\d+)$/m.exec(body)?.[1])
}

async function countEachOther(replicas: readonly ChildReplica[]): Promise<void> {
  for (const replica of replicas)
    await vi.waitFor(async () => expect(await countedReplicas(replica)).toBe(replicas.length), patience)
}

async function secondWorkspace(world: FaultWorld): Promise<string> {
  const { body } = await call<{ id: string }>(world.one.url, "POST", "/api/workspace/workspaces", {
    body: { name: "Second" },
  })
  return body.id
}

function one(apps: readonly ConnectedApp[]): ConnectedApp {
  const [app] = apps
  if (!app) throw new Error("nothing is connected")
  return app
}

describe("two replicas share the limits", { timeout: 120_000 }, () => {
  let world: FaultWorld
  let app: ConnectedApp
  let other: ConnectedApp
  beforeAll(async () => {
    world = await startFaultWorld({
      env: { GRANTRY_RATE_LIMITS: "reads=40/h,refused=20/h", GRANTRY_METRICS_TOKEN: metricsToken },
    })
    world.provider.lifetimeS = 100 * 3_600
    app = one(await world.connect(1))
    other = one(await world.connect(1, await secondWorkspace(world)))
    await countEachOther(world.replicas)
  })
  afterAll(() => world.destroy())

  async function read(
    of: ConnectedApp,
    replica: ChildReplica,
    times: number,
  ): Promise<Record<number, number>> {
    const answers = await Promise.all(
      Array.from({ length: times }, () =>
        call(replica.url, "GET", `/api/apps/${of.id}/external-auth/tokens/${faultType}`, {
          as: { bearer: of.serviceKey },
        }),
      ),
    )
    const counts: Record<number, number> = {}
    for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1
    return counts
  }

  test("each gives out half; a workspace at ten times its limit takes nothing from another", async () => {
    const [atOne, atTwo, others] = await Promise.all([
      read(app, world.one, 200),
      read(app, world.two, 200),
      read(other, world.one, 20),
    ])
    expect([atOne, atTwo]).toEqual([
      { 200: 20, 429: 180 },
      { 200: 20, 429: 180 },
    ])
    expect(others).toEqual({ 200: 20 })
    expect(await read(other, world.two, 20)).toEqual({ 200: 20 })
  })

  test("strangers are limited by both together", async () => {
    const guess = async (replica: ChildReplica, count: number) => {
      let judged = 0
      for (let index = 0; index < count; index += 1) {
        const { status } = await call(replica.url, "GET", "/api/apps", { as: null })
        if (status === 401) judged += 1
      }
      return judged
    }
    expect([await guess(world.one, 15), await guess(world.two, 15)]).toEqual([10, 10])
  })

  test("a third one that comes makes the shares smaller, and one that stops in order gives its own back", async () => {
    const third = await world.add()
    await countEachOther(world.replicas)
    await world.moveClock(hourMs)
    expect(await read(app, third, 20)).toEqual({ 200: 13, 429: 7 })
    expect(await read(app, world.one, 20)).toEqual({ 200: 13, 429: 7 })
    await third.end("SIGTERM")
    await countEachOther([world.one, world.two])
    await world.moveClock(hourMs)
    expect(await read(app, world.one, 30)).toEqual({ 200: 20, 429: 10 })
  })

  test("a killed one's share comes back to the other; while it is missed the whole is never exceeded", async () => {
    await world.two.end("SIGKILL")
    await world.moveClock(hourMs)
    expect(await read(app, world.one, 30)).toEqual({ 200: 20, 429: 10 })
    await expect.poll(() => countedReplicas(world.one), patience).toBe(1)
    await world.moveClock(hourMs)
    expect(await read(app, world.one, 60)).toEqual({ 200: 40, 429: 20 })
    await world.two.start()
    await countEachOther([world.one, world.two])
  })
})

describe("the refresh rate of one OAuth client", { timeout: 120_000 }, () => {
  const rate = 20
  let world: FaultWorld
  beforeAll(async () => {
    world = await startFaultWorld({
      env: { GRANTRY_REFRESH_RATE: String(rate), GRANTRY_METRICS_TOKEN: metricsToken },
    })
    await countEachOther(world.replicas)
  })
  afterAll(() => world.destroy())

  test("is kept by two replicas together, while a backlog is worked off", async () => {
    const due = 160
    await world.connect(due)
    // Both have saved up what they may by then.
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    const startedAt = performance.now()
    const beyond: string[] = []
    await world.moveClock(hourMs / 2 + 1_000)
    await expect
      .poll(
        () => {
          // Asked first: what comes in between is only in its favour.
          const { asked } = world.provider
          const atMost = rate + (rate * (performance.now() - startedAt)) / 1_000 + 2
          if (asked > atMost) beyond.push(`${asked} instead of ${atMost}`)
          return world.provider.refreshes.length
        },
        { ...patience, interval: 100 },
      )
      .toBe(due)
    expect(beyond).toEqual([])
    expect(world.provider.asked).toBe(due)
    await expectInvariants(world)
  })
})
