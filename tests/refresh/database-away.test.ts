import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { createDatabase, type PostgresServer, startPostgres } from "../harness/postgres.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { moveClock, requestsTo, setFault } from "../harness/sandbox.ts"
import { testCatalog } from "../harness/test-catalog.ts"

const hourMs = 3_600_000
const patience = { timeout: 10_000 }
const type = "rotating"

describe("PostgreSQL goes away during a refresh", () => {
  let postgres: PostgresServer
  let replicas: Replicas
  let app: TestApp
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.destroy())
  beforeEach(async () => {
    const database = await createDatabase(postgres.url)
    const env = { GRANTRY_PROVIDER_TIMEOUT_MS: "5000" }
    replicas = await startReplicas({
      database: "postgres",
      count: 1,
      catalog: testCatalog,
      databaseUrl: database.url,
      env,
    })
    app = await createApp(replicas.first.url)
    await connectShared(replicas.first.url, app, type)
  })
  afterEach(async () => {
    // A test that failed may have left it stopped.
    await comeBack()
    await replicas.destroy()
  })

  let isAway = false
  async function goAway(): Promise<void> {
    isAway = true
    await postgres.stop()
  }
  async function comeBack(): Promise<void> {
    if (isAway) await postgres.start()
    isAway = false
  }

  const refreshes = async () => (await requestsTo(replicas.sandbox, type, "refresh")).length
  const token = () => fetchToken(replicas.first.url, app, type)

  async function journal(): Promise<readonly string[]> {
    return readdir(join(replicas.first.dataDir, "rotation-journal")).catch(() => [])
  }

  /** The token has expired; the database stops while the provider holds its answer back. */
  async function askWhileItGoes(fault: "slow" | "5xx_then_ok") {
    await replicas.moveClock(2 * hourMs)
    await setFault(replicas.sandbox, type, fault, { endpoint: "refresh", delay_ms: 2_000 })
    const waiting = Promise.all(Array.from({ length: 5 }, token))
    await expect.poll(refreshes, patience).toBe(1)
    // Until the last of them waits for the refresh too.
    await sleep(300)
    await goAway()
    return waiting
  }

  test("the refreshed token is handed out from memory, and stored when the database is back", async () => {
    const answers = await askWhileItGoes("slow")
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const held = answers[0]?.body.access_token
    expect(await token()).toMatchObject({ status: 503, body: { code: "STORAGE_UNAVAILABLE" } })
    await expect.poll(journal, patience).toHaveLength(1)

    await comeBack()
    await expect.poll(async () => (await token()).status, { timeout: 10_000 }).toBe(200)
    expect((await token()).body.access_token).toBe(held)
    await expect.poll(journal, patience).toHaveLength(0)
    expect(await refreshes()).toBe(1)

    await replicas.moveClock(2 * hourMs)
    const next = await token()
    expect(next.status).toBe(200)
    expect(next.body.access_token).not.toBe(held)
  })

  test("a server that stops meanwhile leaves it in the journal, and the next start stores it", async () => {
    const answers = await askWhileItGoes("slow")
    const held = answers[0]?.body.access_token
    await expect.poll(journal, patience).toHaveLength(1)
    const startedAt = performance.now()
    await replicas.first.stop()
    expect(performance.now() - startedAt).toBeLessThan(20_000)
    expect(await journal()).toHaveLength(1)

    await comeBack()
    await replicas.first.restart()
    await moveClock(replicas.first.url, 2 * hourMs)
    expect(await token()).toMatchObject({ status: 200, body: { access_token: held } })
    expect(await journal()).toHaveLength(0)
    expect(await refreshes()).toBe(1)
    await replicas.moveClock(2 * hourMs)
    expect((await token()).status).toBe(200)
  })

  test("callers hear what the provider said although it cannot be written down, and it is asked again only later", async () => {
    const answers = await askWhileItGoes("5xx_then_ok")
    const outcomes = answers.map(({ body, status }) => `${status} ${body.code}`)
    expect(new Set(outcomes)).toEqual(new Set(["503 PROVIDER_UNAVAILABLE"]))
    await comeBack()
    await expect.poll(async () => (await token()).status, { timeout: 15_000 }).toBe(200)
    expect(await refreshes()).toBe(2)
  })

  test("a provider is not asked while the database is away, and the answer says so", async () => {
    await replicas.moveClock(2 * hourMs)
    await goAway()
    const refused = await token()
    expect(refused).toMatchObject({ status: 503, body: { code: "STORAGE_UNAVAILABLE" } })
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/)
    expect(await refreshes()).toBe(0)
    await comeBack()
    await expect.poll(async () => (await token()).status, { timeout: 15_000 }).toBe(200)
    expect(await refreshes()).toBe(1)
  })
})
