import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { App } from "../../packages/server/src/storage/stores/apps.ts"
import type { Connection } from "../../packages/server/src/storage/stores/connections.ts"
import {
  bytes,
  countTrue,
  databases,
  fenceOf,
  grantFor,
  NOW,
  type OpenDatabase,
  printedSeed,
  read,
  refreshTo,
  seedApp,
  seedConnection,
  seededRandom,
  text,
  uniqueId,
} from "./fixtures.ts"

const ROUNDS = 300

describe.each(databases)("races for one connection on $name", ({ name, open }) => {
  let database: OpenDatabase
  let app: App
  beforeAll(async () => {
    database = await open()
    app = await seedApp(database.storage)
  })
  afterAll(() => database.close())

  const fresh = (): Promise<Connection> => seedConnection(database.storage, app, { slot: uniqueId("slot") })
  const either = (random: () => number): Storage => (random() < 0.5 ? database.storage : database.replica)

  it("gives the lease to exactly one of several callers, round after round", async () => {
    const random = seededRandom(printedSeed(`leases on ${name}`))
    for (let round = 0; round < ROUNDS; round += 1) {
      const connection = await fresh()
      const callers = 2 + Math.floor(random() * 5)
      const taken = await Promise.all(
        Array.from({ length: callers }, (_, index) =>
          either(random).connections.acquireLease(fenceOf(connection), `owner-${index}`, 60_000),
        ),
      )
      expect(countTrue(taken)).toBe(1)
      expect((await read(database.storage, connection)).leaseOwner).toBe(`owner-${taken.indexOf(true)}`)
    }
  })

  it("lets either a disconnect or a refresh in flight have the last word, never a mixture", async () => {
    const random = seededRandom(printedSeed(`disconnect against refresh on ${name}`))
    const outcomes = { committedFirst: 0, disconnectedFirst: 0 }
    for (let round = 0; round < ROUNDS; round += 1) {
      const connection = await fresh()
      await database.storage.connections.acquireLease(fenceOf(connection), "owner", 60_000)
      const commit = () =>
        either(random).connections.commitRefresh(fenceOf(connection), "owner", refreshTo("access-2"))
      const disconnect = () =>
        either(random).connections.disconnect(connection.workspaceId, connection.id, NOW)
      const [first, second] = random() < 0.5 ? [commit, disconnect] : [disconnect, commit]
      const results = await Promise.all([first(), second()])
      const committed = first === commit ? results[0] : results[1]
      outcomes[committed ? "committedFirst" : "disconnectedFirst"] += 1
      expect(await read(database.storage, connection)).toMatchObject({
        status: "disconnected",
        sealedAccessToken: null,
        sealedRefreshToken: null,
        generation: 2,
        version: committed ? 3 : 2,
      })
    }
    // Both orders happened, else the rounds have shown nothing.
    expect(Math.min(outcomes.committedFirst, outcomes.disconnectedFirst)).toBeGreaterThan(0)
  })

  it("saves one of several first grants for one place", async () => {
    const random = seededRandom(printedSeed(`first grants on ${name}`))
    for (let round = 0; round < ROUNDS; round += 1) {
      const slot = uniqueId("slot")
      const grants = Array.from({ length: 4 }, () => grantFor(app, { slot }))
      const saved = await Promise.all(grants.map((grant) => either(random).connections.saveGrant(grant)))
      expect(countTrue(saved)).toBe(1)
      const winner = grants[saved.indexOf(true)]
      const found = await database.storage.connections.findByAddress({ ...grantFor(app), slot })
      expect(found?.id).toBe(winner?.id)
    }
  })

  it("saves one of several grants of the same generation", async () => {
    const random = seededRandom(printedSeed(`later grants on ${name}`))
    for (let round = 0; round < ROUNDS; round += 1) {
      const connection = await fresh()
      const { id, slot } = connection
      const grants = Array.from({ length: 4 }, (_, index) =>
        grantFor(app, { id, slot, generation: 2, sealedAccessToken: bytes(`access-${index}`) }),
      )
      const saved = await Promise.all(grants.map((grant) => either(random).connections.saveGrant(grant)))
      expect(countTrue(saved)).toBe(1)
      const after = await read(database.storage, connection)
      expect(text(after.sealedAccessToken)).toBe(`access-${saved.indexOf(true)}`)
      expect(after.generation).toBe(2)
    }
  })

  it("refreshes once however many callers take lease and commit in turn", async () => {
    const random = seededRandom(printedSeed(`refreshes on ${name}`))
    for (let round = 0; round < 50; round += 1) {
      const connection = await fresh()
      const refresh = async (owner: string): Promise<boolean> => {
        const storage = either(random)
        const fence = fenceOf(connection)
        if (!(await storage.connections.acquireLease(fence, owner, 60_000))) return false
        return storage.connections.commitRefresh(fence, owner, refreshTo(owner))
      }
      const done = await Promise.all(Array.from({ length: 20 }, (_, index) => refresh(`owner-${index}`)))
      expect(countTrue(done)).toBe(1)
      const after = await read(database.storage, connection)
      expect(after.version).toBe(2)
      expect(text(after.sealedAccessToken)).toBe(`owner-${done.indexOf(true)}`)
    }
  })
})

