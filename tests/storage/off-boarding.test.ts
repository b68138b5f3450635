import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { tenantTables } from "../../packages/server/src/storage/sql/tenant-rows.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { App } from "../../packages/server/src/storage/stores/apps.ts"
import type { NewDisconnectJob } from "../../packages/server/src/storage/stores/disconnect-jobs.ts"
import { openRaw } from "../security/raw-database.ts"
import {
  bytes,
  connectorOf,
  databases,
  grantFor,
  NOW,
  type OpenDatabase,
  revocationFor,
  seedApp,
  uniqueId,
} from "./fixtures.ts"

const everything = { appId: null, type: null, connectorId: null, userId: null, connectedBy: null }

function jobFor(app: App, overrides: Partial<NewDisconnectJob> = {}): NewDisconnectJob {
  const { workspaceId } = app
  const made = { id: uniqueId("job"), workspaceId, covers: everything, endsWith: "nothing" } as const
  return { ...made, askedBy: "member:mem_1", total: 1, askedAt: NOW, ...overrides }
}

function closureFor({ workspaceId }: App) {
  const secretHash = uniqueId("hash")
  const times = { askedAt: NOW, giveUpAt: NOW + 1_000 }
  return { id: uniqueId("clo"), workspaceId, jobId: "job_1", secretHash, isForced: false, ...times }
}

describe.each(databases)("off-boarding on $name", ({ open }) => {
  let database: OpenDatabase
  let storage: Storage
  beforeAll(async () => {
    database = await open()
    storage = database.storage
  })
  afterAll(() => database.close())

  it("finds no connection and no app of a workspace from the moment on that it is closed, in any replica", async () => {
    const [app, other] = [await seedApp(storage), await seedApp(storage)]
    for (const one of [app, other]) expect(await storage.connections.saveGrant(grantFor(one))).toBe(true)
    const address = grantFor(app)
    // Twice: the second one comes from the cache where there is one.
    for (const replica of [storage, storage, database.replica])
      expect(await replica.connections.findByAddress(address)).toBeDefined()
    expect(await storage.closures.insert(closureFor(app))).toBe(true)
    for (const replica of [storage, database.replica]) {
      expect(replica.connections.findByAddressCached(address)).toBeUndefined()
      expect(await replica.connections.findByAddress(address)).toBeUndefined()
      expect(await replica.apps.find(app.workspaceId, app.id)).toBeUndefined()
      expect(await replica.apps.findAnywhere(app.id)).toBeUndefined()
      expect(await replica.apps.list([app.workspaceId])).toEqual([])
      expect(await replica.connections.findByAddress(grantFor(other))).toBeDefined()
    }
    expect(await storage.closures.insert(closureFor(app))).toBe(false)
  })

  it("lets a closed workspace's rows go table by table, other workspaces' stay, and the record stays", async () => {
    const [app, other] = [await seedApp(storage), await seedApp(storage)]
    for (const one of [app, other]) {
      const { createdBy: invitedBy, id: appId, workspaceId } = one
      const key = { id: uniqueId("k"), workspaceId, name: "x", prefix: "x", createdAt: NOW, lastUsedAt: null }
      await storage.connectors.insert(connectorOf(one))
      await storage.connections.saveGrant(grantFor(one))
      await storage.revocations.insert(revocationFor(one))
      await storage.keys.insertApiKey({ ...key, memberId: invitedBy }, bytes(uniqueId("hash")))
      await storage.keys.insertServiceKey({ ...key, appId }, bytes(uniqueId("hash")))
      await storage.apps.replaceAllowedOrigins(workspaceId, appId, ["https://a.example"])
      const wrapped = bytes("wrapped key")
      const dataKey = { id: uniqueId("dk"), workspaceId, masterKeyId: "m", wrapped, createdAt: NOW }
      await storage.dataKeys.insert({ ...dataKey, epoch: 1 }, 0)
      await storage.disconnectJobs.insert(jobFor(one))
    }
    await storage.closures.insert(closureFor(app))
    expect(await storage.tenantRows.removeWorkspace(app.workspaceId)).toBe(false)
    expect(await storage.tenantRows.destroyDataKeys(app.workspaceId)).toBe(1)
    let removed = 0
    for (let some = 1; some > 0; removed += some)
      some = await storage.tenantRows.removeSome(app.workspaceId, 1)
    expect(removed).toBe(9)
    expect(await storage.tenantRows.removeWorkspace(app.workspaceId)).toBe(true)
    expect(await storage.accounts.findWorkspace(app.workspaceId)).toBeUndefined()
    expect(await storage.apps.find(other.workspaceId, other.id)).toBeDefined()
    expect(await storage.connections.findByAddress(grantFor(other))).toBeDefined()
    expect(await storage.dataKeys.findCurrent(other.workspaceId)).toBeDefined()
  })

  it("gives one of two equal running jobs, and a job to one replica at a time", async () => {
    const app = await seedApp(storage)
    const job = jobFor(app)
    expect(await storage.disconnectJobs.insert(job)).toBe(true)
    expect(await database.replica.disconnectJobs.insert(jobFor(app))).toBe(false)
    const narrower = jobFor(app, { covers: { ...everything, type: "slack" } })
    expect(await storage.disconnectJobs.insert(narrower)).toBe(true)

    const mine = async (replica: Storage, owner: string): Promise<string[]> => {
      const ids = []
      for (let one = await replica.disconnectJobs.takeNext(owner, 60_000); one;) {
        if (one.workspaceId === app.workspaceId) ids.push(one.id)
        one = await replica.disconnectJobs.takeNext(owner, 60_000)
      }
      return ids
    }
    const taken = await Promise.all([mine(storage, "one"), mine(database.replica, "two")])
    expect(taken.flat().sort()).toEqual([job.id, narrower.id].sort())
    const owner = taken[0].includes(job.id) ? "one" : "two"
    const step = { cursor: null, failed: 1, leaseMs: 60_000 }
    expect(await storage.disconnectJobs.advance(job, "somebody else", step)).toBe(false)
    expect(await storage.disconnectJobs.advance(job, owner, step)).toBe(true)
    expect(await storage.disconnectJobs.finish(job, owner, NOW)).toBe(true)
    expect(await storage.disconnectJobs.cancel(app.workspaceId, job.id, NOW)).toBe(false)
    expect(await storage.disconnectJobs.find(app.workspaceId, job.id)).toMatchObject({
      failed: 1,
      status: "done",
    })
    expect(await storage.disconnectJobs.find("ws_other", job.id)).toBeUndefined()
    expect(await storage.disconnectJobs.insert(jobFor(app))).toBe(true)
  })

  it("forgets a member with all that is theirs alone", async () => {
    const app = await seedApp(storage)
    const member = {
      id: uniqueId("mem"),
      email: `${uniqueId("gone")}@example.com`,
      name: "Gone",
      createdAt: NOW,
    }
    await storage.accounts.insertMember(member)
    await storage.accounts.insertMembership({
      workspaceId: app.workspaceId,
      memberId: member.id,
      role: "viewer",
    })
    expect(await storage.accounts.removeMember(member.id)).toBe(true)
    expect(await storage.accounts.findMember(member.id)).toBeUndefined()
    expect(await storage.accounts.findMembership(app.workspaceId, member.id)).toBeUndefined()
    expect(await storage.accounts.removeMember(member.id)).toBe(false)
  })
})

