import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { fetchToken } from "../harness/api.ts"
import { type ConnectedApp, type FaultWorld, leaseMs, startFaultWorld } from "../harness/fault-world.ts"
import { expectInvariants } from "./invariants.ts"

const patience = { timeout: 10_000 }
const hourMs = 3_600_000

describe("a replica that is lost in the middle of a refresh", () => {
  let world: FaultWorld
  let app: ConnectedApp
  beforeAll(async () => {
    world = await startFaultWorld()
  })
  afterAll(() => world.destroy())
  beforeEach(async () => {
    world.reset()
    app = await world.connectOne()
    await world.expire()
  })

  /** The first replica asks the provider; it is there when this returns. */
  async function askThere(): Promise<{ readonly answered: Promise<unknown> }> {
    const answered = fetchToken(world.one.url, app, "rotating").catch((error: unknown) => error)
    await expect.poll(() => world.provider.asked, patience).toBe(1)
    return { answered }
  }

  async function killFirst(answered: Promise<unknown>): Promise<void> {
    await world.one.end("SIGKILL")
    expect(await answered).toBeInstanceOf(Error)
  }

  /** Ten callers of the other replica. */
  async function readElsewhere(): Promise<{
    readonly outcomes: ReadonlySet<string>
    readonly tookMs: number
  }> {
    const startedAt = performance.now()
    const answers = await Promise.all(Array.from({ length: 10 }, () => world.read(app, world.two)))
    const outcomes = answers.map(({ body, status }) => `${status} ${body.access_token ?? body.code}`)
    return { outcomes: new Set(outcomes), tookMs: performance.now() - startedAt }
  }

  test("killed before the provider did anything: the other one refreshes as soon as the lease has ended", async () => {
    world.provider.onRefresh(() => undefined)
    await killFirst((await askThere()).answered)
    const { outcomes, tookMs } = await readElsewhere()
    expect([...outcomes]).toEqual([expect.stringMatching(/^200 at-/)])
    expect(tookMs).toBeLessThan(leaseMs + 3_000)
    expect(world.provider.refreshes).toHaveLength(1)
    await world.one.start()
    await expectInvariants(world)
  })

  test("killed after the provider did, within its grace: the other one asks once more, and all is well", async () => {
    world.provider.graceMs = hourMs
    world.provider.onRefresh(({ carryOut }) => void carryOut())
    await killFirst((await askThere()).answered)
    const { outcomes } = await readElsewhere()
    expect([...outcomes]).toEqual([expect.stringMatching(/^200 at-/)])
    expect(world.provider.asked).toBe(2)
    await world.expire()
    world.provider.graceMs = 0
    expect((await world.read(app, world.two)).status).toBe(200)
    await world.one.start()
    await expectInvariants(world, { presentedAgain: 1, destroyedAnswers: 1 })
  })

  test("killed after the provider did, without grace: the grant is over, said once, and nobody asks again", async () => {
    world.provider.onRefresh(({ carryOut }) => void carryOut())
    await killFirst((await askThere()).answered)
    expect([...(await readElsewhere()).outcomes]).toEqual(["409 RECONNECT_REQUIRED"])
    expect((await world.read(app, world.two)).body.code).toBe("RECONNECT_REQUIRED")
    expect(world.provider.asked).toBe(2)
    expect(await world.row(app)).toMatchObject({
      status: "expired",
      sealedRefreshToken: null,
      leaseOwner: null,
    })
    await world.one.start()
    await expectInvariants(world, { presentedAgain: 1 })
  })

  test("killed after the commit: the other one hands out what was stored, and the provider hears nothing", async () => {
    const first = await world.read(app)
    await world.one.end("SIGKILL")
    const { outcomes } = await readElsewhere()
    expect([...outcomes]).toEqual([`200 ${first.body.access_token}`])
    expect(world.provider.asked).toBe(1)
    await world.one.start()
    await expectInvariants(world)
  })

  test("told to stop: it stores what the provider still answers, tells its callers, and ends with 0", async () => {
    world.provider.onRefresh(({ answer }) => void setTimeout(answer, 500))
    const { answered } = await askThere()
    expect(await world.one.end("SIGTERM")).toBe(0)
    expect(await answered).toMatchObject({ status: 200 })
    expect((await world.read(app, world.two)).status).toBe(200)
    expect(world.provider.asked).toBe(1)
    await world.one.start()
    await expectInvariants(world)
  })

  describe("frozen past its lease and woken", () => {
    test("without grace the grant ends by the second use, and the sleeper's late answer changes nothing", async () => {
      world.provider.onRefresh(({ carryOut }) => void carryOut())
      const { answered } = await askThere()
      world.one.signal("SIGSTOP")
      expect([...(await readElsewhere()).outcomes]).toEqual(["409 RECONNECT_REQUIRED"])
      world.one.signal("SIGCONT")
      expect(await answered).toMatchObject({ status: 409, body: { code: "RECONNECT_REQUIRED" } })
      expect(world.provider.asked).toBe(2)
      await expectInvariants(world, { presentedAgain: 1, overlaps: 1 })
    })

    test("with grace the newer token stands, and the sleeper hands out that one", async () => {
      world.provider.graceMs = hourMs
      const late = Promise.withResolvers<void>()
      world.provider.onRefresh(({ answer }) => void late.promise.then(answer))
      const { answered } = await askThere()
      world.one.signal("SIGSTOP")
      const { outcomes } = await readElsewhere()
      late.resolve()
      world.one.signal("SIGCONT")
      expect(await answered).toMatchObject({ status: 200 })
      expect([...outcomes]).toEqual([`200 ${(await world.read(app)).body.access_token}`])
      expect(world.provider.asked).toBe(2)
      await world.expire()
      expect((await world.read(app)).status).toBe(200)
      await expectInvariants(world, { presentedAgain: 1, overlaps: 1, destroyedAnswers: 1 })
    })
  })
})
