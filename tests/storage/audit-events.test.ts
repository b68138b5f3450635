import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { StoredAuditEvent } from "../../packages/server/src/storage/stores/audit-events.ts"
import { auditEvent, type AuditLog, newMasterKeys, openAuditLog } from "./audit-log.ts"
import { databases, NOW, type OpenDatabase, seedApp } from "./fixtures.ts"

describe.each(databases)("audit events on $name", ({ open }) => {
  let database: OpenDatabase
  let storage: Storage
  let log: AuditLog
  beforeAll(async () => {
    database = await open()
    storage = database.storage
    log = openAuditLog(storage, newMasterKeys())
  })
  afterAll(() => database.close())

  const newWorkspace = async () => (await seedApp(storage)).workspaceId
  const idsOf = (events: readonly { readonly id: string }[]) => events.map(({ id }) => id)

  it("lists a workspace's events, newest first, by every filter", async () => {
    const workspaceId = await newWorkspace()
    const read = auditEvent(workspaceId, {
      appId: "app_1",
      actor: "service:gsk_1",
      count: 7,
      until: NOW + 5,
      outcome: "NOT_FOUND",
    })
    const connect = auditEvent(workspaceId, {
      at: NOW + 10,
      action: "connection.connect",
      target: "cn_1",
      address: "::1",
      requestId: "r",
    })
    const foreign = auditEvent(await newWorkspace(), { at: NOW + 20 })
    await log.append([read, connect, foreign])
    await log.append([])
    const list = (query = {}) => storage.audit.list(workspaceId, { limit: 10, ...query })
    expect(await list()).toMatchObject([connect, read])
    expect((await list()).map(({ link }) => link?.sequence)).toEqual([2, 1])
    expect(idsOf(await list({ order: "oldest" }))).toEqual(idsOf([read, connect]))
    expect(await list({ limit: 1 })).toMatchObject([connect])
    expect(await list({ action: "token.read" })).toMatchObject([read])
    expect(await list({ actor: "service:gsk_1" })).toMatchObject([read])
    expect(await list({ appId: "app_1" })).toMatchObject([read])
    expect(await list({ target: "cn_1" })).toMatchObject([connect])
    expect(await list({ outcome: "NOT_FOUND" })).toMatchObject([read])
    expect(await list({ since: NOW + 10 })).toMatchObject([connect])
    expect(await list({ until: NOW + 10 })).toMatchObject([read])
    expect(await storage.audit.list("ws_none", { limit: 10 })).toEqual([])
  })

  it("keeps an event once when its batch is sent again, also by another replica", async () => {
    const workspaceId = await newWorkspace()
    const keys = newMasterKeys()
    const [first, other] = [openAuditLog(storage, keys), openAuditLog(database.replica, keys)]
    const event = auditEvent(workspaceId)
    await first.append([event])
    await other.append([{ ...event, outcome: "changed" }, auditEvent(workspaceId, { at: NOW + 1 })])
    await first.append([event])
    const events = await storage.audit.list(workspaceId, { limit: 10 })
    expect(events.map(({ outcome }) => outcome)).toEqual(["ok", "ok"])
    expect(await first.verify(workspaceId)).toMatchObject({ status: "intact", checked: 2 })
  })

  it.each(["newest", "oldest"] as const)(
    "pages through events of the same moment without gaps or repeats, %s first",
    async (order) => {
      const workspaceId = await newWorkspace()
      const events = Array.from({ length: 1_300 }, () => auditEvent(workspaceId))
      await log.append(events)
      const seen: string[] = []
      let after: StoredAuditEvent | undefined
      for (let pages = 0; pages < 20; pages += 1) {
        const page = await storage.audit.list(workspaceId, { order, limit: 100, ...(after && { after }) })
        seen.push(...idsOf(page))
        after = page.at(-1)
        if (after === undefined) break
      }
      expect(seen).toHaveLength(events.length)
      expect(new Set(seen)).toEqual(new Set(idsOf(events)))
    },
  )
})
