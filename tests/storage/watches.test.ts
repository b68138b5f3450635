import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  createConnectionWatches,
  type WatchedState,
} from "../../packages/server/src/storage/connection-watches.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { App } from "../../packages/server/src/storage/stores/apps.ts"
import type { Connection } from "../../packages/server/src/storage/stores/connections.ts"
import {
  databases,
  fenceOf,
  NOW,
  type OpenDatabase,
  refreshTo,
  seedApp,
  seedConnection,
  trouble,
  uniqueId,
} from "./fixtures.ts"

const owner = "owner"

describe.each(databases)("waiting for a connection on $name", ({ open }) => {
  let database: OpenDatabase
  let app: App
  beforeAll(async () => {
    database = await open()
    app = await seedApp(database.storage)
  })
  afterAll(() => database.close())

  async function leased(leaseMs = 60_000): Promise<Connection> {
    const connection = await seedConnection(database.storage, app, { slot: uniqueId("slot") })
    expect(await database.replica.connections.acquireLease(fenceOf(connection), owner, leaseMs)).toBe(true)
    return connection
  }

  type Act = (storage: Storage, connection: Connection) => Promise<unknown>
  const acts: readonly { readonly what: string; readonly act: Act }[] = [
    {
      what: "its refresh is stored",
      act: ({ connections }, of) => connections.commitRefresh(fenceOf(of), owner, refreshTo("new")),
    },
    {
      what: "its refresh failed",
      act: ({ connections }, of) => connections.recordRefreshFailure(fenceOf(of), owner, trouble, NOW + 1),
    },
    {
      what: "its grant has ended",
      act: ({ connections }, of) => connections.markExpired(fenceOf(of), owner, trouble),
    },
    {
      what: "its lease is given back",
      act: ({ connections }, of) => connections.releaseLease(of.workspaceId, of.id, owner),
    },
    {
      what: "its refresh is put off",
      act: ({ connections }, of) => connections.postponeRefresh(of, owner, NOW + 1),
    },
    {
      what: "it is disconnected, in a transaction",
      act: (storage, of) =>
        storage.transaction((stores) => stores.connections.disconnect(of.workspaceId, of.id, NOW)),
    },
    {
      what: "it is forgotten",
      act: ({ connections }, of) => connections.remove(of.workspaceId, of.id),
    },
  ]

  it.each(acts)("ends when $what, whoever does that", async ({ act }) => {
    const connection = await leased()
    const watch = database.storage.watch(connection)
    await act(database.replica, connection)
    await watch.moved
    watch.end()
  })

  it("ends when the lease has ended with its process", async () => {
    const watch = database.storage.watch(await leased(300))
    await watch.moved
    watch.end()
  })

  it("goes on while the lease lives, although somebody tried to take it", async () => {
    const connection = await leased()
    let ended = false
    const watch = database.storage.watch(connection)
    void watch.moved.then(() => (ended = true))
    expect(await database.storage.connections.acquireLease(fenceOf(connection), "other", 60_000)).toBe(false)
    await sleep(700)
    expect(ended).toBe(false)
    watch.end()
  })
})

describe("the watches of one process", () => {
  const fence = { workspaceId: "ws", id: "cn", generation: 1, version: 1 }

  it("ask one question for all that is waited for, and none when nobody waits", async () => {
    const asked: (readonly string[])[] = []
    const leasedStill = (id: string): WatchedState => ({ id, generation: 1, version: 1, isLeased: true })
    const watches = createConnectionWatches(async (ids) => {
      asked.push(ids)
      return ids.map(leasedStill)
    })
    const open = ["a", "b", "a"].map((id) => watches.watch({ ...fence, id }))
    await expect.poll(() => asked.length, { timeout: 5_000 }).toBeGreaterThan(1)
    expect(asked[0]).toEqual(["a", "b"])
    for (const watch of open) watch.end()
    await sleep(600)
    const before = asked.length
    await sleep(600)
    expect(asked).toHaveLength(before)
    watches.close()
  })

  it("wake everybody when the database does not answer, and when they are closed", async () => {
    const watches = createConnectionWatches(() => Promise.reject(new Error("away")))
    await watches.watch(fence).moved
    const last = watches.watch(fence)
    watches.close()
    await last.moved
  })
})