describe.each(databases)("the tables on $name", ({ name, open }) => {
  it("that belong to a workspace are all among those that are shredded", async () => {
    const database = await open()
    const { url } = database
    if (name === "SQLite") await database.storage.close()
    const columns =
      name === "SQLite"
        ? "select m.name as table_name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and c.name = 'workspace_id'"
        : "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'workspace_id'"
    const rows = await openRaw(url, (raw) => raw.rows(columns))
    const known = [...tenantTables, "workspace_closures"]
    expect(new Set(rows.map((row) => row["table_name"]))).toEqual(new Set(known))
    await database.close()
  })
})

const postgres = databases.filter(({ name }) => name === "PostgreSQL")

describe.each(postgres)("replicas on $name", ({ open }) => {
  it("hear of keys and memberships that another one has ended", async () => {
    const database = await open()
    const { replica, storage } = database
    const app = await seedApp(storage)
    let heard = 0
    replica.watchAccess(() => (heard += 1))
    // Once it listens, what was said before does not matter.
    const key = { id: "k", workspaceId: app.workspaceId, appId: app.id, name: "x", prefix: "x" }
    await expect
      .poll(
        async () => {
          await storage.keys.insertServiceKey({ ...key, createdAt: NOW, lastUsedAt: null }, bytes("hash"))
          await storage.keys.deleteServiceKey(app.workspaceId, app.id, "k")
          return heard
        },
        { timeout: 30_000 },
      )
      .toBeGreaterThan(0)
    const before = heard
    await storage.people.removeMember(app.workspaceId, app.createdBy)
    await expect.poll(() => heard, { timeout: 30_000 }).toBeGreaterThan(before)
    await database.close()
  })
})
