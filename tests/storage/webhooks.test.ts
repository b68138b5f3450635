import { builtInCatalog } from "@grantry/catalog"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { newDelivery, queueEvents } from "../../packages/server/src/events/webhooks/queue-events.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { App } from "../../packages/server/src/storage/stores/apps.ts"
import type { Connection } from "../../packages/server/src/storage/stores/connections.ts"
import type { WebhookEndpoint } from "../../packages/server/src/storage/stores/webhooks.ts"
import { bytes, databases, NOW, type OpenDatabase, seedApp, seedConnection, uniqueId } from "./fixtures.ts"

describe.each(databases)("the webhook outbox on $name", ({ open }) => {
  let database: OpenDatabase
  let storage: Storage
  let app: App
  let connection: Connection
  let endpoint: WebhookEndpoint
  beforeAll(async () => {
    database = await open()
    storage = database.storage
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    app = await seedApp(storage)
    connection = await seedConnection(storage, app)
    endpoint = await seedEndpoint()
  })

  async function seedEndpoint(overrides: Partial<WebhookEndpoint> = {}): Promise<WebhookEndpoint> {
    const seeded: WebhookEndpoint = {
      id: uniqueId("wh"),
      workspaceId: app.workspaceId,
      appId: null,
      url: "https://example.com/hook",
      events: ["connection.connected", "connection.disconnected"],
      status: "enabled",
      disabledReason: null,
      sealedSecrets: bytes("secrets"),
      failingSince: null,
      failures: 0,
      restUntil: null,
      version: 1,
      createdAt: NOW,
      ...overrides,
    }
    await storage.webhooks.insertEndpoint(seeded)
    return seeded
  }

  const deps = { catalog: builtInCatalog, clock: { now: () => NOW } }
  const queue = (stores: Pick<Storage, "connections" | "webhooks">) =>
    queueEvents(deps, stores, connection, [{ type: "connection.disconnected" }])
  const list = (of = endpoint) => storage.webhooks.listDeliveries(of.workspaceId, of.id, { limit: 100 })
  const take = (now: number, limit = 10, from: Storage = storage) =>
    from.webhooks.takeDue({ endpointId: endpoint.id, now, holdMs: 500, limit })
  const seedDeliveries = (count: number) =>
    storage.webhooks.insertDeliveries(
      Array.from({ length: count }, () => newDelivery(endpoint, "connection.connected", "{}", NOW)),
    )

  it("holds what a transaction queued when it commits, and nothing when it rolls back", async () => {
    const rolledBack = storage.transaction(async (stores) => {
      await stores.connections.disconnect(connection.workspaceId, connection.id, NOW)
      await queue(stores)
      throw new Error("no")
    })
    await expect(rolledBack).rejects.toThrow("no")
    expect(await list()).toEqual([])
    await storage.transaction(async (stores) => {
      await stores.connections.disconnect(connection.workspaceId, connection.id, NOW)
      await queue(stores)
    })
    expect((await list()).map(({ payload }) => JSON.parse(payload))).toMatchObject([
      { type: "connection.disconnected", data: { status: "disconnected", connection_id: connection.id } },
    ])
  })

  it("queues for listeners only: not the disabled, not those of another app, event or workspace", async () => {
    const others = [
      await seedEndpoint({ status: "disabled" }),
      await seedEndpoint({ appId: "app_other" }),
      await seedEndpoint({ events: ["connection.connected"] }),
    ]
    const elsewhere = await seedApp(storage)
    others.push(await seedEndpoint({ workspaceId: elsewhere.workspaceId }))
    await queue(storage)
    expect(await list()).toHaveLength(1)
    for (const other of others) expect(await list(other)).toEqual([])
  })

  it("hands each message to one taker until its hold is over", async () => {
    await seedDeliveries(6)
    const [here, there] = await Promise.all([take(NOW, 3), take(NOW, 3, database.replica)])
    const ids = [...here, ...there].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    await take(NOW, 10)
    expect(await take(NOW + 499)).toEqual([])
    expect(await take(NOW + 500, 10)).toHaveLength(6)
  })

  it("shows endpoints with something due, except those that rest or are disabled", async () => {
    await seedDeliveries(1)
    const due = async (now: number) =>
      (await storage.webhooks.listDueEndpoints({ now, after: "", limit: 100 })).some(
        ({ id }) => id === endpoint.id,
      )
    expect(await due(NOW - 1)).toBe(false)
    expect(await due(NOW)).toBe(true)
    await storage.webhooks.noteFailure(endpoint.id, { now: NOW, failures: 1, restUntil: NOW + 10 })
    expect([await due(NOW + 9), await due(NOW + 10)]).toEqual([false, true])
    await storage.webhooks.disable(endpoint.id, "no", NOW)
    expect(await due(NOW + 10)).toBe(false)
    expect(await list()).toMatchObject([{ outcome: "failed", settledAt: NOW }])
  })

  it("keeps a final outcome, and the time at which the failures began", async () => {
    await seedDeliveries(1)
    const [delivery] = await take(NOW)
    const id = delivery?.id ?? ""
    await storage.webhooks.settleDelivery(id, "delivered", { status: 204, error: null, at: NOW })
    await storage.webhooks.retryDelivery(id, NOW, { status: 500, error: "late" })
    await storage.webhooks.settleDelivery(id, "failed", { status: 500, error: "late", at: NOW })
    expect(await list()).toMatchObject([{ outcome: "delivered", lastStatus: 204, tries: 1 }])
    await storage.webhooks.noteFailure(endpoint.id, { now: NOW, failures: 1, restUntil: NOW })
    await storage.webhooks.noteFailure(endpoint.id, { now: NOW + 5, failures: 2, restUntil: NOW })
    const failing = () => storage.webhooks.findEndpoint(endpoint.workspaceId, endpoint.id)
    expect(await failing()).toMatchObject({ failingSince: NOW, failures: 2 })
    const seen = { id: endpoint.id, failures: 2, restUntil: NOW }
    const claims = [
      storage.webhooks.claimFailing(seen, NOW + 9),
      database.replica.webhooks.claimFailing(seen, NOW + 9),
    ]
    expect((await Promise.all(claims)).filter(Boolean)).toHaveLength(1)
    await storage.webhooks.noteSuccess(endpoint.id)
    expect(await failing()).toMatchObject({ failingSince: null, failures: 0, restUntil: null })
  })

  it("gives up what is too old, forgets what ended long ago, and keeps the rest", async () => {
    await seedDeliveries(2)
    const [first] = await take(NOW, 1)
    await storage.webhooks.settleDelivery(first?.id ?? "", "delivered", { status: 204, error: null, at: NOW })
    expect(await storage.webhooks.failOld(NOW, NOW + 1)).toBe(0)
    expect(await storage.webhooks.failOld(NOW + 1, NOW + 1)).toBeGreaterThan(0)
    await storage.webhooks.deleteSettled(NOW + 1)
    expect(await list()).toMatchObject([{ outcome: "failed" }])
  })

  it("does not fail a change because an endpoint is deleted in the middle of it", async () => {
    let deleted: Promise<boolean> | undefined
    await storage.transaction(async (stores) => {
      await stores.webhooks.listListening(endpoint.workspaceId)
      if (database.replica !== storage)
        deleted = database.replica.webhooks.deleteEndpoint(endpoint.workspaceId, endpoint.id)
      await queue(stores)
    })
    deleted ??= storage.webhooks.deleteEndpoint(endpoint.workspaceId, endpoint.id)
    expect(await deleted).toBe(true)
    expect(await list()).toEqual([])
  })

  it("tells since when an outbox has waited, without counting an endpoint that fails", async () => {
    await seedDeliveries(1)
    const webhookDueAt = async () => (await storage.backlog.read(NOW + 100, 10)).webhookDueAt
    expect(await webhookDueAt()).toBe(NOW)
    await storage.webhooks.noteFailure(endpoint.id, { now: NOW, failures: 1, restUntil: NOW })
    expect(await webhookDueAt()).toBeNull()
    expect((await storage.backlog.read(NOW + 100, 10)).webhooksPending).toBeGreaterThan(0)
  })
})
