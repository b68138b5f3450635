import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { requestsTo, resetSandbox, setClient, setFault } from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { expectNoReuse } from "./invariants.ts"

const hourMs = 3_600_000
const timeoutMs = 1_500

describe.each(databases)("a provider in trouble, on %s", (database) => {
  let replicas: Replicas
  let url: string
  let app: TestApp
  beforeAll(async () => {
    const env = { GRANTRY_PROVIDER_TIMEOUT_MS: String(timeoutMs) }
    replicas = await startReplicas({ database, count: 1, catalog: testCatalog, env })
    url = replicas.first.url
  })
  afterAll(() => replicas.destroy())
  afterEach(() => expectNoReuse(replicas.sandbox))
  beforeEach(async () => {
    await resetSandbox(replicas.sandbox)
    app = await createApp(url)
  })

  const token = (type = "steady") => fetchToken(url, app, type)
  const refreshes = async (type = "steady") => (await requestsTo(replicas.sandbox, type, "refresh")).length
  const fault = (name: string, more: Record<string, unknown> = {}, type = "steady") =>
    setFault(replicas.sandbox, type, name, { endpoint: "refresh", ...more })

  /** What `list` shows of the app's one connection. */
  async function listed(): Promise<unknown> {
    const answer = await call<{ integrations: unknown[] }>(
      url,
      "GET",
      `/api/apps/${app.id}/external-auth/list`,
    )
    return answer.body.integrations[0]
  }

  async function connectedAndExpired(type = "steady"): Promise<string> {
    await connectShared(url, app, type)
    const before = await token(type)
    expect(before.status).toBe(200)
    await replicas.moveClock(2 * hourMs)
    return before.body.access_token
  }

  test.each(["invalid_grant", "refresh_reuse"])(
    "%s: 409 with the provider's word and since when, and no call after the one",
    async (name) => {
      await connectedAndExpired()
      const before = await refreshes()
      const since = Date.now()
      await fault(name)
      const refused = await token()
      expect(refused).toMatchObject({
        status: 409,
        body: { code: "RECONNECT_REQUIRED", provider_error: "invalid_grant" },
      })
      expect(refused.headers.get("x-base44-connector-error")).toBe("reconnect_required")
      expect(refused.body.detail).toMatch(/^No active connection.*invalid_grant: The refresh token /)
      const body = refused.body as unknown as { since: string }
      expect(refused.body.detail).toContain(body.since)
      expect(Date.parse(body.since)).toBeGreaterThan(since)
      expect(await listed()).toMatchObject({ status: "expired" })

      await replicas.moveClock(24 * hourMs)
      const again = await token()
      expect(again.status).toBe(409)
      expect((again.body as unknown as { since: string }).since).toBe(body.since)
      expect(await refreshes()).toBe(before + 1)

      await connectShared(url, app, "steady")
      expect((await token()).status).toBe(200)
      expect(await listed()).toMatchObject({ status: "active" })
    },
  )

  interface Passing {
    readonly name: string
    readonly more: Record<string, unknown>
    readonly words: RegExp
    readonly least: number
    readonly most: number
  }

  const passing: readonly Passing[] = [
    {
      name: "5xx_then_ok",
      more: {},
      words: /server_error: The service is unavailable for a moment\./,
      least: 1,
      most: 2,
    },
    { name: "garbage", more: {}, words: /HTTP 200: the answer is not a JSON object/, least: 1, most: 2 },
    { name: "html_error", more: {}, words: /HTTP 502/, least: 1, most: 2 },
    { name: "hang", more: {}, words: /did not answer within 1500 ms/, least: 1, most: 2 },
    { name: "rate_limited", more: { retry_after_s: 120 }, words: /rate_limited/, least: 118, most: 120 },
  ]

  test.each(passing)(
    "$name: 503 with Retry-After, one call per pause, then the same connection works again",
    async (row) => {
      const old = await connectedAndExpired()
      const before = await refreshes()
      await fault(row.name, row.more)
      const startedAt = performance.now()
      const refused = await token()
      expect(performance.now() - startedAt).toBeLessThan(timeoutMs + 5_000)
      expect(refused).toMatchObject({ status: 503, body: { code: "PROVIDER_UNAVAILABLE" } })
      expect(refused.headers.get("x-base44-connector-error")).toBe("provider_unavailable")
      expect(refused.body.detail).toMatch(row.words)
      const retryAfterS = Number(refused.headers.get("retry-after"))
      expect(retryAfterS).toBeGreaterThanOrEqual(row.least)
      expect(retryAfterS).toBeLessThanOrEqual(row.most)
      expect(await listed()).toMatchObject({ status: "active" })

      const impatient = await Promise.all(Array.from({ length: 20 }, () => token()))
      const outcomes = impatient.map(({ body, status }) => `${status} ${body.code}`)
      // A pause of a second may end while twenty callers ask.
      if (row.least > 1) expect(new Set(outcomes)).toEqual(new Set(["503 PROVIDER_UNAVAILABLE"]))
      expect(await refreshes()).toBeLessThanOrEqual(before + (row.least > 1 ? 1 : 2))

      await replicas.moveClock(retryAfterS * 1000)
      const recovered = await token()
      expect(recovered.status).toBe(200)
      expect(recovered.body.access_token).not.toBe(old)
      expect(await refreshes()).toBe(before + 2)
    },
  )

  test("a slow provider only makes the caller wait", async () => {
    const old = await connectedAndExpired()
    await fault("slow", { delay_ms: 700 })
    const answer = await token()
    expect(answer.status).toBe(200)
    expect(answer.body.access_token).not.toBe(old)
  })

  test("trouble that lasts is asked about ever more rarely: one call per pause, however many callers", async () => {
    await connectedAndExpired()
    const before = await refreshes()
    await fault("5xx_then_ok", { times: 100 })
    const pausesS: number[] = []
    for (let window = 0; window < 6; window += 1) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => token()))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
      const pauseS = Math.max(...answers.map(({ headers }) => Number(headers.get("retry-after"))))
      pausesS.push(pauseS)
      await replicas.moveClock(pauseS * 1000)
    }
    expect(await refreshes()).toBe(before + 6)
    const [shortest = 0] = pausesS
    expect(shortest).toBeLessThanOrEqual(2)
    expect(pausesS).toEqual(pausesS.toSorted((one, other) => one - other))
    // Doubled five times, less what the test itself took.
    expect(pausesS.at(-1)).toBeGreaterThanOrEqual(28)
  })

  test("while the token lives, failing refreshes are not seen by callers", async () => {
    await connectShared(url, app, "steady")
    const first = await token()
    await replicas.moveClock(hourMs - 4 * 60_000)
    await fault("5xx_then_ok", { times: 1000 })
    let seen = await refreshes()
    // A pause may begin a little later than the provider's answer: time goes on until the next refresh is tried.
    const readsOn = async () => {
      await replicas.moveClock(1_000)
      const answer = await token()
      expect(answer).toMatchObject({ status: 200, body: { access_token: first.body.access_token } })
      return refreshes()
    }
    for (let round = 0; round < 5; round += 1) {
      await expect.poll(readsOn, { timeout: 15_000, interval: 200 }).toBeGreaterThan(seen)
      seen = await refreshes()
      await replicas.moveClock(20_000)
    }
    expect(await listed()).toMatchObject({ status: "active" })
    await replicas.moveClock(4 * 60_000)
    expect((await token()).status).toBe(503)
  })

  test("a refresh answer that repeats the access token counts as a refresh", async () => {
    const old = await connectedAndExpired()
    const before = await refreshes()
    await fault("same_token_on_refresh")
    const answer = await token()
    expect(answer).toMatchObject({ status: 200, body: { access_token: old } })
    expect(await token()).toMatchObject({ status: 200, body: { access_token: old } })
    expect(await refreshes()).toBe(before + 1)
  })

  test("a refresh answer without a refresh token keeps the old one", async () => {
    const old = await connectedAndExpired("rotating")
    await fault("no_refresh_token", {}, "rotating")
    const second = await token("rotating")
    expect(second.status).toBe(200)
    expect(second.body.access_token).not.toBe(old)
    await replicas.moveClock(2 * hourMs)
    const third = await token("rotating")
    expect(third.status).toBe(200)
    expect(third.body.access_token).not.toBe(second.body.access_token)
  })

  test("a grant that came without a refresh token works until it expires, and then says what is missing", async () => {
    await setFault(replicas.sandbox, "steady", "no_refresh_token", { endpoint: "token" })
    await connectShared(url, app, "steady")
    await replicas.moveClock(hourMs - 60_000)
    const before = await refreshes()
    expect((await token()).status).toBe(200)
    await replicas.moveClock(60_000)
    const refused = await token()
    expect(refused).toMatchObject({
      status: 409,
      body: { code: "RECONNECT_REQUIRED", provider_error: "no_refresh_token" },
    })
    expect(refused.body.detail).toContain("never gave a refresh token")
    expect(await refreshes()).toBe(before)
  })

  test("a person who grants less is connected, and every answer names what is missing", async () => {
    await setFault(replicas.sandbox, "steady", "partial_scopes", { endpoint: "token" })
    await connectShared(url, app, "steady")
    const answer = await token()
    expect(answer.status).toBe(200)
    expect(answer.body.missing_scopes).not.toEqual([])
    expect([...answer.body.scopes, ...answer.body.missing_scopes].sort()).toEqual(["read", "write"])
  })

  test("a client that the provider rejects is named, its connection stays, and accepts again by itself", async () => {
    await connectedAndExpired()
    const before = await refreshes()
    await fault("wrong_client")
    const refused = await token()
    expect(refused).toMatchObject({ status: 503, body: { code: "OAUTH_CLIENT_REJECTED" } })
    expect(refused.headers.get("x-base44-connector-error")).toBe("oauth_client_rejected")
    expect(refused.body.detail).toMatch(/rejects the sandbox's OAuth client.*invalid_client/)
    expect(await listed()).toMatchObject({ status: "active" })
    expect((await token()).status).toBe(503)
    expect(await refreshes()).toBe(before + 1)
    await replicas.moveClock(Number(refused.headers.get("retry-after")) * 1000)
    expect((await token()).status).toBe(200)
  })

  test("an answer that was lost after a rotation within the provider's grace is asked for again", async () => {
    await setClient(replicas.sandbox, "rotating", { reuse_grace_s: 60 })
    await connectedAndExpired("rotating")
    await fault("hang", {}, "rotating")
    const refused = await token("rotating")
    expect(refused.status).toBe(503)
    await replicas.moveClock(Number(refused.headers.get("retry-after")) * 1000)
    expect((await token("rotating")).status).toBe(200)
  })
})
