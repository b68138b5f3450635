/** Airtable and Box answer 409 to a refresh beside another of the same token: that is trouble and no death. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { callProvider, moveClock, requestsTo, resetSandbox, setFault } from "../harness/sandbox.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"

const hourMs = 3_600_000

describe("a refresh whose answer got lost", () => {
  let server: TestServer
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database: "sqlite", env: { GRANTRY_PROVIDER_TIMEOUT_MS: "1500" } })
  })
  afterAll(() => server.destroy())
  beforeEach(async () => {
    await resetSandbox(server.url)
    app = await createApp(server.url)
  })

  /** The provider has carried out a refresh and its answer never came. */
  async function loseAnswer(type: string): Promise<void> {
    await connectShared(server.url, app, type)
    await moveClock(server.url, 2 * hourMs)
    await setFault(server.url, type, "hang", { endpoint: "refresh" })
    expect(await fetchToken(server.url, app, type)).toMatchObject({
      status: 503,
      body: { code: "PROVIDER_UNAVAILABLE" },
    })
  }

  const status = async () => {
    const path = `/api/apps/${app.id}/external-auth/list`
    const { body } = await call<{ integrations: { status: string }[] }>(server.url, "GET", path)
    return body.integrations[0]?.status
  }
  const refreshStatuses = async (type: string) =>
    (await requestsTo(server.url, type, "refresh")).map((request) => request["status"])

  test("collides at Airtable, which is no death; death is what the provider says afterwards", async () => {
    await loseAnswer("airtable")
    await moveClock(server.url, 1300)
    const collided = await fetchToken(server.url, app, "airtable")
    expect(collided).toMatchObject({ status: 503, body: { code: "PROVIDER_UNAVAILABLE" } })
    expect(await refreshStatuses("airtable")).toEqual([200, 409])
    expect(await status()).toBe("active")
    await moveClock(server.url, 60_000)
    expect(await fetchToken(server.url, app, "airtable")).toMatchObject({
      status: 409,
      body: { code: "RECONNECT_REQUIRED", provider_error: "invalid_grant" },
    })
    expect(await status()).toBe("expired")
  })

  test("is repeated at Box, which gives the same pair again", async () => {
    await loseAnswer("box")
    await moveClock(server.url, 1300)
    const { body, status: found } = await fetchToken(server.url, app, "box")
    expect(found).toBe(200)
    expect(await refreshStatuses("box")).toEqual([200, 200])
    const me = "https://api.box.com/2.0/users/me"
    expect(await callProvider(server.url, "box", me, body.access_token)).toBe(200)
    await moveClock(server.url, 2 * hourMs)
    expect((await fetchToken(server.url, app, "box")).status).toBe(200)
  })
})
