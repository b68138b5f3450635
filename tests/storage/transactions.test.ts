import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { App } from "../../packages/server/src/storage/stores/apps.ts"
import {
  databases,
  fenceOf,
  NOW,
  type OpenDatabase,
  read,
  refreshTo,
  revocationFor,
  seedApp,
  seedConnection,
  uniqueId,
} from "./fixtures.ts"

class Rollback extends Error {}

describe.each(databases)("transactions on $name", ({ open }) => {
  let database: OpenDatabase
  let storage: Storage
  let app: App
  beforeAll(async () => {
    database = await open()
    storage = database.storage
    app = await seedApp(storage)
  })
  afterAll(() => database.close())

  it("apply all writes or none, and pass on the error that ended them", async () => {
    const connection = await seedConnection(storage, app, { slot: uniqueId("slot") })
    const revocation = revocationFor(app)
    const disconnect = (fail: boolean) =>
      storage.transaction(async (stores) => {
        await stores.revocations.insert(revocation)
        await stores.connections.disconnect(app.workspaceId, connection.id, NOW)
        if (fail) throw new Rollback()
        return "done"
      })
    await expect(disconnect(true)).rejects.toBeInstanceOf(Rollback)
    expect(await storage.connections.findByAddress(connection)).toEqual(connection)
    expect(await storage.revocations.find(app.workspaceId, revocation.id)).toBeUndefined()
    expect(await disconnect(false)).toBe("done")
    expect(await storage.connections.findByAddress(connection)).toMatchObject({ status: "disconnected" })
    expect(await storage.revocations.find(app.workspaceId, revocation.id)).toBeDefined()
  })

  it("read their own writes, which nobody else sees before the commit", async () => {
    const connection = await seedConnection(storage, app, { slot: uniqueId("slot") })
    let wrote = (): void => {}
    let mayCommit = (): void => {}
    const written = new Promise<void>((resolve) => (wrote = resolve))
    const checked = new Promise<void>((resolve) => (mayCommit = resolve))
    const transaction = storage.transaction(async (stores) => {
      await stores.connections.disconnect(app.workspaceId, connection.id, NOW)
      expect(await stores.connections.findByAddress(connection)).toMatchObject({ status: "disconnected" })
      wrote()
      await checked
    })
    await written
    expect(await storage.connections.findByAddress(connection)).toMatchObject({ status: "active" })
    mayCommit()
    await transaction
    expect(await storage.connections.findByAddress(connection)).toMatchObject({ status: "disconnected" })
  })

  it("refuse the stores outside at once instead of waiting for themselves", async () => {
    const outside = storage.transaction(() => storage.meta.get("key"))
    await expect(outside).rejects.toThrow("use the stores that it hands out")
    const nested = storage.transaction(() => storage.transaction(async () => undefined))
    await expect(nested).rejects.toThrow("use the stores that it hands out")
    const address = { ...app, appId: app.id, ownerKind: "app", ownerId: "", slot: "s" } as const
    const hot = storage.transaction(() => storage.connections.findByAddress(address))
    await expect(hot).rejects.toThrow("use the stores that it hands out")
    await storage.ping()
  })

  it("leave alone what they started and what goes on after their end", async () => {
    let later: Promise<unknown> = Promise.resolve()
    await storage.transaction(async () => {
      later = new Promise((resolve) => setTimeout(resolve, 20)).then(() => storage.meta.get("key"))
    })
    expect(await later).toBeUndefined()
  })

  it("run side by side without losing a write", async () => {
    const key = uniqueId("counter")
    await storage.meta.put(key, "0")
    const connection = await seedConnection(storage, app, { slot: uniqueId("slot") })
    const increment = async (): Promise<boolean> =>
      storage.transaction(async (stores) => {
        const current = await stores.connections.findById(app.workspaceId, connection.id)
        if (current === undefined) return false
        const fence = fenceOf(current)
        if (!(await stores.connections.acquireLease(fence, key, 60_000))) return false
        return stores.connections.commitRefresh(fence, key, refreshTo("next"))
      })
    const results = await Promise.all(Array.from({ length: 40 }, increment))
    const wins = results.filter(Boolean).length
    expect(wins).toBeGreaterThan(0)
    expect((await read(storage, connection)).version).toBe(1 + wins)
  })
})
