import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { requestsTo, resetSandbox, setClient, setFault } from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"

const secondMs = 1_000
const minuteMs = 60 * secondMs
/** The tests take some real time, which counts. */
const slackMs = 3 * secondMs

describe.each(databases)("the life of a token on %s", (database) => {
  let replicas: Replicas
  let app: TestApp
  beforeAll(async () => {
    replicas = await startReplicas({ database, count: 1, catalog: testCatalog })
  })
  afterAll(() => replicas.destroy())
  beforeEach(async () => {
    await resetSandbox(replicas.sandbox)
    app = await createApp(replicas.first.url)
  })

  const token = (type: string) => fetchToken(replicas.first.url, app, type)
  const refreshes = async (type: string) => (await requestsTo(replicas.sandbox, type, "refresh")).length

  test.each([
    { type: "steady", rule: "five minutes", freshMs: 55 * minuteMs },
    { type: "brief", rule: "a fifth of its life", freshMs: 80 * secondMs },
  ])(
    "$type: fresh until $rule before its end, then handed out and refreshed behind the caller",
    async ({ type, freshMs }) => {
      await connectShared(replicas.first.url, app, type)
      const first = await token(type)
      await replicas.moveClock(freshMs - slackMs)
      expect((await token(type)).body.access_token).toBe(first.body.access_token)
      expect(await refreshes(type)).toBe(0)

      await replicas.moveClock(slackMs)
      await setFault(replicas.sandbox, type, "slow", { endpoint: "refresh", delay_ms: 1_500 })
      const startedAt = performance.now()
      const due = await Promise.all(Array.from({ length: 20 }, () => token(type)))
      expect(performance.now() - startedAt).toBeLessThan(1_500)
      expect(new Set(due.map(({ body }) => body.access_token))).toEqual(new Set([first.body.access_token]))

      await expect
        .poll(async () => (await token(type)).body.access_token, { timeout: 10_000 })
        .not.toBe(first.body.access_token)
      const renewed = await token(type)
      expect(Date.parse(renewed.body.expires_at ?? "")).toBeGreaterThan(
        Date.parse(first.body.expires_at ?? ""),
      )
      expect(await refreshes(type)).toBe(1)
    },
  )

  test("an expired token is never handed out: the caller waits for the refresh", async () => {
    await connectShared(replicas.first.url, app, "brief")
    const first = await token("brief")
    await replicas.moveClock(100 * secondMs)
    await setFault(replicas.sandbox, "brief", "slow", { endpoint: "refresh", delay_ms: 300 })
    const startedAt = performance.now()
    const second = await token("brief")
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(290)
    expect(second.status).toBe(200)
    expect(second.body.access_token).not.toBe(first.body.access_token)
  })

  test("expires_at is what the provider said, counted from before the request", async () => {
    const before = Date.now()
    await connectShared(replicas.first.url, app, "steady")
    const after = Date.now()
    const { body } = await token("steady")
    const ahead = Date.parse(body.expires_at ?? "") - 3600 * secondMs
    const movedMs = await clockAhead()
    expect(ahead - movedMs).toBeGreaterThanOrEqual(before)
    expect(ahead - movedMs).toBeLessThanOrEqual(after)
  })

  async function clockAhead(): Promise<number> {
    const answer = await fetch(`${replicas.sandbox}/sandbox/_control/state`)
    const state = (await answer.json()) as { clock: { now_ms: number } }
    // Whole seconds: the moves of the clock were.
    return Math.round((state.clock.now_ms - Date.now()) / 1000) * 1000
  }

  describe("without a refresh token and without an expiry", () => {
    test.each([
      { type: "slack", settings: { rotation: false } },
      { type: "slackbot", settings: { rotation: false } },
      { type: "github", settings: { expiring_tokens: false } },
    ])("$type: a token never counts as expired, and no refresh is ever tried", async ({ type, settings }) => {
      await setClient(replicas.sandbox, type, settings)
      await connectShared(replicas.first.url, app, type)
      const first = await token(type)
      expect(first).toMatchObject({ status: 200, body: { expires_at: null } })
      await replicas.moveClock(400 * 24 * 60 * minuteMs)
      expect(await token(type)).toMatchObject({
        status: 200,
        body: { access_token: first.body.access_token },
      })
      expect(await refreshes(type)).toBe(0)
    })

    test("salesforce without a refresh token: the same, although the life of a token is assumed otherwise", async () => {
      await setFault(replicas.sandbox, "salesforce", "no_refresh_token", { endpoint: "token" })
      await connectShared(replicas.first.url, app, "salesforce")
      const first = await token("salesforce")
      expect(first).toMatchObject({ status: 200, body: { expires_at: null } })
      await replicas.moveClock(400 * 24 * 60 * minuteMs)
      expect(await token("salesforce")).toMatchObject({
        status: 200,
        body: { access_token: first.body.access_token },
      })
      expect(await refreshes("salesforce")).toBe(0)
    })
  })

  test("salesforce with a refresh token: refreshed after the assumed life, and kept while that fails for the moment", async () => {
    await connectShared(replicas.first.url, app, "salesforce")
    const first = await token("salesforce")
    await replicas.moveClock(16 * minuteMs)
    await setFault(replicas.sandbox, "salesforce", "5xx_then_ok", { endpoint: "refresh" })
    expect(await token("salesforce")).toMatchObject({
      status: 200,
      body: { access_token: first.body.access_token },
    })
    expect(await token("salesforce")).toMatchObject({
      status: 200,
      body: { access_token: first.body.access_token },
    })
    expect(await refreshes("salesforce")).toBe(1)
    await replicas.moveClock(2 * secondMs)
    const renewed = await token("salesforce")
    expect(renewed.status).toBe(200)
    expect(renewed.body.access_token).not.toBe(first.body.access_token)
  })
})
