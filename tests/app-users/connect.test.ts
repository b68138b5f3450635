/** An app user connects an own account: CONTRACT section 5. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import {
  allowOrigins,
  backOf,
  connectUser,
  createConnector,
  createUser,
  initiateFor,
  statusFor,
  type TestUser,
  tokenFor,
  tokenOfUser,
  userPath,
} from "../harness/app-users.ts"
import { TestBrowser } from "../harness/browser.ts"
import { consent } from "../harness/connect.ts"
import { liveTokens, moveClock, requestsTo, resetSandbox, setClient, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { click, decideAt, formOf } from "../authorization/steps.ts"

const type = "googlecalendar"
const dayMs = 24 * 3_600_000
const patience = { timeout: 12_000 }
const page = "https://app.example/settings?tab=2#top"

describe.each(databases)("app users' connections on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let connector: string
  let user: TestUser
  // A person of each test's own: a grant that another connection lives on would not be revoked.
  let ada: string
  let grace: string
  let tests = 0

  beforeAll(async () => {
    server = await startTestServer({ database })
  })
  beforeEach(async () => {
    tests += 1
    ada = `ada${tests}@example.com`
    grace = `grace${tests}@example.com`
    app = await createApp(server.url, `App ${tests}`)
    connector = await createConnector(server.url, { integration_type: type })
    user = await createUser(server.url, app, { email: `user${tests}@app.example`, name: "Uma User" })
    await allowOrigins(server.url, app, ["https://app.example"])
  })
  afterAll(() => server.destroy())

  const connect = (choice = {}) => connectUser(server.url, app, user, connector, { account: ada, ...choice })
  const token = () => tokenFor(server.url, app, user, connector)
  const status = async () => (await statusFor(server.url, app, user, connector)).body
  const disconnect = (as: TestUser = user) =>
    call(server.url, "DELETE", userPath(app, connector), { as: { bearer: as.token } })

  test("initiate answers our connect page, which names the app, the service and the account that asked", async () => {
    const begun = await initiateFor(server.url, app, user, connector)
    expect(begun).toMatchObject({ status: 200, body: { already_authorized: false } })
    expect(Object.keys(begun.body).sort()).toEqual(["already_authorized", "connection_id", "redirect_url"])
    expect(begun.body.redirect_url).toMatch(`${server.url}/connect/`)
    const { html } = await new TestBrowser().open(begun.body.redirect_url)
    for (const named of [`App ${tests}`, "Google Calendar", `user${tests}@app.example (Uma User)`])
      expect(html).toContain(named)
    expect(html).toContain("If somebody else sent you this link")
  })

  test("a body may be left out, be empty, or hold null", async () => {
    for (const body of [undefined, null, {}, { return_to: null, connection_config: null, login_hint: null }])
      expect((await initiateFor(server.url, app, user, connector, { body })).status).toBe(200)
  })

  test("after consent both of the backend's calls get the user's token, and nobody else's", async () => {
    await connect()
    const other = await createUser(server.url, app)
    const got = await token()
    expect(got).toMatchObject({
      status: 200,
      body: { integration_type: type, account: { label: ada }, missing_scopes: [] },
    })
    expect(got.headers.get("cache-control")).toBe("no-store")
    expect(await tokenOfUser(server.url, app, user.id, connector)).toMatchObject({
      status: 200,
      body: got.body,
    })
    for (const refused of [
      await tokenFor(server.url, app, other, connector),
      await tokenOfUser(server.url, app, other.id, connector),
    ]) {
      expect(refused.status).toBe(404)
      expect(refused.body.detail).toMatch(/^No active connection/)
      expect(refused.headers.get("x-base44-connector-error")).toBe("not_found")
    }
  })

  test("the same user id in a sibling app is another user", async () => {
    await connect()
    const sibling = await createApp(server.url, "Sibling")
    const namesake = await createUser(server.url, sibling, { user_id: user.id })
    expect((await tokenFor(server.url, sibling, namesake, connector)).status).toBe(404)
    expect((await tokenOfUser(server.url, sibling, user.id, connector)).status).toBe(404)
    expect((await statusFor(server.url, sibling, namesake, connector)).body["status"]).toBe("not_connected")
  })

  test("ids in a path are percent-decoded exactly once", async () => {
    const names = ["a/b", "a%2Fb", "ü ?#"]
    for (const [index, user_id] of names.entries()) {
      const odd = await createUser(server.url, app, { user_id })
      const account = `odd${index}-${tests}@example.com`
      await connectUser(server.url, app, odd, connector, { account })
    }
    const accounts = await Promise.all(
      names.map(async (name) => (await tokenOfUser(server.url, app, name, connector)).body.account?.label),
    )
    expect(new Set(accounts).size).toBe(3)
  })

  test("status says not connected, connected, reconnect required, and never a token", async () => {
    expect(await status()).toEqual({ status: "not_connected", account: null, scopes: [], missing_scopes: [] })
    await connect()
    expect(await status()).toMatchObject({ status: "connected", account: { label: ada }, missing_scopes: [] })
    const asService = await call(server.url, "GET", userPath(app, connector, "/status"), {
      as: { bearer: app.serviceKey },
      headers: { "on-behalf-of": `Bearer ${user.token}` },
    })
    expect(asService.body).toEqual(await status())
    await setFault(server.url, type, "invalid_grant")
    await moveClock(server.url, dayMs)
    user = await createUser(server.url, app, { user_id: user.id })
    expect(await token()).toMatchObject({ status: 409, body: { code: "RECONNECT_REQUIRED" } })
    expect((await token()).body).not.toHaveProperty("reconnect_url")
    expect(await status()).toMatchObject({ status: "reconnect_required", account: { label: ada } })
    await disconnect()
    expect(await status()).toEqual({ status: "not_connected", account: null, scopes: [], missing_scopes: [] })
  })

  test("an unknown connector is 404 with the contract's words, and audited", async () => {
    const unknown = "con_00000000000000000000000000"
    const refused = await initiateFor(server.url, app, user, unknown)
    expect(refused).toMatchObject({
      status: 404,
      body: { code: "NOT_FOUND", detail: "Connector authorization not configured" },
    })
    expect((await statusFor(server.url, app, user, unknown)).status).toBe(404)
    expect((await tokenFor(server.url, app, user, unknown)).status).toBe(404)
  })

  test("reconnecting keeps the connection's id, also after a disconnect", async () => {
    const first = await connect()
    const again = await connect()
    await disconnect()
    const third = await connect()
    expect([again.connectionId, third.connectionId]).toEqual([first.connectionId, first.connectionId])
    expect((await token()).status).toBe(200)
  })

  test("what the user unticks is stored and shown, and a reconnect mends it", async () => {
    const connectorId = await createConnector(server.url, {
      integration_type: type,
      scopes: [
        "https://www.googleapis.com/auth/calendar.readonly",
        "https://www.googleapis.com/auth/calendar.events",
      ],
    })
    const missing = "https://www.googleapis.com/auth/calendar.events"
    await connectUser(server.url, app, user, connectorId, { account: ada, untick: [missing] })
    const partial = (await statusFor(server.url, app, user, connectorId)).body
    expect(partial).toMatchObject({ status: "connected", missing_scopes: [missing] })
    expect((await tokenFor(server.url, app, user, connectorId)).body.missing_scopes).toEqual([missing])
    await connectUser(server.url, app, user, connectorId, { account: ada })
    expect((await statusFor(server.url, app, user, connectorId)).body["missing_scopes"]).toEqual([])
  })

  test("scopes come from the connector, whatever the request names", async () => {
    const evil = "https://www.googleapis.com/auth/drive"
    const begun = await initiateFor(server.url, app, user, connector, {
      body: { scopes: [evil], scope: evil, integration_scopes: [evil] },
    })
    const away = await click(new TestBrowser(), begun.body.redirect_url)
    expect(away.searchParams.get("scope")).not.toContain("auth/drive")
  })

  test("login_hint reaches a provider that takes one", async () => {
    const begun = await initiateFor(server.url, app, user, connector, { body: { login_hint: ada } })
    const away = await click(new TestBrowser(), begun.body.redirect_url)
    expect(away.searchParams.get("login_hint")).toBe(ada)
  })

  test("with a page to return to, the final page leads there with the outcome, and keeps the rest of its address", async () => {
    const begun = await initiateFor(server.url, app, user, connector, { body: { return_to: page } })
    const final = await consent(begun.body.redirect_url, { account: ada })
    const back = backOf(final)
    expect(back?.url.href).toBe(
      `https://app.example/settings?tab=2&connector=${connector}&connection_id=${begun.body.connection_id}&status=connected#top`,
    )
    expect(back).toMatchObject({
      leaves: true,
      origin: "https://app.example",
      message: {
        source: "grantry",
        type: "connect",
        connector,
        connection_id: begun.body.connection_id,
        status: "connected",
      },
    })
    expect(await status()).toMatchObject({ status: "connected" })
    expect(final.headers.get("content-security-policy")).toMatch(/script-src 'sha256-[\w+/=]+';/)
    expect(final.headers.get("cross-origin-opener-policy")).toBe("unsafe-none")
    expect(final.headers.get("referrer-policy")).toBe("no-referrer")
  })

  test("without one the page of the SDK is used, where its origin is registered, else nothing", async () => {
    const from = async (origin: string) => {
      const headers = { "x-origin-url": origin }
      const begun = await initiateFor(server.url, app, user, connector, { headers })
      expect(begun.status).toBe(200)
      return backOf(await consent(begun.body.redirect_url, { account: ada }))?.url.origin
    }
    expect(await from(page)).toBe("https://app.example")
    expect(await from("https://evil.example/settings")).toBeUndefined()
    const plain = await connect()
    expect(backOf(plain.page)).toBeUndefined()
    expect(plain.page.html).toContain("You can close this window")
    expect(plain.page.headers.get("content-security-policy")).not.toContain("script-src")
  })

  test("an origin that is taken from the list meanwhile is not returned to", async () => {
    const begun = await initiateFor(server.url, app, user, connector, { body: { return_to: page } })
    await allowOrigins(server.url, app, [])
    const final = await consent(begun.body.redirect_url, { account: ada })
    expect(final.status).toBe(200)
    expect(backOf(final)).toBeUndefined()
  })

  test("a denied consent tells the app, and its page stays with the provider's words", async () => {
    const begun = await initiateFor(server.url, app, user, connector, { body: { return_to: page } })
    const final = await consent(begun.body.redirect_url, { deny: true })
    expect(final.status).toBe(400)
    expect(final.html).toContain("access_denied")
    expect(final.html).toContain(`/api/external-auth/callback/${connector}`)
    const back = backOf(final)
    expect(back).toMatchObject({
      leaves: false,
      message: { status: "error", error: "AUTHORIZATION_DENIED", connector },
    })
    expect(back?.url.searchParams.get("error")).toBe("AUTHORIZATION_DENIED")
    expect(await status()).toMatchObject({ status: "not_connected" })
  })

  test("another account asks first; replace leads back connected, keep leads back with the old one", async () => {
    await connect()
    const ask = async () => {
      const browser = new TestBrowser()
      const begun = await initiateFor(server.url, app, user, connector, { body: { return_to: page } })
      const callback = await decideAt(browser, await click(browser, begun.body.redirect_url), {
        account: grace,
      })
      return { browser, question: await browser.open(callback.href) }
    }
    const kept = await ask()
    expect(kept.question.html).toContain(ada)
    expect(kept.question.html).toContain(grace)
    const keep = await kept.browser.submit(kept.question, formOf(kept.question), { answer: "keep" })
    expect(backOf(keep)).toMatchObject({
      leaves: false,
      message: { status: "error", error: "ACCOUNT_CHANGED" },
    })
    expect(await status()).toMatchObject({ account: { label: ada } })
    const asked = await ask()
    const replaced = await asked.browser.submit(asked.question, formOf(asked.question), { answer: "replace" })
    expect(backOf(replaced)).toMatchObject({ leaves: true, message: { status: "connected" } })
    expect(await status()).toMatchObject({ account: { label: grace } })
  })

  test("disconnecting answers with a receipt, and a second time that there is nothing", async () => {
    await connect()
    expect(await disconnect(await createUser(server.url, app))).toMatchObject({ status: 404 })
    expect((await disconnect()).body).toEqual({
      status: "disconnected",
      connector_id: connector,
      revoked: "revoked",
    })
    expect((await token()).status).toBe(404)
    expect(await disconnect()).toMatchObject({
      status: 404,
      body: { code: "NOT_FOUND", detail: "No active connection found for this connector" },
    })
  })

  test("a disconnect during a refresh that hangs wins, and what the refresh got is revoked", async () => {
    await resetSandbox(server.url)
    // With rotation, Slack ends each token by itself: a late token that nobody revokes would live on.
    await setClient(server.url, "slack", { rotation: true })
    const slack = await createConnector(server.url, { integration_type: "slack" })
    await connectUser(server.url, app, user, slack, { account: ada })
    await moveClock(server.url, dayMs)
    user = await createUser(server.url, app, { user_id: user.id })
    await setFault(server.url, "slack", "slow", { endpoint: "refresh", delay_ms: 2_500 })
    const waiting = tokenFor(server.url, app, user, slack)
    await expect.poll(() => requestsTo(server.url, "slack", "refresh"), patience).toHaveLength(1)
    const ended = await call(server.url, "DELETE", userPath(app, slack), { as: { bearer: user.token } })
    expect(ended).toMatchObject({ status: 200, body: { revoked: "revoked" } })
    expect((await tokenFor(server.url, app, user, slack)).status).toBe(404)
    expect(await liveTokens(server.url, "slack")).not.toEqual([])
    expect(await waiting).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } })
    await expect.poll(() => liveTokens(server.url, "slack"), patience).toEqual([])
  })

  test("the user's list holds what is connected, by page", async () => {
    const connectors = [connector]
    for (const integration_type of ["notion", "slack"])
      connectors.push(await createConnector(server.url, { integration_type }))
    for (const id of connectors) await connectUser(server.url, app, user, id)
    const path = `/api/apps/${app.id}/app-user-auth/connections`
    const as = { bearer: user.token }
    const list = async (query = "") =>
      (
        await call<{ connections: Record<string, unknown>[]; next_cursor: string | null }>(
          server.url,
          "GET",
          path + query,
          { as },
        )
      ).body
    const all = await list()
    expect(new Set(all.connections.map((one) => one["connector_id"]))).toEqual(new Set(connectors))
    expect(all.next_cursor).toBeNull()
    expect(all.connections.find((one) => one["connector_id"] === connector)).toMatchObject({
      integration_type: type,
      display_name: "Google Calendar",
      status: "connected",
      missing_scopes: [],
    })
    const first = await list("?limit=2")
    const rest = await list(`?limit=2&cursor=${first.next_cursor}`)
    expect([...first.connections, ...rest.connections]).toEqual(all.connections)
    expect(rest.next_cursor).toBeNull()
    await disconnect()
    expect((await list()).connections).toHaveLength(2)
    for (const bad of ["?limit=0", "?limit=201", "?cursor=x", `?cursor=${btoa('["a","b","c"]')}`])
      expect((await call(server.url, "GET", path + bad, { as })).status).toBe(400)
  })
})
