import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { AlreadyExists } from "../../packages/server/src/storage/storage-errors.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import { bytes, databases, NOW, type OpenDatabase, seedApp, uniqueId } from "./fixtures.ts"

describe.each(databases)("accounts, apps and keys on $name", ({ open }) => {
  let database: OpenDatabase
  let storage: Storage
  beforeAll(async () => {
    database = await open()
    storage = database.storage
  })
  afterAll(() => database.close())

  it("keeps a value under a key that is written only once", async () => {
    const key = uniqueId("meta")
    expect(await storage.meta.get(key)).toBeUndefined()
    expect(await storage.meta.putIfAbsent(key, "first")).toBe("first")
    expect(await storage.meta.putIfAbsent(key, "second")).toBe("first")
    await storage.meta.put(key, "third")
    expect(await storage.meta.get(key)).toBe("third")
    expect(await storage.meta.delete(key)).toBe(true)
    expect(await storage.meta.delete(key)).toBe(false)
  })

  it("gives every one of fifty concurrent callers the same value of putIfAbsent", async () => {
    const key = uniqueId("meta")
    const calls = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? storage : database.replica).meta.putIfAbsent(key, String(index)),
    )
    expect(new Set(await Promise.all(calls)).size).toBe(1)
  })

  it("lists a member's own workspace before older ones, with the role in each", async () => {
    const memberId = uniqueId("mem")
    const [shared, personal] = [uniqueId("ws"), uniqueId("ws")]
    await storage.accounts.insertMember({
      id: memberId,
      email: `${memberId}@x.org`,
      name: "M",
      createdAt: NOW,
    })
    const workspace = { name: "W", plan: "free", createdAt: NOW }
    await storage.accounts.insertWorkspace({ ...workspace, id: shared, personalOf: null })
    await storage.accounts.insertWorkspace({
      ...workspace,
      id: personal,
      personalOf: memberId,
      createdAt: NOW + 9,
    })
    await storage.accounts.insertMembership({ workspaceId: shared, memberId, role: "viewer" })
    await storage.accounts.insertMembership({ workspaceId: personal, memberId, role: "owner" })
    expect(await storage.accounts.listWorkspaces(memberId)).toEqual([
      { ...workspace, id: personal, personalOf: memberId, createdAt: NOW + 9, role: "owner" },
      { ...workspace, id: shared, personalOf: null, role: "viewer" },
    ])
    expect(await storage.accounts.findWorkspace(shared)).toMatchObject({ id: shared, personalOf: null })
    expect(await storage.accounts.listWorkspaces("nobody")).toEqual([])
  })

  it("finds a member by address in any case and refuses a second one", async () => {
    const member = {
      id: uniqueId("mem"),
      email: `${uniqueId("Ada")}@Example.com`,
      name: "Ada",
      createdAt: NOW,
    }
    await storage.accounts.insertMember(member)
    expect(await storage.accounts.findMemberByEmail(member.email.toUpperCase())).toEqual(member)
    expect(await storage.accounts.findMember(member.id)).toEqual(member)
    const twin = { ...member, id: uniqueId("mem"), email: member.email.toLowerCase() }
    await expect(storage.accounts.insertMember(twin)).rejects.toBeInstanceOf(AlreadyExists)
  })

  it("keeps one membership and one personal workspace for each member", async () => {
    const app = await seedApp(storage)
    const membership = { workspaceId: app.workspaceId, memberId: app.createdBy, role: "viewer" } as const
    await expect(storage.accounts.insertMembership(membership)).rejects.toBeInstanceOf(AlreadyExists)
    expect(await storage.accounts.findMembership(app.workspaceId, app.createdBy)).toMatchObject({
      role: "owner",
    })
    expect(await storage.accounts.findMembership("ws_other", app.createdBy)).toBeUndefined()
    const personal = { name: "P", plan: "free", personalOf: app.createdBy, createdAt: NOW }
    await storage.accounts.insertWorkspace({ ...personal, id: uniqueId("ws") })
    await expect(
      storage.accounts.insertWorkspace({ ...personal, id: uniqueId("ws") }),
    ).rejects.toBeInstanceOf(AlreadyExists)
  })

  it("shows, renames and removes an app to its own workspace only", async () => {
    const app = await seedApp(storage)
    const { workspaceId: foreign } = await seedApp(storage)
    expect(await storage.apps.find(app.workspaceId, app.id)).toEqual(app)
    expect(await storage.apps.find(foreign, app.id)).toBeUndefined()
    expect(await storage.apps.findIn([foreign, app.workspaceId], app.id)).toEqual(app)
    expect(await storage.apps.findIn([foreign], app.id)).toBeUndefined()
    expect(await storage.apps.findIn([], app.id)).toBeUndefined()
    expect(await storage.apps.update(foreign, app.id, { name: "Stolen" })).toBe(false)
    expect(await storage.apps.remove(foreign, app.id)).toBe(false)
    expect(await storage.apps.update(app.workspaceId, app.id, { name: "Store" })).toBe(true)
    expect(await storage.apps.list([app.workspaceId])).toEqual([{ ...app, name: "Store" }])
    expect(await storage.apps.list([])).toEqual([])
    expect(await storage.apps.remove(app.workspaceId, app.id)).toBe(true)
    expect(await storage.apps.remove(app.workspaceId, app.id)).toBe(false)
  })

  it("does not let an app be created in a workspace that does not exist", async () => {
    const app = await seedApp(storage)
    await expect(
      storage.apps.insert({ ...app, id: uniqueId("app"), workspaceId: "ws_none" }),
    ).rejects.toThrow()
  })

  it("finds an API key by its hash with the member's role, in its workspace only", async () => {
    const app = await seedApp(storage)
    const key = {
      id: uniqueId("key"),
      workspaceId: app.workspaceId,
      memberId: app.createdBy,
      name: "CI",
      prefix: "b44k_ab",
      createdAt: NOW,
      lastUsedAt: null,
    }
    const hash = bytes(key.id)
    await storage.keys.insertApiKey(key, hash)
    await expect(storage.keys.insertApiKey({ ...key, id: uniqueId("key") }, hash)).rejects.toBeInstanceOf(
      AlreadyExists,
    )
    expect(await storage.keys.findApiKeyByHash(hash)).toEqual({ ...key, role: "owner" })
    expect(await storage.keys.findApiKeyByHash(bytes("other"))).toBeUndefined()
    expect(await storage.keys.listApiKeys(app.workspaceId)).toEqual([key])
    expect(await storage.keys.deleteApiKey("ws_other", key.id)).toBe(false)
    expect(await storage.keys.deleteApiKey(app.workspaceId, key.id)).toBe(true)
    expect(await storage.keys.findApiKeyByHash(hash)).toBeUndefined()
  })

  it("does not accept the API key of somebody who is no member", async () => {
    const app = await seedApp(storage)
    const { createdBy: stranger } = await seedApp(storage)
    const hash = bytes(uniqueId("hash"))
    const key = { id: uniqueId("key"), name: "K", prefix: "p", createdAt: NOW, lastUsedAt: null }
    await storage.keys.insertApiKey({ ...key, workspaceId: app.workspaceId, memberId: stranger }, hash)
    expect(await storage.keys.findApiKeyByHash(hash)).toBeUndefined()
  })

  it("finds a service key by its hash, and deletes it with its app", async () => {
    const app = await seedApp(storage)
    const key = {
      id: uniqueId("gsk"),
      workspaceId: app.workspaceId,
      appId: app.id,
      name: "backend",
      prefix: "gsk_ab",
      createdAt: NOW,
      lastUsedAt: null,
    }
    const hash = bytes(key.id)
    await storage.keys.insertServiceKey(key, hash)
    expect(await storage.keys.findServiceKeyByHash(hash)).toEqual(key)
    expect(await storage.keys.listServiceKeys(app.workspaceId, app.id)).toEqual([key])
    expect(await storage.keys.listServiceKeys("ws_other", app.id)).toEqual([])
    expect(await storage.keys.deleteServiceKey(app.workspaceId, "app_other", key.id)).toBe(false)
    await storage.apps.remove(app.workspaceId, app.id)
    expect(await storage.keys.findServiceKeyByHash(hash)).toBeUndefined()
  })

  it("finds each of many service keys that are looked up at one moment", async () => {
    const app = await seedApp(storage)
    const common = { workspaceId: app.workspaceId, appId: app.id, name: "backend", prefix: "gsk_ab" }
    const ids = Array.from({ length: 120 }, () => uniqueId("gsk"))
    for (const id of ids) {
      const key = { ...common, id, createdAt: NOW, lastUsedAt: null }
      await storage.keys.insertServiceKey(key, bytes(id))
    }
    const wanted = ids.flatMap((id) => [id, `no-${id}`])
    const found = await Promise.all(wanted.map((id) => storage.keys.findServiceKeyByHash(bytes(id))))
    expect(found.map((key) => key?.id)).toEqual(ids.flatMap((id) => [id, undefined]))
  })

  it("refuses a service key for another workspace's app", async () => {
    const app = await seedApp(storage)
    const { workspaceId } = await seedApp(storage)
    const key = { id: uniqueId("gsk"), name: "x", prefix: "p", createdAt: NOW, lastUsedAt: null }
    const insert = storage.keys.insertServiceKey({ ...key, workspaceId, appId: app.id }, bytes(key.id))
    await expect(insert).rejects.toThrow()
  })

  it("notes the latest use of each key of either kind in one batch", async () => {
    const app = await seedApp(storage)
    const common = { workspaceId: app.workspaceId, name: "x", prefix: "p", createdAt: NOW, lastUsedAt: null }
    const api = { ...common, id: uniqueId("key"), memberId: app.createdBy }
    const service = { ...common, id: uniqueId("gsk"), appId: app.id }
    await storage.keys.insertApiKey(api, bytes(api.id))
    await storage.keys.insertServiceKey(service, bytes(service.id))
    const many = Array.from({ length: 1_200 }, (_, index) => ({ id: `none_${index}`, at: NOW }))
    const uses = [
      { id: api.id, at: NOW + 2 },
      { id: api.id, at: NOW + 1 },
      { id: service.id, at: NOW + 3 },
    ]
    await storage.keys.touch([...many, ...uses])
    await storage.keys.touch([])
    expect(await storage.keys.listApiKeys(app.workspaceId)).toMatchObject([{ lastUsedAt: NOW + 2 }])
    expect(await storage.keys.listServiceKeys(app.workspaceId, app.id)).toMatchObject([
      { lastUsedAt: NOW + 3 },
    ])
  })

  it("keeps data keys apart by workspace and re-wraps one only once", async () => {
    const { workspaceId } = await seedApp(storage)
    const wrapping = { masterKeyId: "m1", wrapped: bytes("one") }
    const old = { id: uniqueId("dk"), workspaceId, epoch: 1, ...wrapping, createdAt: NOW }
    const current = { ...old, id: uniqueId("dk"), epoch: 2, wrapped: bytes("two"), createdAt: NOW }
    expect(await storage.dataKeys.insert(old, 0)).toBe(true)
    expect(await storage.dataKeys.insert(current, 0)).toBe(true)
    expect(await storage.dataKeys.insert({ ...current, id: uniqueId("dk") }, 0)).toBe(false)
    expect(await storage.dataKeys.findCurrent(workspaceId)).toMatchObject({ id: current.id })
    expect(await storage.dataKeys.find(workspaceId, old.id)).toMatchObject({ masterKeyId: "m1" })
    expect(await storage.dataKeys.find("ws_other", old.id)).toBeUndefined()
    const next = { masterKeyId: "m2", wrapped: bytes("three") }
    expect(await storage.dataKeys.rewrap(old, next)).toBe(true)
    expect(await storage.dataKeys.rewrap(old, next)).toBe(false)
    expect(await storage.dataKeys.countWrappedByOthers("m2")).toBe(1)
    const left = await storage.dataKeys.listWrappedByOthers("m2", 1_000)
    expect(left.map((key) => key.id)).toEqual([current.id])
  })
})
