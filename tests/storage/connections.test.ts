import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { StillInUse } from "../../packages/server/src/storage/storage-errors.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { Connection, ConnectionQuery } from "../../packages/server/src/storage/stores/connections.ts"
import {
  bytes,
  connectorOf,
  databases,
  fenceOf,
  grantFor,
  NOW,
  type OpenDatabase,
  read,
  refreshTo,
  seedApp,
  seedConnection,
  text,
  trouble,
} from "./fixtures.ts"

describe.each(databases)("connections on $name", ({ open }) => {
  let database: OpenDatabase
  let storage: Storage
  beforeAll(async () => {
    database = await open()
    storage = database.storage
  })
  afterAll(() => database.close())

  async function leased(overrides = {}): Promise<Connection> {
    const connection = await seedConnection(storage, await seedApp(storage), overrides)
    expect(await storage.connections.acquireLease(fenceOf(connection), "owner-1", 60_000)).toBe(true)
    return connection
  }

  it("returns a grant as it was saved, by address and by id", async () => {
    const app = await seedApp(storage)
    const grant = grantFor(app)
    expect(await storage.connections.findByAddress(grant)).toBeUndefined()
    expect(await storage.connections.saveGrant(grant)).toBe(true)
    // When a refresh ahead of time takes it is the storage's own business.
    const { now, refreshAheadAt: _, sealedAccessToken, sealedRefreshToken, ...rest } = grant
    const expected = {
      ...rest,
      status: "active",
      version: 1,
      leaseOwner: null,
      leaseUntil: null,
      failures: 0,
      retryAt: null,
      lastRefreshError: null,
      lastRefreshedAt: null,
      statusChangedAt: now,
      createdAt: now,
      updatedAt: now,
      sealedAccessToken: Buffer.from(sealedAccessToken),
      sealedRefreshToken: Buffer.from(bytes("refresh-1")),
    }
    expect(text(sealedRefreshToken)).toBe("refresh-1")
    expect(await storage.connections.findByAddress(grant)).toEqual(expected)
    expect(await storage.connections.findByAddress(grant)).toEqual(expected)
    expect(await storage.connections.findById(app.workspaceId, grant.id)).toEqual(expected)
  })

  it("hands out frozen connections", async () => {
    const connection = await seedConnection(storage, await seedApp(storage))
    for (const found of [connection, await storage.connections.findByAddress(connection)]) {
      expect(Object.isFrozen(found)).toBe(true)
      expect(Object.isFrozen(found?.config)).toBe(true)
      expect(Object.isFrozen(found?.requestedScopes)).toBe(true)
    }
  })

  it("finds a connection at its exact address only", async () => {
    const app = await seedApp(storage)
    const connection = await seedConnection(storage, app, { ownerKind: "app_user", ownerId: "u1" })
    const other = await seedApp(storage)
    const misses = [
      { workspaceId: other.workspaceId },
      { appId: other.id },
      { ownerKind: "app" as const },
      { ownerId: "u2" },
      { ownerId: "" },
      { slot: "type:gmail" },
    ]
    for (const miss of misses) {
      expect(await storage.connections.findByAddress({ ...connection, ...miss })).toBeUndefined()
    }
    expect(await storage.connections.findByAddress(connection)).toMatchObject({ id: connection.id })
  })

  it("answers each of many reads of one moment with its own row, whatever an address holds", async () => {
    const app = await seedApp(storage)
    const odd = ["a,b", "{a}", 'say "a"', "back\\slash", "NULL", " ", "a\nb", "ünï😀", "'; --"]
    const plain = Array.from({ length: 150 }, (_, index) => `user-${index}`)
    const seeded: Connection[] = []
    for (const ownerId of [...odd, ...plain]) {
      seeded.push(await seedConnection(storage, app, { ownerKind: "app_user", ownerId }))
    }
    const missing = seeded.map((connection) => ({ ...connection, slot: "type:none" }) as const)
    const find = (address: Connection) => storage.connections.findByAddress(address)
    const [found, again, none] = await Promise.all(
      [seeded, seeded.toReversed(), missing].map((all) => Promise.all(all.map(find))),
    )
    expect(found).toEqual(seeded)
    expect(again?.toReversed()).toEqual(seeded)
    expect(none?.every((one) => one === undefined)).toBe(true)
  })

  it("treats another workspace's connection as one that does not exist", async () => {
    const connection = await leased()
    const foreign = { ...fenceOf(connection), workspaceId: (await seedApp(storage)).workspaceId }
    const { connections } = storage
    const before = await read(storage, connection)
    expect(await connections.findById(foreign.workspaceId, connection.id)).toBeUndefined()
    expect(await connections.listByApp(foreign.workspaceId, connection.appId, "app")).toEqual([])
    expect(await connections.acquireLease(foreign, "thief", 1)).toBe(false)
    await connections.releaseLease(foreign.workspaceId, connection.id, "owner-1")
    expect(await connections.commitRefresh(foreign, "owner-1", refreshTo("stolen"))).toBe(false)
    expect(await connections.recordRefreshFailure(foreign, "owner-1", trouble, null)).toBe(false)
    expect(await connections.markExpired(foreign, "owner-1", trouble)).toBe(false)
    expect(await connections.disconnect(foreign.workspaceId, connection.id, NOW)).toBe(false)
    expect(await connections.remove(foreign.workspaceId, connection.id)).toBe(false)
    expect(await read(storage, connection)).toEqual(before)
  })

  it("lists by app and kind of owner, oldest first, and by connector", async () => {
    const app = await seedApp(storage)
    const connector = connectorOf(app)
    await storage.connectors.insert(connector)
    const slot = `connector:${connector.id}`
    const user = { ownerKind: "app_user", slot, connectorId: connector.id } as const
    const younger = await seedConnection(storage, app, { ...user, ownerId: "u1", now: NOW + 5 })
    const older = await seedConnection(storage, app, { ...user, ownerId: "u2" })
    const shared = await seedConnection(storage, app)
    const { connections } = storage
    const ids = (found: readonly Connection[]) => found.map(({ id }) => id)
    expect(ids(await connections.listByApp(app.workspaceId, app.id, "app"))).toEqual([shared.id])
    expect(ids(await connections.listByApp(app.workspaceId, app.id, "app_user"))).toEqual([
      older.id,
      younger.id,
    ])
    const all = await connections.listByConnector(app.workspaceId, connector.id, { limit: 10 })
    expect(ids(all)).toEqual([older.id, younger.id].sort())
    expect(await connections.listByConnector("ws_other", connector.id, { limit: 10 })).toEqual([])
  })

  it("pages through an app's connections and a connector's, each once and none of another's", async () => {
    const [app, other] = [await seedApp(storage), await seedApp(storage)]
    const connector = connectorOf(app)
    await storage.connectors.insert(connector)
    const slot = `connector:${connector.id}`
    const user = { ownerKind: "app_user", slot, connectorId: connector.id } as const
    const seeded = [(await seedConnection(storage, app)).id]
    for (const ownerId of ["u3", "u1", "ü", "u2", "u1/x"])
      seeded.push((await seedConnection(storage, app, { ...user, ownerId })).id)
    await seedConnection(storage, other)
    const { connections } = storage
    const pages = async (query: Partial<ConnectionQuery>): Promise<string[]> => {
      const found: string[] = []
      for (let after: ConnectionQuery["after"]; ;) {
        const asked = { workspaceId: app.workspaceId, appId: app.id, limit: 2, ...query }
        const page = await connections.listPage(after ? { ...asked, after } : asked)
        found.push(...page.map(({ id }) => id))
        after = page.at(-1)
        if (page.length < 2) return found
      }
    }
    expect((await pages({})).sort()).toEqual([...seeded].sort())
    expect(await pages({ ownerKind: "app" })).toEqual(seeded.slice(0, 1))
    expect((await pages({ connectorId: connector.id })).sort()).toEqual(seeded.slice(1).sort())
    expect(await pages({ ownerId: "u1" })).toEqual([seeded[2]])
    expect(await pages({ statuses: ["disconnected"] })).toEqual([])
    expect(await pages({ workspaceId: other.workspaceId })).toEqual([])
    const first = await connections.listByConnector(app.workspaceId, connector.id, { limit: 3 })
    const rest = await connections.listByConnector(app.workspaceId, connector.id, {
      limit: 3,
      after: first[2]?.id ?? "",
    })
    expect([...first, ...rest].map(({ id }) => id)).toEqual(seeded.slice(1).sort())
  })

  it("replaces a grant exactly at the generation before it", async () => {
    const connection = await leased()
    await storage.connections.recordRefreshFailure(fenceOf(connection), "owner-1", trouble, NOW + 99)
    const next = {
      ...grantFor({ ...connection, id: connection.appId, name: "", createdBy: "mem_9" }),
      id: connection.id,
    }
    const grant = {
      ...next,
      sealedAccessToken: bytes("access-2"),
      sealedRefreshToken: null,
      grantedScopes: null,
    }
    expect(await storage.connections.saveGrant({ ...grant, generation: 3 })).toBe(false)
    expect(await storage.connections.saveGrant({ ...grant, generation: 1 })).toBe(false)
    expect(await storage.connections.saveGrant({ ...grant, generation: 2, now: NOW + 50 })).toBe(true)
    expect(await storage.connections.saveGrant({ ...grant, generation: 2 })).toBe(false)
    const saved = await read(storage, connection)
    expect(saved).toMatchObject({
      generation: 2,
      version: 3,
      status: "active",
      failures: 0,
      retryAt: null,
      lastRefreshError: null,
      grantedScopes: null,
      sealedRefreshToken: null,
      connectedBy: "mem_9",
      createdAt: NOW,
      updatedAt: NOW + 50,
    })
    expect(text(saved.sealedAccessToken)).toBe("access-2")
  })

  it("does not save a grant in a taken place, under a taken id, or at another address", async () => {
    const app = await seedApp(storage)
    const connection = await seedConnection(storage, app)
    const { connections } = storage
    expect(await connections.saveGrant(grantFor(app))).toBe(false)
    expect(await connections.saveGrant(grantFor(app, { id: connection.id, slot: "type:gmail" }))).toBe(false)
    const moved = grantFor(app, { id: connection.id, generation: 2 })
    expect(await connections.saveGrant({ ...moved, ownerKind: "app_user", ownerId: "u1" })).toBe(false)
    expect(await connections.saveGrant({ ...moved, slot: "type:gmail" })).toBe(false)
    expect(await read(storage, connection)).toEqual(connection)
  })

  it("does not save a grant for an app or connector that is gone, also inside a transaction, which goes on", async () => {
    const app = await seedApp(storage)
    const orphan = grantFor({ ...app, id: "app_gone" })
    const clientless = grantFor(app, { connectorId: "con_gone" })
    expect(await storage.connections.saveGrant(orphan)).toBe(false)
    await storage.transaction(async (stores) => {
      expect(await stores.connections.saveGrant(orphan)).toBe(false)
      expect(await stores.connections.saveGrant(clientless)).toBe(false)
      expect(await stores.connections.saveGrant(grantFor(app))).toBe(true)
      expect(await stores.connections.saveGrant(grantFor(app))).toBe(false)
    })
    expect(await storage.connections.listByApp(app.workspaceId, app.id, "app")).toHaveLength(1)
  })

  it("takes a lease without moving the version, and not while another one lives", async () => {
    const connection = await leased()
    expect(await storage.connections.acquireLease(fenceOf(connection), "owner-2", 60_000)).toBe(false)
    const held = await read(storage, connection)
    expect(held).toMatchObject({ version: 1, leaseOwner: "owner-1" })
    // The lease ends by the database's clock, which in these tests is this machine's.
    expect(Math.abs((held.leaseUntil ?? 0) - Date.now() - 60_000)).toBeLessThan(10_000)
    await storage.connections.releaseLease(connection.workspaceId, connection.id, "owner-2")
    expect(await read(storage, connection)).toMatchObject({ leaseOwner: "owner-1" })
    await storage.connections.releaseLease(connection.workspaceId, connection.id, "owner-1")
    expect(await storage.connections.acquireLease(fenceOf(connection), "owner-2", 60_000)).toBe(true)
  })

  it("hands a lease on when it has run out, and refuses its late owner", async () => {
    const connection = await seedConnection(storage, await seedApp(storage))
    const fence = fenceOf(connection)
    expect(await storage.connections.acquireLease(fence, "slow", 1)).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(await storage.connections.acquireLease(fence, "next", 60_000)).toBe(true)
    expect(await storage.connections.commitRefresh(fence, "slow", refreshTo("late"))).toBe(false)
    expect(await storage.connections.commitRefresh(fence, "next", refreshTo("good"))).toBe(true)
  })

  it("refuses a lease on another generation, another version and an inactive connection", async () => {
    const connection = await leased()
    const fence = fenceOf(connection)
    await storage.connections.releaseLease(connection.workspaceId, connection.id, "owner-1")
    const { connections } = storage
    expect(await connections.acquireLease({ ...fence, generation: 2 }, "o", 9)).toBe(false)
    expect(await connections.acquireLease({ ...fence, version: 2 }, "o", 9)).toBe(false)
    expect(await connections.acquireLease(fence, "o", 60_000)).toBe(true)
    expect(await connections.markExpired(fence, "o", trouble)).toBe(true)
    expect(await connections.acquireLease({ ...fence, version: 2 }, "o", 9)).toBe(false)
  })

  it("commits a refresh for the lease's owner only, once, and ends the lease", async () => {
    const connection = await leased()
    const fence = fenceOf(connection)
    const { connections } = storage
    const write = refreshTo("access-2", { sealedRefreshToken: bytes("refresh-2"), grantedScopes: ["z"] })
    expect(await connections.commitRefresh(fence, "owner-2", write)).toBe(false)
    expect(await connections.commitRefresh({ ...fence, version: 2 }, "owner-1", write)).toBe(false)
    expect(await connections.commitRefresh({ ...fence, generation: 2 }, "owner-1", write)).toBe(false)
    expect(await connections.commitRefresh(fence, "owner-1", write)).toBe(true)
    expect(await connections.commitRefresh(fence, "owner-1", write)).toBe(false)
    const after = await connections.findByAddress(connection)
    expect(after).toMatchObject({
      version: 2,
      generation: 1,
      leaseOwner: null,
      leaseUntil: null,
      grantedScopes: ["z"],
      lastRefreshedAt: NOW + 10,
      expiresAt: write.expiresAt,
      refreshDueAt: write.refreshDueAt,
    })
    expect(text(after?.sealedAccessToken ?? null)).toBe("access-2")
    expect(text(after?.sealedRefreshToken ?? null)).toBe("refresh-2")
  })

  it("keeps the refresh token and the scopes when a refresh names none", async () => {
    const connection = await leased()
    expect(
      await storage.connections.commitRefresh(fenceOf(connection), "owner-1", refreshTo("access-2")),
    ).toBe(true)
    const after = await read(storage, connection)
    expect(text(after.sealedRefreshToken)).toBe("refresh-1")
    expect(after.grantedScopes).toEqual(["a"])
  })

  it("records trouble on a connection that stays active, and a good refresh clears it", async () => {
    const connection = await leased()
    const fence = fenceOf(connection)
    const { connections } = storage
    expect(await connections.recordRefreshFailure(fence, "owner-2", trouble, null)).toBe(false)
    expect(await connections.recordRefreshFailure(fence, "owner-1", trouble, NOW + 60)).toBe(true)
    const failed = await read(storage, connection)
    expect(failed).toMatchObject({
      status: "active",
      failures: 1,
      retryAt: NOW + 60,
      lastRefreshError: trouble,
      version: 2,
      leaseOwner: null,
      leaseUntil: null,
    })
    expect(text(failed.sealedRefreshToken)).toBe("refresh-1")
    expect(await connections.acquireLease(fenceOf(failed), "owner-3", 60_000)).toBe(true)
    expect(await connections.commitRefresh(fenceOf(failed), "owner-3", refreshTo("access-2"))).toBe(true)
    expect(await read(storage, connection)).toMatchObject({
      failures: 0,
      retryAt: null,
      lastRefreshError: null,
    })
  })

  it("marks a dead grant as expired, destroys its refresh token and accepts no late refresh", async () => {
    const connection = await leased()
    const fence = fenceOf(connection)
    const { connections } = storage
    expect(await connections.markExpired(fence, "owner-2", trouble)).toBe(false)
    expect(await connections.markExpired(fence, "owner-1", trouble)).toBe(true)
    expect(await connections.commitRefresh({ ...fence, version: 2 }, "owner-1", refreshTo("late"))).toBe(
      false,
    )
    expect(await connections.recordRefreshFailure({ ...fence, version: 2 }, "owner-1", trouble, null)).toBe(
      false,
    )
    expect(await read(storage, connection)).toMatchObject({
      status: "expired",
      statusChangedAt: trouble.at,
      sealedRefreshToken: null,
      refreshDueAt: null,
      lastRefreshError: trouble,
      version: 2,
      generation: 1,
    })
  })

  it("disconnects: tokens gone, account kept, generation moved, a refresh in flight refused", async () => {
    const connection = await leased()
    const fence = fenceOf(connection)
    expect(await storage.connections.disconnect(connection.workspaceId, connection.id, NOW + 5)).toBe(true)
    expect(await storage.connections.commitRefresh(fence, "owner-1", refreshTo("late"))).toBe(false)
    expect(await storage.connections.findByAddress(connection)).toMatchObject({
      status: "disconnected",
      statusChangedAt: NOW + 5,
      generation: 2,
      version: 2,
      sealedAccessToken: null,
      sealedRefreshToken: null,
      expiresAt: null,
      refreshDueAt: null,
      leaseOwner: null,
      accountId: "U1",
      accountLabel: "mo@example.com",
    })
    expect(await storage.connections.disconnect(connection.workspaceId, connection.id, NOW + 9)).toBe(true)
    expect(await read(storage, connection)).toMatchObject({ generation: 3, statusChangedAt: NOW + 5 })
    expect(await storage.connections.disconnect(connection.workspaceId, "cn_none", NOW)).toBe(false)
  })

  it("removes a connection once, and a late grant does not bring it back", async () => {
    const app = await seedApp(storage)
    const connection = await seedConnection(storage, app)
    expect(await storage.connections.remove(app.workspaceId, connection.id)).toBe(true)
    expect(await storage.connections.remove(app.workspaceId, connection.id)).toBe(false)
    expect(await storage.connections.findByAddress(connection)).toBeUndefined()
    expect(await storage.connections.saveGrant(grantFor(app, { id: connection.id, generation: 2 }))).toBe(
      false,
    )
  })

  it("does not remove an app under a live connection", async () => {
    const app = await seedApp(storage)
    const connection = await seedConnection(storage, app)
    await expect(storage.apps.remove(app.workspaceId, app.id)).rejects.toBeInstanceOf(StillInUse)
    expect(await storage.connections.findByAddress(connection)).toMatchObject({ id: connection.id })
    await storage.connections.disconnect(app.workspaceId, connection.id, NOW)
    expect(await storage.apps.remove(app.workspaceId, app.id)).toBe(true)
    expect(await storage.connections.findByAddress(connection)).toBeUndefined()
  })

  it("counts the other active connections on one account at one OAuth client", async () => {
    const app = await seedApp(storage)
    const [one, twin, foreign] = ["c1", "c1", "c2"].map((clientId) => connectorOf(app, { clientId }))
    for (const connector of [one, twin, foreign]) if (connector) await storage.connectors.insert(connector)
    const at = (connectorId: string | undefined, ownerId: string, accountId: string | null = "A") =>
      seedConnection(storage, app, {
        ownerKind: "app_user",
        ownerId,
        slot: `connector:${connectorId}`,
        connectorId: connectorId ?? null,
        credentialSource: "byo",
        accountId,
      })
    const mine = await at(one?.id, "u1")
    expect(await storage.connections.countSharingGrant(mine)).toBe(0)
    const sameConnector = await at(one?.id, "u2")
    await at(twin?.id, "u3")
    await at(foreign?.id, "u4")
    await at(one?.id, "u5", "B")
    expect(await storage.connections.countSharingGrant(mine)).toBe(2)
    await storage.connections.disconnect(app.workspaceId, sameConnector.id, NOW)
    expect(await storage.connections.countSharingGrant(mine)).toBe(1)
    expect(await storage.connections.countSharingGrant({ ...mine, accountId: null })).toBe(0)
  })

  it("counts the operator's client in all workspaces and for all types that it serves", async () => {
    const [here, there] = [await seedApp(storage), await seedApp(storage)]
    const account = { credentialSource: "operator", accountId: `google-${here.id}` } as const
    const mine = await seedConnection(storage, here, { ...account, type: "gmail", slot: "type:gmail" })
    await seedConnection(storage, there, { ...account, type: "gmail", slot: "type:gmail" })
    await seedConnection(storage, there, { ...account, type: "googledrive", slot: "type:googledrive" })
    await seedConnection(storage, there, {
      ...account,
      credentialSource: "sandbox",
      type: "gmail",
      slot: "x",
    })
    expect(await storage.connections.countSharingGrant(mine)).toBe(1)
    expect(await storage.connections.countSharingGrant(mine, ["gmail", "googledrive"])).toBe(2)
    expect(await storage.connections.countSharingGrant(mine, [])).toBe(0)
  })
})
