import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { App } from "../../packages/server/src/storage/stores/apps.ts"
import type { Connection } from "../../packages/server/src/storage/stores/connections.ts"
import {
  connectorOf,
  databases,
  fenceOf,
  grantFor,
  NOW,
  type OpenDatabase,
  printedSeed,
  refreshTo,
  seedApp,
  seedConnection,
  seededRandom,
  trouble,
  uniqueId,
} from "./fixtures.ts"

async function warm(storage: Storage, connection: Connection): Promise<Connection> {
  await storage.connections.findByAddress(connection)
  const cached = storage.connections.findByAddressCached(connection)
  if (cached === undefined) throw new Error("The row was not kept")
  return cached
}

describe.each(databases.filter(({ name }) => name === "SQLite"))(
  "the cached hot read on $name",
  ({ open }) => {
    let database: OpenDatabase
    let storage: Storage
    let app: App
    beforeAll(async () => {
      database = await open()
      storage = database.storage
      app = await seedApp(storage)
    })
    afterAll(() => database.close())

    const seed = () => seedConnection(storage, app, { slot: uniqueId("slot") })

    it("answers without waiting, with the same frozen value, once the row was read", async () => {
      const connection = await seed()
      expect(storage.connections.findByAddressCached(connection)).toBeUndefined()
      const cached = await warm(storage, connection)
      expect(cached).toEqual(connection)
      expect(storage.connections.findByAddressCached(connection)).toBe(cached)
      expect(await storage.connections.findByAddress(connection)).toBe(cached)
      expect(
        storage.connections.findByAddressCached({ ...connection, workspaceId: "ws_other" }),
      ).toBeUndefined()
    })

    const writes: readonly [string, (connection: Connection) => Promise<unknown>][] = [
      [
        "saveGrant",
        ({ id, slot }) => storage.connections.saveGrant(grantFor(app, { id, slot, generation: 2 })),
      ],
      ["acquireLease", (connection) => storage.connections.acquireLease(fenceOf(connection), "o", 60_000)],
      ["disconnect", ({ workspaceId, id }) => storage.connections.disconnect(workspaceId, id, NOW)],
      ["remove", ({ workspaceId, id }) => storage.connections.remove(workspaceId, id)],
    ]

    it.each(writes)("is never answered with what stood before %s", async (_, write) => {
      const connection = await seed()
      await warm(storage, connection)
      const writing = write(connection)
      expect(storage.connections.findByAddressCached(connection)).toBeUndefined()
      expect(await writing).toBeTruthy()
      const after = await storage.connections.findByAddress(connection)
      expect(after).toEqual(await storage.connections.findById(connection.workspaceId, connection.id))
      expect(after).not.toEqual(connection)
    })

    it("keeps rows that are not due when due ones are leased", async () => {
      const idle = await seedConnection(storage, app, { slot: uniqueId("slot"), refreshAheadAt: null })
      const due = await seedConnection(storage, app, { slot: uniqueId("slot"), refreshAheadAt: 1 })
      const kept = await warm(storage, idle)
      await warm(storage, due)
      await storage.connections.leaseDue({
        client: "sandbox:slack",
        now: 1,
        limit: 5,
        leaseOwner: "o",
        leaseMs: 60_000,
      })
      expect(storage.connections.findByAddressCached(idle)).toBe(kept)
      expect(await storage.connections.findByAddress(due)).toMatchObject({ leaseOwner: "o" })
    })

    const ends: readonly [string, (connection: Connection) => Promise<unknown>][] = [
      [
        "commitRefresh",
        (connection) => storage.connections.commitRefresh(fenceOf(connection), "o", refreshTo("n")),
      ],
      [
        "recordRefreshFailure",
        (connection) => storage.connections.recordRefreshFailure(fenceOf(connection), "o", trouble, null),
      ],
      ["markExpired", (connection) => storage.connections.markExpired(fenceOf(connection), "o", trouble)],
      ["releaseLease", async ({ workspaceId, id }) => storage.connections.releaseLease(workspaceId, id, "o")],
    ]

    it.each(ends)("is never answered with what stood before %s", async (_, write) => {
      const connection = await seed()
      await storage.connections.acquireLease(fenceOf(connection), "o", 60_000)
      const leased = await warm(storage, connection)
      await write(connection)
      const after = await storage.connections.findByAddress(connection)
      expect(after).toEqual(await storage.connections.findById(connection.workspaceId, connection.id))
      expect(after).not.toEqual(leased)
    })

    it("is not answered with rows that went with their app or connector", async () => {
      const other = await seedApp(storage)
      const connector = connectorOf(other)
      await storage.connectors.insert(connector)
      const [first, second] = [
        await seedConnection(storage, other, { slot: "one" }),
        await seedConnection(storage, other, { slot: "two", connectorId: connector.id }),
      ]
      for (const connection of [first, second]) {
        await storage.connections.disconnect(other.workspaceId, connection.id, NOW)
        await warm(storage, connection)
      }
      await storage.connectors.remove(other.workspaceId, connector.id)
      expect(await storage.connections.findByAddress(second)).toBeUndefined()
      await storage.apps.remove(other.workspaceId, other.id)
      expect(await storage.connections.findByAddress(first)).toBeUndefined()
    })

    it("keeps nothing of a transaction before it commits and nothing at all of one that is rolled back", async () => {
      const connection = await seed()
      await warm(storage, connection)
      const rolledBack = storage.transaction(async (stores) => {
        await stores.connections.disconnect(app.workspaceId, connection.id, NOW)
        expect(await stores.connections.findByAddress(connection)).toMatchObject({ status: "disconnected" })
        expect(stores.connections.findByAddressCached(connection)).toBeUndefined()
        expect(storage.connections.findByAddressCached(connection)).toBeUndefined()
        throw new Error("rolled back")
      })
      await expect(rolledBack).rejects.toThrow("rolled back")
      expect(await warm(storage, connection)).toEqual(connection)
    })

    it("shows a reader beside an open transaction the committed row, and the new one right after the commit", async () => {
      const connection = await seed()
      await warm(storage, connection)
      let mayCommit = (): void => {}
      const held = new Promise<void>((resolve) => (mayCommit = resolve))
      let wrote = (): void => {}
      const written = new Promise<void>((resolve) => (wrote = resolve))
      const transaction = storage.transaction(async (stores) => {
        await stores.connections.disconnect(app.workspaceId, connection.id, NOW)
        wrote()
        await held
      })
      await written
      expect(await storage.connections.findByAddress(connection)).toEqual(connection)
      expect(storage.connections.findByAddressCached(connection)).toBeUndefined()
      mayCommit()
      await transaction
      expect(await storage.connections.findByAddress(connection)).toMatchObject({ status: "disconnected" })
    })

    it("never goes back in time, whatever the order of reads and writes", async () => {
      const random = seededRandom(printedSeed("cache against writes"))
      const connection = await seed()
      let newest = connection.version
      const observe = (found: Connection | undefined): void => {
        if (found === undefined) return
        expect(found.version).toBeGreaterThanOrEqual(newest)
        newest = found.version
      }
      const write = async (): Promise<void> => {
        const fail = random() < 0.3
        const disconnect = storage.transaction(async (stores) => {
          await stores.connections.disconnect(app.workspaceId, connection.id, NOW)
          if (fail) throw new Error("rolled back")
        })
        await disconnect.catch((error: unknown) => expect(fail, String(error)).toBe(true))
      }
      const readers = async (): Promise<void> => {
        for (let reads = 0; reads < 20; reads += 1) {
          observe(storage.connections.findByAddressCached(connection))
          if (random() < 0.4) observe(await storage.connections.findByAddress(connection))
          else if (random() < 0.5) observe(await storage.connections.findById(app.workspaceId, connection.id))
          else await Promise.resolve()
        }
      }
      for (let round = 0; round < 300; round += 1) await Promise.all([write(), readers(), write(), readers()])
      expect(newest).toBeGreaterThan(100)
    })

    it("is empty once the storage is closed", async () => {
      const own = await open()
      const connection = await seedConnection(own.storage, await seedApp(own.storage))
      await warm(own.storage, connection)
      await own.close()
      expect(own.storage.connections.findByAddressCached(connection)).toBeUndefined()
      await expect(own.storage.connections.findByAddress(connection)).rejects.toMatchObject({
        name: "StorageUnavailable",
        outcome: "not_applied",
      })
      await expect(own.storage.meta.put("a", "b")).rejects.toMatchObject({ name: "StorageUnavailable" })
    })
  },
)
