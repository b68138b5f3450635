/** Up, ready, degraded, down, stopping. */
import { mkdir, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { type PostgresServer, startPostgres } from "../harness/postgres.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { setFault } from "../harness/sandbox.ts"
import { databases, startTestServer } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { webhooksOf } from "../events/webhook-steps.ts"
import { openRaw } from "../security/raw-database.ts"

const hourMs = 3_600_000
const patience = { timeout: 20_000 }
const ready = (base: string) => call(base, "GET", "/readyz", { as: null })

describe.each(databases)("readiness on %s", (database) => {
  let replicas: Replicas
  let url: string
  beforeAll(async () => {
    replicas = await startReplicas({ database, count: 1, catalog: testCatalog })
    url = replicas.first.url
  })
  afterAll(() => replicas.destroy())

  test("ok, with nothing to see to", async () => {
    expect(await ready(url)).toMatchObject({ status: 200, body: { status: "ok", reasons: [] } })
  })

  test("grants that wait in the rotation journal: degraded, and served all the same", async () => {
    const folder = join(replicas.first.dataDir, "rotation-journal")
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, "conn_x.1.json"), "{}")
    expect(await ready(url)).toMatchObject({
      status: 200,
      body: { status: "degraded", reasons: ["journal_holds_grants"] },
    })
    await rm(join(folder, "conn_x.1.json"))
    expect((await ready(url)).body).toMatchObject({ status: "ok" })
  })

  test("other master keys than the database's, as after a restore under a running server: down", async () => {
    await openRaw(replicas.first.databaseUrl, (raw) =>
      raw.run(`update meta set value = '{"other":"check"}' where key = 'master_key_checks'`),
    )
    expect(await ready(url)).toMatchObject({ status: 503, body: { code: "KEYS_UNUSABLE" } })
    expect((await call(url, "GET", "/healthz", { as: null })).status).toBe(200)
  })
})

test.each(databases)("outboxes that nobody works through: degraded, on %s", async (database) => {
  const never = { revocationIntervalMs: hourMs, webhookIntervalMs: hourMs }
  const server = await startTestServer({ database, ...never })
  try {
    const webhooks = await webhooksOf(server.url)
    await webhooks.create({ url: "http://127.0.0.1:9/", events: ["connection.connected"] })
    await openRaw(server.databaseUrl, async (raw) => {
      await raw.run(
        `insert into webhook_deliveries
          (id, workspace_id, endpoint_id, event_type, payload, outcome, tries, next_try_at, created_at)
          select 'msg_old', workspace_id, id, 'connection.connected', '{}', 'pending', 0, 1, 1
          from webhook_endpoints`,
      )
      expect((await ready(server.url)).body).toEqual({ status: "degraded", reasons: ["webhook_backlog"] })
      await raw.run(
        `insert into revocations (id, workspace_id, app_id, connection_id, type, credential_source, config_json,
          outcome, tries, next_try_at, created_at)
          select 'rev_old', id, 'app_x', 'conn_x', 'slack', 'sandbox', '{}', 'pending', 0, 1, 1 from workspaces`,
      )
    })
    expect(await ready(server.url)).toMatchObject({
      status: 200,
      body: { status: "degraded", reasons: ["revocation_backlog", "webhook_backlog"] },
    })
  } finally {
    await server.destroy()
  }
})

describe("with the database away", () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.destroy())

  test("readiness is 503, liveness 200, and the metrics say so; back again it is ready", async () => {
    const started = await startTestServer({ database: "postgres", databaseUrl: server.url })
    try {
      await server.stop()
      expect(await ready(started.url)).toMatchObject({ status: 503, body: { code: "STORAGE_UNAVAILABLE" } })
      expect((await call(started.url, "GET", "/healthz", { as: null })).status).toBe(200)
      const scraped = await call<string>(started.url, "GET", "/metrics", { as: null })
      expect(scraped.body).toMatch(/^grantry_database_up 0$/m)
      expect(scraped.body).toMatch(/^process_resident_memory_bytes /m)
      await server.start()
      await expect.poll(async () => (await ready(started.url)).status, patience).toBe(200)
    } finally {
      await started.destroy()
    }
  })
})

describe.each(databases)("stopping on %s", (database) => {
  test("readiness goes first, requests are still served, and what runs is answered", async () => {
    const env = { GRANTRY_STOP_DELAY_MS: "1500" }
    const replicas = await startReplicas({ database, count: 1, catalog: testCatalog, env })
    const { url } = replicas.first
    try {
      const app = await createApp(url)
      await connectShared(url, app, "steady")
      const before = (await fetchToken(url, app, "steady")).body.access_token
      await replicas.moveClock(2 * hourMs)
      await setFault(replicas.sandbox, "steady", "slow", { endpoint: "refresh", delay_ms: 4_000 })
      const waiting = fetchToken(url, app, "steady")
      await expect
        .poll(async () => (await call<string>(url, "GET", "/metrics", { as: null })).status)
        .toBe(200)
      const stopped = replicas.first.stop()
      await expect
        .poll(async () => await ready(url))
        .toMatchObject({ status: 503, body: { code: "SERVER_STOPPING" } })
      expect((await call(url, "GET", "/api/apps")).status).toBe(200)
      const answer = await waiting
      expect(answer.status).toBe(200)
      expect(answer.body.access_token).not.toBe(before)
      await stopped
      await expect(call(url, "GET", "/healthz", { as: null })).rejects.toThrow("fetch failed")
    } finally {
      await replicas.destroy()
    }
  })
})
