/** CONTRACT.md section 4: two members of one workspace and one shared connection. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, type Credential, fetchToken, type TestApp } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import { type BeginBody, connectShared, consent } from "../harness/connect.ts"
import { moveClock, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { addMember, type OtherMember } from "../security/with-storage.ts"
import { begin, begunOf, click, decideAt, declare, statusOf, upToCallback } from "./steps.ts"

const type = "googlecalendar"
const scopes = ["https://www.googleapis.com/auth/calendar.events"]

describe.each(databases)("colleagues on %s", (database) => {
  let server: TestServer
  let colleague: OtherMember
  let viewer: OtherMember
  let app: TestApp
  const initiateAs = async (as: Credential, body: Record<string, unknown> = {}) =>
    (
      await call<BeginBody>(server.url, "POST", `/api/apps/${app.id}/external-auth/initiate`, {
        as,
        body: { integration_type: type, ...body },
      })
    ).body

  beforeAll(async () => {
    server = await startTestServer({ database })
    const list = await call<{ workspaces: { id: string }[] }>(server.url, "GET", "/api/workspace/workspaces")
    const workspaceId = list.body.workspaces[0]?.id ?? ""
    colleague = await addMember(server, { workspaceId, role: "editor" })
    viewer = await addMember(server, { workspaceId, role: "viewer" })
  })
  beforeEach(async () => {
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  test("a colleague's active connection answers different_user with the address, and no link", async () => {
    const begun = await connectShared(server.url, app, type)
    const expected = {
      redirect_url: null,
      connection_id: begun.connection_id,
      already_authorized: false,
      error: "different_user",
      error_message: expect.stringContaining("owner@localhost"),
      other_user_email: "owner@localhost",
    }
    expect(await initiateAs(colleague.as)).toEqual(expected)
    expect((await declare(server.url, app, type, { scopes }, colleague.as)).body).toEqual(expected)
  })

  test("a colleague reads nothing of why a consent failed", async () => {
    const { browser, callback, connectionId } = await upToCallback(server.url, app, type, {
      choice: { deny: true },
    })
    await browser.open(callback.href)
    const query = `integration_type=${type}&connection_id=${connectionId}`
    const path = `/api/apps/${app.id}/external-auth/status?${query}`
    expect((await call(server.url, "GET", path)).body).toMatchObject({ error: "AUTHORIZATION_DENIED" })
    expect((await call(server.url, "GET", path, { as: colleague.as })).body).toEqual({ status: "PENDING" })
  })

  test("force_reconnect takes over, after consent and not before", async () => {
    await connectShared(server.url, app, type)
    const old = (await fetchToken(server.url, app, type)).body.access_token
    const begun = await initiateAs(colleague.as, { force_reconnect: true })
    expect((await fetchToken(server.url, app, type)).body.access_token).toBe(old)
    expect((await consent(begunOf(begun).link)).status).toBe(200)
    expect((await fetchToken(server.url, app, type)).body.access_token).not.toBe(old)
    expect(await initiateAs(colleague.as)).toMatchObject({ already_authorized: true })
    const owner = await call<BeginBody>(server.url, "POST", `/api/apps/${app.id}/external-auth/initiate`, {
      body: { integration_type: type },
    })
    expect(owner.body).toMatchObject({ error: "different_user", other_user_email: colleague.email })
  })

  test("a colleague's attempt reads PENDING, before and after it is complete", async () => {
    const browser = new TestBrowser()
    const { connectionId, link } = await begin(server.url, app, type)
    const asColleague = () => statusOf(server.url, app, type, connectionId, colleague.as)
    expect(await asColleague()).toBe("PENDING")
    const callback = await decideAt(browser, await click(browser, link))
    await browser.open(callback.href)
    expect(await statusOf(server.url, app, type, connectionId)).toBe("ACTIVE")
    expect(await asColleague()).toBe("PENDING")
  })

  test("a place that a colleague filled during the consent stays theirs, and their grant lives on", async () => {
    const browser = new TestBrowser()
    const slow = begunOf(await initiateAs(colleague.as))
    const callback = await decideAt(browser, await click(browser, slow.link))
    await connectShared(server.url, app, type)
    const token = (await fetchToken(server.url, app, type)).body.access_token
    const page = await browser.open(callback.href)
    expect(page).toMatchObject({ status: 409, html: expect.stringContaining("DIFFERENT_USER") })
    expect(await statusOf(server.url, app, type, slow.connectionId, colleague.as)).toBe("FAILED")
    // The same account at the same OAuth client is one grant: revoking the loser's token would end the winner's.
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    const url = `${server.url}/sandbox/${type}/openidconnect.googleapis.com/v1/userinfo`
    expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
  })

  test("of two who reconnect what has expired, the first keeps it; who takes over on purpose does", async () => {
    for (const force_reconnect of [false, true]) {
      app = await createApp(server.url)
      await connectShared(server.url, app, type)
      await setFault(server.url, type, "invalid_grant")
      await moveClock(server.url, 24 * 3_600_000)
      expect((await fetchToken(server.url, app, type)).status).toBe(409)
      const browser = new TestBrowser()
      const slow = begunOf(await initiateAs(colleague.as, { force_reconnect }))
      const callback = await decideAt(browser, await click(browser, slow.link))
      await connectShared(server.url, app, type)
      const page = await browser.open(callback.href)
      expect([force_reconnect, page.status]).toEqual([force_reconnect, force_reconnect ? 200 : 409])
    }
  })

  test("the connect page names the colleague who asked", async () => {
    const page = await new TestBrowser().open(begunOf(await initiateAs(colleague.as)).link)
    expect(page.html).toContain(colleague.email)
    expect(page.html).not.toContain("owner@localhost")
  })

  test("a colleague may disconnect, and then connect their own", async () => {
    await connectShared(server.url, app, type)
    const path = `/api/apps/${app.id}/external-auth/integrations/${type}`
    expect((await call(server.url, "DELETE", path, { as: colleague.as })).status).toBe(200)
    expect(await initiateAs(colleague.as)).toMatchObject({ error: null, redirect_url: expect.any(String) })
  })

  test("a viewer looks and changes nothing", async () => {
    const path = `/api/apps/${app.id}/external-auth`
    expect((await call(server.url, "GET", `${path}/list`, { as: viewer.as })).status).toBe(200)
    const refused = { status: 403, body: { code: "ROLE_REQUIRED" } }
    expect(
      await call(server.url, "POST", `${path}/initiate`, { as: viewer.as, body: { integration_type: type } }),
    ).toMatchObject(refused)
    expect(await declare(server.url, app, type, { scopes }, viewer.as)).toMatchObject(refused)
    expect(await call(server.url, "DELETE", `${path}/integrations/${type}`, { as: viewer.as })).toMatchObject(
      refused,
    )
    expect(
      await call(server.url, "DELETE", `${path}/integrations/${type}/remove`, { as: viewer.as }),
    ).toMatchObject(refused)
    expect(await call(server.url, "POST", "/api/apps", { as: viewer.as, body: { name: "x" } })).toMatchObject(
      refused,
    )
    expect(
      await call(server.url, "PUT", `/api/apps/${app.id}`, { as: viewer.as, body: { name: "x" } }),
    ).toMatchObject(refused)
    expect(await call(server.url, "DELETE", `/api/apps/${app.id}`, { as: viewer.as })).toMatchObject(refused)
    expect(
      await call(server.url, "POST", `/api/apps/${app.id}/service-keys`, {
        as: viewer.as,
        body: { name: "x" },
      }),
    ).toMatchObject(refused)
  })

  test("an editor connects accounts but neither registers connectors nor deletes apps", async () => {
    const refused = {
      status: 403,
      body: { code: "ROLE_REQUIRED", detail: expect.stringContaining("editor") },
    }
    const body = { integration_type: "slack", name: "x" }
    expect(
      await call(server.url, "POST", `/api/workspace/${colleague.workspaceId}/connectors`, {
        as: colleague.as,
        body,
      }),
    ).toMatchObject(refused)
    expect(await call(server.url, "DELETE", `/api/apps/${app.id}`, { as: colleague.as })).toMatchObject(
      refused,
    )
  })
})
