/** SECURITY.md lines 21 to 24, each with its control: two replicas, one provider that forgives nothing. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { inSandbox, type Replicas, startReplicas } from "../harness/replicas.ts"
import {
  callProvider,
  liveTokens,
  moveClock,
  requestsTo,
  resetSandbox,
  setClient,
  setFault,
} from "../harness/sandbox.ts"
import { startTestServer } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { openRaw } from "./raw-database.ts"

const hourMs = 3_600_000
const patience = { timeout: 20_000 }
const type = "rotating"

describe("a grant's life in two replicas on one PostgreSQL", () => {
  let replicas: Replicas
  let one: string
  let two: string
  let app: TestApp
  beforeAll(async () => {
    replicas = await startReplicas({ database: "postgres", count: 2, catalog: testCatalog })
    one = replicas.servers[0]?.url ?? ""
    two = replicas.servers[1]?.url ?? ""
  })
  beforeEach(async () => {
    await resetSandbox(replicas.sandbox)
    await setClient(replicas.sandbox, type, { reuse_ends_grant: true })
    app = await createApp(one)
    await connectShared(one, app, type)
  })
  afterAll(() => replicas.destroy())

  const refreshes = () => requestsTo(replicas.sandbox, type, "refresh")
  const expire = () => replicas.moveClock(2 * hourMs)

  test("of two hundred callers at both replicas one refresh comes, and each gets the same living token", async () => {
    await expire()
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => fetchToken(index % 2 === 0 ? one : two, app, type)),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    const [token = "", ...others] = new Set(answers.map(({ body }) => body.access_token))
    expect(others).toEqual([])
    expect(await callProvider(replicas.sandbox, type, "https://rotating.example.com/api", token)).toBe(200)
    expect(await refreshes()).toHaveLength(1)
    // The control: the provider would have ended the grant at a second use, and it lives.
    await expire()
    expect((await fetchToken(two, app, type)).status).toBe(200)
  })

  test("after a disconnect neither replica hands anything out, a refresh in flight brings nothing, and all of it is revoked", async () => {
    // With rotation, Slack ends each token by itself: a late token that nobody revokes would live on.
    await setClient(replicas.sandbox, "slack", { rotation: true })
    await connectShared(one, app, "slack")
    expect((await fetchToken(two, app, "slack")).status).toBe(200)
    await replicas.moveClock(24 * hourMs)
    await setFault(replicas.sandbox, "slack", "slow", { endpoint: "refresh", delay_ms: 2_500 })
    const inFlight = fetchToken(two, app, "slack")
    await expect.poll(() => requestsTo(replicas.sandbox, "slack", "refresh"), patience).toHaveLength(1)
    const path = `/api/apps/${app.id}/external-auth/integrations/slack`
    expect((await call(one, "DELETE", path)).body).toMatchObject({ status: "disconnected" })
    for (const url of [one, two]) expect((await fetchToken(url, app, "slack")).status).toBe(404)
    expect((await inFlight).status).toBe(404)
    for (const url of [one, two]) expect((await fetchToken(url, app, "slack")).status).toBe(404)
    await expect.poll(() => liveTokens(replicas.sandbox, "slack"), patience).toEqual([])
  })

  test("a wrong client secret and a provider that is away kill nothing; the provider's word about the grant does", async () => {
    for (const [fault, code] of [
      ["wrong_client", "OAUTH_CLIENT_REJECTED"],
      ["5xx_then_ok", "PROVIDER_UNAVAILABLE"],
      ["garbage", "PROVIDER_UNAVAILABLE"],
    ] as const) {
      await expire()
      await setFault(replicas.sandbox, type, fault, { endpoint: "refresh" })
      expect([fault, (await fetchToken(one, app, type)).body.code]).toEqual([fault, code])
      await expire()
      expect([fault, (await fetchToken(two, app, type)).status]).toEqual([fault, 200])
    }
    await expire()
    await setFault(replicas.sandbox, type, "invalid_grant", { endpoint: "refresh" })
    expect((await fetchToken(one, app, type)).body.code).toBe("RECONNECT_REQUIRED")
    expect((await fetchToken(two, app, type)).body.code).toBe("RECONNECT_REQUIRED")
  })

  test("a server that finds itself on a copy of the database refreshes nothing until an operator confirms", async () => {
    const name = `copy_${process.pid}_${Math.floor(performance.now())}`
    const source = new URL(replicas.databaseUrl)
    const admin = new URL("/postgres", source)
    const copy = new URL(`/${name}`, source)
    await openRaw(admin.href, async (raw) => {
      await raw.run(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${source.pathname.slice(1)}'`,
      )
      await raw.run(`create database ${name} template ${source.pathname.slice(1)}`)
    })
    const options = {
      database: "postgres",
      databaseUrl: copy.href,
      catalog: testCatalog,
      providerAddress: inSandbox(replicas.sandbox),
    } as const
    try {
      const restored = await startTestServer({ ...options, env: replicas.env })
      await moveClock(restored.url, 100 * hourMs)
      expect(await fetchToken(restored.url, app, type)).toMatchObject({
        status: 503,
        body: { code: "QUARANTINED" },
      })
      expect(await refreshes()).toEqual([])
      await restored.destroy()
      // The control: confirmed, the very same copy refreshes.
      const confirmed = await startTestServer({
        ...options,
        env: { ...replicas.env, GRANTRY_QUARANTINE: "off" },
      })
      await moveClock(confirmed.url, 100 * hourMs)
      expect((await fetchToken(confirmed.url, app, type)).status).toBe(200)
      expect(await refreshes()).toHaveLength(1)
      await confirmed.destroy()
    } finally {
      await openRaw(admin.href, (raw) => raw.run(`drop database if exists ${name} with (force)`))
    }
  })
})
