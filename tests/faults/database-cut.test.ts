import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, fetchToken } from "../harness/api.ts"
import { type CuttableDatabase, type CutMoment, startCuttableDatabase } from "../harness/cuttable-database.ts"
import { type ConnectedApp, type FaultWorld, startFaultWorld } from "../harness/fault-world.ts"
import { createDatabase, type PostgresServer, startPostgres } from "../harness/postgres.ts"
import { printedSeed, seededRandom } from "../storage/fixtures.ts"
import { expectInvariants } from "./invariants.ts"

const patience = { timeout: 15_000, interval: 100 }
const moments: readonly CutMoment[] = ["before", "during", "after"]

describe("the connection to PostgreSQL is cut", () => {
  let world: FaultWorld
  let way: CuttableDatabase
  let app: ConnectedApp
  beforeAll(async () => {
    world = await startFaultWorld({
      async firstUrl(url) {
        way = await startCuttableDatabase(url)
        return way.url
      },
    })
  })
  afterAll(async () => {
    await world.destroy()
    await way.close()
  })
  beforeEach(async () => {
    world.reset()
    app = await world.connectOne()
    await world.expire()
  })

  /** Who still holds a grant that the database has taken already says 503 until it knows, and for no longer. */
  const served = async (): Promise<void> => {
    const read = async () => {
      const answers = await Promise.all(world.replicas.map((replica) => world.read(app, replica)))
      const tokens = new Set(answers.map(({ body }) => body.access_token))
      return { statuses: answers.map(({ status }) => status), tokens: tokens.size }
    }
    await expect.poll(read, patience).toEqual({ statuses: [200, 200], tokens: 1 })
  }

  test.each(moments)(
    "%s the write that takes the lease: the provider is asked once all the same, and the caller is told to come back",
    async (moment) => {
      const wasCut = way.cut(moment, '"lease_owner" = $')
      const first = await world.read(app)
      expect(wasCut()).toBe(true)
      if (first.status !== 200)
        expect(first).toMatchObject({ status: 503, body: { code: "STORAGE_UNAVAILABLE" } })
      await expect.poll(async () => (await world.read(app)).status, patience).toBe(200)
      await served()
      expect(world.provider.asked).toBe(1)
      await expectInvariants(world)
    },
  )

  test.each(moments)(
    "%s the write that stores the refreshed grant: the caller has its token, and both replicas in the end",
    async (moment) => {
      const wasCut = way.cut(moment, '"sealed_access_token" = $')
      expect((await world.read(app)).status).toBe(200)
      expect(wasCut()).toBe(true)
      await expect.poll(async () => (await world.row(app))?.version, patience).toBe(2)
      await served()
      expect(world.provider.asked).toBe(1)
      await world.expire()
      await served()
      expect(world.provider.asked).toBe(2)
      await expectInvariants(world)
    },
  )

  test.each(moments)(
    "%s the commit of a disconnect: told again, it holds in both replicas",
    async (moment) => {
      const wasCut = way.cut(moment, "commit\0")
      const path = `/api/apps/${app.id}/external-auth/integrations/rotating`
      const first = await call(world.one.url, "DELETE", path)
      expect(wasCut()).toBe(true)
      expect([200, 503]).toContain(first.status)
      await expect.poll(async () => (await call(world.one.url, "DELETE", path)).status, patience).toBe(200)
      for (const replica of world.replicas)
        expect((await fetchToken(replica.url, app, "rotating")).status).toBe(404)
      // Where nobody knew whether it was committed, the outbox waits until nobody can be at work on it any more.
      await world.moveClock(60_000)
      await expect.poll(() => world.provider.liveRefreshTokens(), patience).toEqual([])
      expect(world.provider.asked).toBe(0)
      await expectInvariants(world)
    },
  )

  test("anywhere, a hundred rounds: one call for each refresh, and whoever comes back is served", async () => {
    const seed = printedSeed("cuts of the database")
    const random = seededRandom(seed)
    const marks = [
      '"lease_owner" = $',
      '"sealed_access_token" = $',
      'from "connections"',
      'from "service_keys"',
    ]
    for (let round = 0; round < 100; round += 1) {
      const what = `seed ${seed}, round ${round}`
      const pick = <T>(values: readonly T[]): T | undefined => values[Math.floor(random() * values.length)]
      way.cut(pick(moments) ?? "during", pick(marks) ?? "")
      const answers = await Promise.all(
        Array.from({ length: 4 }, (_, index) => world.read(app, index % 2 === 0 ? world.one : world.two)),
      )
      for (const { body, status } of answers)
        expect([200, 503], `${what}: ${status} ${body.detail}`).toContain(status)
      await expect.poll(async () => (await world.read(app)).status, { ...patience, message: what }).toBe(200)
      expect(world.provider.asked, what).toBe(round + 1)
      way.cut("before", "nothing more")
      await world.expire()
    }
    await expectInvariants(world)
  }, 90_000)
})

describe("PostgreSQL ends at once, without saying goodbye", () => {
  let postgres: PostgresServer
  let world: FaultWorld
  beforeAll(async () => {
    postgres = await startPostgres()
    world = await startFaultWorld({ databaseUrl: (await createDatabase(postgres.url)).url })
  })
  afterAll(async () => {
    await world.destroy()
    await postgres.destroy()
  })

  test("under load: nothing is refreshed twice, nothing is lost, and it serves again by itself", async () => {
    const apps = await world.connect(40)
    await world.expire()
    world.provider.latencyMs = 400
    const readAll = () =>
      Promise.all(apps.map((app, index) => world.read(app, index % 2 === 0 ? world.one : world.two)))
    const early = readAll()
    await expect.poll(() => world.provider.asked, patience).toBeGreaterThanOrEqual(5)
    await postgres.crash()
    const during = await readAll()
    for (const { body, status } of [...(await early), ...during])
      expect(status === 200 || body.code === "STORAGE_UNAVAILABLE", `${status} ${body.detail}`).toBe(true)
    await postgres.start()
    world.provider.latencyMs = 0
    const statuses = async () => [...new Set((await readAll()).map(({ status }) => status))]
    const allServed = async () => {
      await expect.poll(statuses, patience).toEqual([200])
    }
    await allServed()
    expect(world.provider.asked).toBe(40)
    await world.expire()
    await allServed()
    expect(world.provider.asked).toBe(80)
    await expectInvariants(world)
  }, 60_000)
})
