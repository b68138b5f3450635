/** SECURITY.md line 17: `grantry keys rotate` re-wraps while servers serve; nobody who reads notices. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { newId } from "../../packages/server/src/random.ts"
import { openKeyRecords } from "../../packages/server/src/storage/open-key-records.ts"
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import {
  createVault,
  parseMasterKeys,
  type SealContext,
  type Vault,
  verifyMasterKeys,
} from "../../packages/server/src/vault/vault.ts"
import { type Home, makeHome, program } from "../cli/run-cli.ts"
import { createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { createDatabase, type TestDatabase } from "../harness/postgres.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { requestsTo } from "../harness/sandbox.ts"
import { databases, startTestServer } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"

// Commands are processes of their own, and the machine may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

const workspaces = 1_000
const newKey = (id: string): string => `${id}:${randomBytes(32).toString("base64")}`
const contextIn = (workspaceId: string): SealContext => ({
  workspaceId,
  record: "connector",
  recordId: "con_1",
  field: "client_secret",
  bound: [],
})
const vaultWith = (masterKey: string, { dataKeys }: Pick<Storage, "dataKeys">): Vault =>
  createVault({
    masterKeys: parseMasterKeys(masterKey),
    dataKeys,
    newId: () => newId("dk"),
    now: Date.now,
  })

describe.each(databases)("a rotation under load on %s", (database) => {
  let home: Home
  let own: TestDatabase | undefined
  let databaseUrl: string
  let replicas: Replicas | undefined
  const [first, second] = [newKey("first"), newKey("second")]
  const both = `${second},${first}`

  beforeEach(async () => {
    home = await makeHome()
    own = database === "postgres" ? await createDatabase() : undefined
    databaseUrl = own?.url ?? `file:${join(home.path, "grantry.db")}`
  })
  afterEach(async () => {
    await replicas?.destroy()
    await own?.drop()
    await home[Symbol.asyncDispose]()
  })

  async function withStorage<T>(work: (storage: Storage) => Promise<T>): Promise<T> {
    const storage = await openStorage({ url: databaseUrl })
    try {
      return await work(storage)
    } finally {
      await storage.close()
    }
  }

  /** Each workspace has a data key of its own. */
  const sealInWorkspaces = () =>
    withStorage(async (storage) => {
      await verifyMasterKeys(parseMasterKeys(first), storage.meta)
      const ids = Array.from({ length: workspaces }, () => newId("ws"))
      await storage.transaction(async ({ accounts }) => {
        for (const id of ids)
          await accounts.insertWorkspace({ id, name: "w", plan: "free", personalOf: null, createdAt: 0 })
      })
      const vault = vaultWith(first, storage)
      const sealed = new Map<string, Uint8Array>()
      for (const id of ids) sealed.set(id, await vault.seal(contextIn(id), `secret of ${id}`))
      return sealed
    })

  const countOld = async (): Promise<number> => {
    const records = await openKeyRecords(databaseUrl)
    const count = await records?.dataKeys.countWrappedByOthers("second")
    await records?.close()
    return count ?? -1
  }

  const env = () => ({ GRANTRY_DATABASE_URL: databaseUrl, GRANTRY_MASTER_KEY: both })
  const rotate = () => home.run(["keys", "rotate", "--json"], { env: env() })

  /** Killed when it has said that it has begun with the rows. */
  async function rotateAndDie(): Promise<void> {
    const child = spawn(process.execPath, [program, "keys", "rotate"], { env: { ...home.env, ...env() } })
    const exited = once(child, "exit")
    let told = ""
    for await (const chunk of child.stderr) {
      told += String(chunk)
      if (/^[1-9]\d* of \d+ data keys$/m.test(told)) break
    }
    child.kill("SIGKILL")
    await exited
  }

  /** Reads in a circle until told to stop; between two rounds every token expires. */
  function load({ moveClock, servers }: Replicas, apps: readonly TestApp[]) {
    const failed: unknown[] = []
    let reads = 0
    let isOver = false
    const read = async (url: string, app: TestApp) => {
      const { body, status } = await fetchToken(url, app, "rotating")
      reads += 1
      if (status !== 200) failed.push({ status, body })
    }
    const rounds = (async () => {
      while (!isOver) {
        for (let pass = 0; pass < 10; pass += 1)
          await Promise.all(servers.flatMap(({ url }) => apps.map((app) => read(url, app))))
        // A token that expires while it is being refreshed is another story.
        await moveClock(2 * 3_600_000)
      }
    })()
    return {
      async stop() {
        isOver = true
        await rounds
        return { failed, reads }
      },
    }
  }

  test("fails no read, survives its own death and a twin, and leaves only the new key needed", async () => {
    const sealed = await sealInWorkspaces()
    replicas = await startReplicas({
      database,
      databaseUrl,
      count: database === "postgres" ? 2 : 1,
      catalog: testCatalog,
      env: { GRANTRY_MASTER_KEY: both },
    })
    const { first: server, sandbox } = replicas
    const apps = await Promise.all(Array.from({ length: 3 }, () => createApp(server.url)))
    for (const app of apps) await connectShared(server.url, app, "rotating")
    const running = load(replicas, apps)

    await rotateAndDie()
    const left = await countOld()
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(workspaces)

    const twins = await Promise.all([rotate(), rotate()])
    expect(twins.map(({ code, stderr }) => ({ code, stderr }))).toEqual([
      { code: 0, stderr: "" },
      { code: 0, stderr: "" },
    ])
    const results = twins.map(({ stdout }) => JSON.parse(stdout) as { rewrapped: number; retired: string[] })
    expect(results.reduce((sum, { rewrapped }) => sum + rewrapped, 0)).toBe(left)
    expect(results.flatMap(({ retired }) => retired)).toContain("first")
    expect(await countOld()).toBe(0)

    const { failed, reads } = await running.stop()
    expect(failed).toEqual([])
    expect(reads).toBeGreaterThan(20)
    expect((await requestsTo(sandbox, "rotating", "refresh")).length).toBeGreaterThan(0)
    await Promise.all(replicas.servers.map((each) => each.stop()))

    await withStorage(async (storage) => {
      const vault = vaultWith(second, storage)
      for (const [id, bytes] of sealed) expect(await vault.open(contextIn(id), bytes)).toBe(`secret of ${id}`)
    })
    const start = (masterKey: string) =>
      startTestServer({
        database,
        databaseUrl,
        catalog: testCatalog,
        env: { GRANTRY_MASTER_KEY: masterKey },
      })
    await expect(start(first)).rejects.toThrow(/"second", which is not in GRANTRY_MASTER_KEY/)
    const after = await start(second)
    for (const app of apps) expect((await fetchToken(after.url, app, "rotating")).status).toBe(200)
    await after.destroy()
  })
})