describe.each(databases)("due refreshes on $name", ({ open }) => {
  let database: OpenDatabase
  let app: App
  beforeAll(async () => {
    database = await open()
    app = await seedApp(database.storage)
  })
  afterAll(() => database.close())

  const lease = (storage: Storage, limit: number, now = NOW + 3_000_000) =>
    storage.connections.leaseDue({
      client: "sandbox:slack",
      now,
      limit,
      leaseOwner: uniqueId("owner"),
      leaseMs: 60_000,
    })

  it("leases what is due, the longest due first, and skips what rests, waits or is leased", async () => {
    const { storage } = database
    const seed = (refreshAheadAt: number | null) =>
      seedConnection(storage, app, { slot: uniqueId("slot"), refreshAheadAt })
    const [later, sooner, never, future, dead, resting] = [
      await seed(NOW + 20),
      await seed(NOW + 10),
      await seed(null),
      await seed(NOW + 9_000_000),
      await seed(NOW),
      await seed(NOW),
    ]
    await storage.connections.disconnect(app.workspaceId, dead.id, NOW)
    await storage.connections.acquireLease(fenceOf(resting), "o", 60_000)
    const trouble = { kind: "transient", code: "c", message: "m", at: NOW }
    await storage.connections.recordRefreshFailure(fenceOf(resting), "o", trouble, NOW + 8_000_000)
    const due = await lease(storage, 10)
    expect(due.map(({ id }) => id)).toEqual([sooner.id, later.id])
    expect(due.map(({ version, leaseOwner }) => [version, leaseOwner])).toEqual([
      [1, due[0]?.leaseOwner],
      [1, due[0]?.leaseOwner],
    ])
    expect(await lease(storage, 10)).toEqual([])
    expect((await read(storage, never)).leaseOwner).toBeNull()
    expect((await read(storage, future)).leaseOwner).toBeNull()
  })

  it("never leases one connection to two replicas, and leaves none out", async () => {
    const batch = 12
    const ids = new Set<string>()
    for (let index = 0; index < batch; index += 1) {
      const { id } = await seedConnection(database.storage, app, {
        slot: uniqueId("slot"),
        refreshAheadAt: NOW - 1,
      })
      ids.add(id)
    }
    for (let round = 0; round < 100; round += 1) {
      const storages = Array.from({ length: 6 }, (_, index) =>
        index % 2 === 0 ? database.storage : database.replica,
      )
      const leased = (await Promise.all(storages.map((storage) => lease(storage, 5, NOW - 1)))).flat()
      // A replica that comes while others hold rows passes them over: the rest is left to the next one.
      leased.push(...(await lease(database.storage, batch, NOW - 1)))
      expect(leased.map(({ id }) => id).sort()).toEqual([...ids].sort())
      for (const { workspaceId, id, leaseOwner } of leased) {
        expect(await read(database.storage, { workspaceId, id })).toMatchObject({ leaseOwner })
        await database.storage.connections.releaseLease(workspaceId, id, leaseOwner ?? "")
      }
    }
  })

  it("leases no more than it was asked for", async () => {
    const due = await lease(database.storage, 5, NOW - 1)
    expect(due).toHaveLength(5)
  })
})
