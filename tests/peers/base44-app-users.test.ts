/** The published SDK, unmodified: app users connect, backend code gets their tokens, they disconnect. */
import { createClient, createClientFromRequest } from "@base44/sdk"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { createApp, type TestApp } from "../harness/api.ts"
import {
  backOf,
  allowOrigins,
  createConnector,
  createUser,
  initiateFor,
  type TestUser,
  tokenFor,
} from "../harness/app-users.ts"
import { consent } from "../harness/connect.ts"
import { moveClock, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"

const type = "googlecalendar"
const dayMs = 24 * 3_600_000

describe.each(databases)("@base44/sdk 0.8.50 and app users on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let connector: string
  let user: TestUser
  beforeAll(async () => {
    server = await startTestServer({ database })
  })
  afterAll(() => server.destroy())
  beforeEach(async () => {
    // The SDK writes every refusal to the console.
    vi.spyOn(console, "error").mockImplementation(() => undefined)
    app = await createApp(server.url)
    connector = await createConnector(server.url, { integration_type: type })
    user = await createUser(server.url, app)
  })
  afterEach(() => void vi.restoreAllMocks())

  /** As in the app's page. */
  const inPage = (token = user.token) =>
    createClient({ serverUrl: server.url, appId: app.id, token, analytics: { enabled: false } }).connectors

  /** As in a backend function that the user's page called. */
  const inFunction = (token = user.token) =>
    createClientFromRequest(
      new Request("http://function.example/", {
        headers: {
          "Base44-App-Id": app.id,
          "Base44-Api-Url": server.url,
          "Base44-Service-Authorization": `Bearer ${app.serviceKey}`,
          Authorization: `Bearer ${token}`,
        },
      }),
    ).asServiceRole.connectors

  test("connectAppUser, getCurrentAppUserConnection, disconnectAppUser", async () => {
    const url = await inPage().connectAppUser(connector)
    expect(url).toMatch(`${server.url}/connect/`)
    expect((await consent(url, { account: "ada@example.com" })).status).toBe(200)
    const held = (await tokenFor(server.url, app, user, connector)).body.access_token
    expect(await inFunction().getCurrentAppUserConnection(connector)).toEqual({
      accessToken: held,
      connectionConfig: null,
    })
    expect(await inFunction().getCurrentAppUserAccessToken(connector)).toBe(held)
    await inPage().disconnectAppUser(connector)
    await expect(inFunction().getCurrentAppUserConnection(connector)).rejects.toMatchObject({
      status: 404,
      code: "NOT_FOUND",
      message: expect.stringMatching(/^No active connection/),
    })
    await expect(inPage().disconnectAppUser(connector)).rejects.toMatchObject({
      status: 404,
      message: "No active connection found for this connector",
    })
  })

  test("another user gets nothing of it", async () => {
    await consent(await inPage().connectAppUser(connector))
    const other = await createUser(server.url, app)
    await expect(inFunction(other.token).getCurrentAppUserConnection(connector)).rejects.toMatchObject({
      status: 404,
    })
  })

  test("a grant that the provider ended is 409 RECONNECT_REQUIRED, and connecting again mends it", async () => {
    await consent(await inPage().connectAppUser(connector))
    await setFault(server.url, type, "invalid_grant")
    await moveClock(server.url, dayMs)
    user = await createUser(server.url, app, { user_id: user.id })
    await expect(inFunction().getCurrentAppUserConnection(connector)).rejects.toMatchObject({
      status: 409,
      code: "RECONNECT_REQUIRED",
      message: expect.stringMatching(/^No active connection/),
    })
    await consent(await inPage().connectAppUser(connector))
    expect((await inFunction().getCurrentAppUserConnection(connector)).accessToken).not.toBe("")
  })

  test("a connector that does not exist, and a user who is none", async () => {
    await expect(inPage().connectAppUser("con_none")).rejects.toMatchObject({
      status: 404,
      message: "Connector authorization not configured",
    })
    await expect(inPage("no.jwt.here").connectAppUser(connector)).rejects.toMatchObject({ status: 401 })
  })

  test("the header that it sends in a browser leads back to the page it was on", async () => {
    await allowOrigins(server.url, app, ["https://app.example"])
    const headers = { "x-origin-url": "https://app.example/todos?list=1#open" }
    const begun = await initiateFor(server.url, app, user, connector, { headers })
    const back = backOf(await consent(begun.body.redirect_url))
    expect(back?.url.origin + (back?.url.pathname ?? "")).toBe("https://app.example/todos")
    expect(back?.url.searchParams.get("list")).toBe("1")
    expect(back?.url.hash).toBe("#open")
  })
})
