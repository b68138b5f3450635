import pg from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"
import { type Storage, StorageUnavailable } from "../../packages/server/src/storage/storage.ts"
import { type CuttableDatabase, startCuttableDatabase } from "../harness/cuttable-database.ts"
import { createDatabase, type PostgresServer, startPostgres, type TestDatabase } from "../harness/postgres.ts"
import { seedApp, seedConnection } from "./fixtures.ts"

async function failureOf(work: Promise<unknown>): Promise<StorageUnavailable> {
  const error = await work.then(
    () => new Error("It did not fail"),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof StorageUnavailable)) throw error
  return error
}

describe("a PostgreSQL that goes away and comes back", () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.destroy())

  it("is reported as unavailable meanwhile, and serves again without a restart", async () => {
    const database = await createDatabase(server.url)
    const storage = await openStorage({ url: database.url })
    const connection = await seedConnection(storage, await seedApp(storage))
    await server.stop()
    for (const work of [
      () => storage.ping(),
      () => storage.connections.findByAddress(connection),
      () => storage.meta.get("key"),
      () => storage.transaction((stores) => stores.meta.put("key", "value")),
    ]) {
      expect((await failureOf(work())).outcome).toBe("not_applied")
    }
    await failureOf(storage.meta.put("key", "value"))
    expect((await failureOf(openStorage({ url: database.url }))).message).toContain("cannot be reached")
    await server.start()
    await storage.ping()
    expect(await storage.connections.findByAddress(connection)).toEqual(connection)
    await storage.meta.put("key", "value")
    await storage.close()
    await database.drop()
  })
})

describe("a connection to PostgreSQL that breaks", () => {
  let database: TestDatabase
  const open: { close(): Promise<void> }[] = []
  beforeAll(async () => {
    database = await createDatabase()
    await (await openStorage({ url: database.url })).close()
  })
  afterEach(async () => {
    for (const part of open.splice(0)) await part.close()
  })
  afterAll(() => database.drop())

  async function openOn(url: string): Promise<Storage> {
    const storage = await openStorage({ url, poolSize: 1 })
    open.push(storage)
    return storage
  }

  async function terminateOthers(): Promise<void> {
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    )
    await client.end()
  }

  async function cuttable(): Promise<CuttableDatabase> {
    const way = await startCuttableDatabase(database.url)
    open.unshift(way)
    return way
  }

  it("while idle is replaced without anybody noticing", async () => {
    const storage = await openOn(database.url)
    await storage.ping()
    await terminateOthers()
    await new Promise((resolve) => setTimeout(resolve, 50))
    await storage.ping()
  })

  it("between two statements of a transaction undoes it, and does not end the process", async () => {
    const storage = await openOn(database.url)
    const failed = storage.transaction(async (stores) => {
      await stores.meta.put("in-transaction", "1")
      await terminateOthers()
      await new Promise((resolve) => setTimeout(resolve, 50))
      await stores.meta.put("in-transaction", "2")
    })
    expect((await failureOf(failed)).outcome).toBe("not_applied")
    expect(await storage.meta.get("in-transaction")).toBeUndefined()
  })

  it("before the answer to a commit leaves open whether it was applied", async () => {
    const path = await cuttable()
    const storage = await openOn(path.url)
    path.cut("during", "commit\0")
    const failed = storage.transaction((stores) => stores.meta.put("committed", "yes"))
    expect((await failureOf(failed)).outcome).toBe("unknown")
    expect(await storage.meta.get("committed")).toBe("yes")
  })

  it("before the answer to a single write leaves open whether it was applied", async () => {
    const path = await cuttable()
    const storage = await openOn(path.url)
    path.cut("during", "insert into")
    expect((await failureOf(storage.meta.put("written", "yes"))).outcome).toBe("unknown")
    path.cut("during", "nothing more")
    expect(await storage.meta.get("written")).toBe("yes")
  })

  it("before the answer to a read changes nothing", async () => {
    const path = await cuttable()
    const storage = await openOn(path.url)
    path.cut("during", "select")
    expect((await failureOf(storage.meta.get("written"))).outcome).toBe("not_applied")
  })

  it("is not confused with a statement that the database refuses", async () => {
    const storage = await openOn(database.url)
    const app = { id: "app", workspaceId: "ws_none", name: "x", createdBy: "m", createdAt: 1 }
    const refused = await storage.apps.insert(app).catch((error: unknown) => error)
    expect(refused).not.toBeInstanceOf(StorageUnavailable)
    await storage.ping()
  })

  it("says so too when the storage was closed", async () => {
    const storage = await openStorage({ url: database.url })
    await storage.close()
    await storage.close()
    expect((await failureOf(storage.ping())).outcome).toBe("not_applied")
  })
})
