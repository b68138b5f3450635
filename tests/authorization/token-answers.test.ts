/** SECURITY.md line 9: a token answer is judged before anything is stored. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent } from "../harness/connect.ts"
import { moveClock, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { begin, begunOf, declare, statusOf, upToCallback } from "./steps.ts"

const hourMs = 3_600_000
const google = (name: string) => `https://www.googleapis.com/auth/${name}`

describe.each(databases)("the answer to a code on %s", (database) => {
  let server: TestServer
  let app: TestApp
  const type = "googlecalendar"

  beforeAll(async () => {
    server = await startTestServer({ database, env: { GRANTRY_PROVIDER_TIMEOUT_MS: "1000" } })
  })
  beforeEach(async () => {
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  test.each(["garbage", "html_error", "5xx_then_ok", "rate_limited", "wrong_client", "hang"])(
    "%s connects nothing, leaves what was connected, and says what to do",
    async (fault) => {
      await connectShared(server.url, app, type)
      const old = (await fetchToken(server.url, app, type)).body
      const { browser, callback, connectionId } = await upToCallback(server.url, app, type, {
        body: { force_reconnect: true },
      })
      await setFault(server.url, type, fault, { endpoint: "token" })
      const page = await browser.open(callback.href)
      expect(page.status).toBe(400)
      expect(page.html).toContain("AUTHORIZATION_DENIED")
      expect(page.html).toContain("did not exchange the code")
      expect(await statusOf(server.url, app, type, connectionId)).toBe("FAILED")
      expect((await fetchToken(server.url, app, type)).body).toEqual(old)
    },
  )

  test("one without a refresh token keeps the stored one of the same account and the same scopes", async () => {
    await connectShared(server.url, app, type)
    const { link } = await begin(server.url, app, type, { force_reconnect: true })
    await setFault(server.url, type, "no_refresh_token", { endpoint: "token" })
    expect((await consent(link)).status).toBe(200)
    const reconnected = (await fetchToken(server.url, app, type)).body.access_token
    await moveClock(server.url, 2 * hourMs)
    const refreshed = await fetchToken(server.url, app, type)
    expect(refreshed.status).toBe(200)
    expect(refreshed.body.access_token).not.toBe(reconnected)
  })

  test("one without a refresh token for other scopes does not bring the old ones back", async () => {
    await consent(begunOf((await declare(server.url, app, type, { scopes: [google("calendar")] })).body).link)
    const { link } = begunOf(
      (await declare(server.url, app, type, { scopes: [google("calendar.readonly")] })).body,
    )
    await setFault(server.url, type, "no_refresh_token", { endpoint: "token" })
    expect((await consent(link)).status).toBe(200)
    expect((await fetchToken(server.url, app, type)).body.scopes).not.toContain(google("calendar"))
    await moveClock(server.url, 2 * hourMs)
    expect(await fetchToken(server.url, app, type)).toMatchObject({
      status: 409,
      body: { code: "RECONNECT_REQUIRED" },
    })
  })
})
