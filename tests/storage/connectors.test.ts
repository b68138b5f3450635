import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { StillInUse } from "../../packages/server/src/storage/storage-errors.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import { bytes, connectorOf, databases, NOW, type OpenDatabase, seedApp, seedConnection } from "./fixtures.ts"

describe.each(databases)("connectors on $name", ({ open }) => {
  let database: OpenDatabase
  let storage: Storage
  beforeAll(async () => {
    database = await open()
    storage = database.storage
  })
  afterAll(() => database.close())

  it("returns a connector as it was inserted, to its own workspace", async () => {
    const app = await seedApp(storage)
    const connector = connectorOf(app, { config: { site: "a.b" }, scopes: ["x", "y"] })
    expect(await storage.connectors.insert(connector)).toBe(true)
    const found = await storage.connectors.find(app.workspaceId, connector.id)
    expect(found).toEqual({ ...connector, sealedClientSecret: Buffer.from(bytes("secret")) })
    expect(await storage.connectors.findAnywhere(connector.id)).toEqual(found)
    expect(await storage.connectors.find("ws_other", connector.id)).toBeUndefined()
    expect(await storage.connectors.list("ws_other")).toEqual([])
  })

  it("takes a name once in a workspace, and again in another one", async () => {
    const [first, second] = [await seedApp(storage), await seedApp(storage)]
    expect(await storage.connectors.insert(connectorOf(first, { name: "Slack" }))).toBe(true)
    expect(await storage.connectors.insert(connectorOf(first, { name: "Slack" }))).toBe(false)
    expect(await storage.connectors.insert(connectorOf(second, { name: "Slack" }))).toBe(true)
  })

  it("answers type-addressed calls with the oldest connector of the type", async () => {
    const app = await seedApp(storage)
    const younger = connectorOf(app, { createdAt: NOW + 1 })
    const older = connectorOf(app)
    await storage.connectors.insert(younger)
    await storage.connectors.insert(older)
    expect(await storage.connectors.findByType(app.workspaceId, "slack")).toMatchObject({ id: older.id })
    expect(await storage.connectors.findByType(app.workspaceId, "gmail")).toBeUndefined()
    expect((await storage.connectors.list(app.workspaceId)).map(({ id }) => id)).toEqual([
      older.id,
      younger.id,
    ])
  })

  it("updates only the version that the caller has seen", async () => {
    const app = await seedApp(storage)
    const connector = connectorOf(app)
    await storage.connectors.insert(connector)
    const rename = (name: string) => storage.connectors.update({ ...connector, name }, 1)
    expect(await rename("one")).toBe("updated")
    expect(await rename("two")).toBe("stale")
    expect(await storage.connectors.update({ ...connector, workspaceId: "ws_other" }, 2)).toBe("stale")
    expect(await storage.connectors.find(app.workspaceId, connector.id)).toMatchObject({
      name: "one",
      version: 2,
    })
  })

  it("says that a new name is taken, also inside a transaction, which goes on", async () => {
    const app = await seedApp(storage)
    const [taken, connector] = [connectorOf(app, { name: "taken" }), connectorOf(app)]
    await storage.connectors.insert(taken)
    await storage.connectors.insert(connector)
    const renamed = { ...connector, name: "taken" }
    expect(await storage.connectors.update(renamed, 1)).toBe("name_taken")
    await storage.transaction(async (stores) => {
      expect(await stores.connectors.update(renamed, 1)).toBe("name_taken")
      expect(await stores.connectors.update({ ...connector, name: "free" }, 1)).toBe("updated")
    })
    expect(await storage.connectors.find(app.workspaceId, connector.id)).toMatchObject({ name: "free" })
  })

  it("notes what the provider says of a client, in its workspace only, and the version stays", async () => {
    const app = await seedApp(storage)
    const connector = connectorOf(app)
    await storage.connectors.insert(connector)
    await storage.connectors.setClientProblem("ws_other", connector.id, "invalid_client")
    expect(await storage.connectors.findAnywhere(connector.id)).toMatchObject({ clientProblem: null })
    await storage.connectors.setClientProblem(app.workspaceId, connector.id, "invalid_client")
    expect(await storage.connectors.findAnywhere(connector.id)).toMatchObject({
      clientProblem: "invalid_client",
      version: 1,
    })
  })

  it("removes a connector with its disconnected connections, never under a live one", async () => {
    const app = await seedApp(storage)
    const connector = connectorOf(app)
    await storage.connectors.insert(connector)
    const grant = { connectorId: connector.id, credentialSource: "byo" } as const
    const connection = await seedConnection(storage, app, grant)
    expect(await storage.connectors.remove("ws_other", connector.id)).toBe(false)
    await expect(storage.connectors.remove(app.workspaceId, connector.id)).rejects.toBeInstanceOf(StillInUse)
    await storage.connections.disconnect(app.workspaceId, connection.id, NOW)
    expect(await storage.connectors.remove(app.workspaceId, connector.id)).toBe(true)
    expect(await storage.connectors.remove(app.workspaceId, connector.id)).toBe(false)
    expect(await storage.connections.findById(app.workspaceId, connection.id)).toBeUndefined()
    expect(await storage.connections.findByAddress(connection)).toBeUndefined()
  })
})
