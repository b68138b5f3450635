/** SECURITY.md lines 1 to 7, 10 and 20 for app users: nothing is attached to whom it does not belong, nothing leaves. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import {
  allowOrigins,
  backOf,
  createConnector,
  createUser,
  initiateFor,
  statusFor,
  type TestUser,
  tokenFor,
  tokenOfUser,
  userPath,
  workspaceOf,
} from "../harness/app-users.ts"
import { TestBrowser } from "../harness/browser.ts"
import { consent } from "../harness/connect.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { click, decideAt, formOf, tokenCalls } from "../authorization/steps.ts"
import { addMember, withStorage } from "./with-storage.ts"

const type = "googlecalendar"
const page = "https://app.example/settings"

/** Each of them leads, by some reader's account, somewhere else than to https://app.example. */
const evasions = [
  "//app.example",
  "//evil.example",
  "/settings",
  "settings",
  "https://app.example@evil.example",
  "https://user:secret@app.example/",
  "https://app.example\\@evil.example/",
  "https:\\\\app.example/",
  "https://app.example%2f@evil.example/",
  "https://app.example%2eevil.example/",
  "https://app\u3002example/",
  "https://app\uff0eexample/",
  "https://\u0430pp.example/",
  "https://app.example.evil.example/",
  "https://sub.app.example/",
  "https://app.example./",
  "https://app.example:8443/",
  "http://app.example/",
  "javascript:alert(document.domain)",
  "javascript://app.example/%0aalert(1)",
  "data:text/html,x",
  "https://app.example/\r\nSet-Cookie: a=b",
  "https://app.example/\tx",
  " https://app.example/",
  "https://evil.example/?https://app.example/",
  "",
]

describe.each(databases)("attacks on app users' connections on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let connector: string
  let user: TestUser
  let tests = 0

  beforeAll(async () => {
    server = await startTestServer({ database })
  })
  beforeEach(async () => {
    tests += 1
    app = await createApp(server.url)
    connector = await createConnector(server.url, { integration_type: type })
    user = await createUser(server.url, app)
    await allowOrigins(server.url, app, ["https://app.example"])
  })
  afterAll(() => server.destroy())

  const account = () => `ada${tests}@example.com`
  const initiate = (options = {}) => initiateFor(server.url, app, user, connector, options)
  const status = async (of: TestUser = user) =>
    (await statusFor(server.url, app, of, connector)).body["status"]

  /** What the database holds of this test's app. */
  async function stored() {
    const workspaceId = await workspaceOf(server.url)
    return withStorage(server, async (storage) => ({
      attempts: (await storage.attempts.listStale(Number.MAX_SAFE_INTEGER, 1_000)).filter(
        ({ appId }) => appId === app.id,
      ),
      events: await storage.audit.list(workspaceId, { appId: app.id, limit: 200 }),
    }))
  }

  test("return_to is a page of a registered origin and nothing else: refused, nothing stored, audited", async () => {
    for (const return_to of evasions) {
      const refused = await initiate({ body: { return_to } })
      expect([return_to, refused.status, refused.body.code]).toEqual([return_to, 400, "INVALID_REQUEST"])
      expect(refused.body.detail).toContain("return_to")
    }
    const { attempts, events } = await stored()
    expect(attempts).toEqual([])
    const refusals = events.filter(
      ({ action, outcome }) => action === "connection.connect" && outcome === "INVALID_REQUEST",
    )
    // All but the empty one, which is malformed before anybody asks where it leads.
    expect(refusals).toHaveLength(evasions.length - 1)
    expect(refusals[0]).toMatchObject({ actor: `app_user:${user.id}`, target: connector })
  })

  test("a page that only the X-Origin-URL header names is used or left aside, and never refused", async () => {
    // Spaces around a header are no part of it.
    for (const origin of evasions.filter((one) => /^[\x21-\x7e]*$/.test(one))) {
      const begun = await initiate({ headers: { "x-origin-url": origin } })
      expect(begun.status).toBe(200)
      expect(backOf(await consent(begun.body.redirect_url, { account: account() }))).toBeUndefined()
    }
  })

  test("an unknown connector, another workspace's and a config value that leaves its host store nothing and are audited", async () => {
    const stranger = await addMember(server, null)
    const foreign = await call<{ id: string }>(
      server.url,
      "POST",
      `/api/workspace/${stranger.workspaceId}/connectors`,
      { as: stranger.as, body: { integration_type: type, name: "theirs" } },
    )
    const unknown = await initiateFor(server.url, app, user, "con_00000000000000000000000000")
    const theirs = await initiateFor(server.url, app, user, foreign.body.id)
    expect(unknown.status).toBe(404)
    expect({ ...theirs.body, request_id: "" }).toEqual({ ...unknown.body, request_id: "" })

    const salesforce = await createConnector(server.url, { integration_type: "salesforce" })
    for (const my_domain of ["evil.example", "a@evil.example", "acme.evil.example/#", "..", "x\r\ny"]) {
      const body = { connection_config: { my_domain } }
      const refused = await initiateFor(server.url, app, user, salesforce, { body })
      expect([my_domain, refused.status, refused.body.code]).toEqual([my_domain, 400, "INVALID_REQUEST"])
    }
    const { attempts, events } = await stored()
    expect(attempts).toEqual([])
    const outcomes = events.filter(({ action }) => action === "connection.connect").map((one) => one.outcome)
    expect(outcomes.filter((one) => one === "NOT_FOUND")).toHaveLength(2)
    expect(outcomes.filter((one) => one === "INVALID_REQUEST")).toHaveLength(5)
  })

  test("another browser's callback is refused before any token call, is not led to the app, and is audited", async () => {
    const callsBefore = await tokenCalls(server.url, type)
    const begun = await initiate({ body: { return_to: page } })
    const browser = new TestBrowser()
    const callback = await decideAt(browser, await click(browser, begun.body.redirect_url), {
      account: account(),
    })
    const stranger = new TestBrowser()
    await stranger.open(begun.body.redirect_url)
    const refused = await stranger.open(callback.href)
    expect(refused.status).toBe(400)
    expect(refused.html).toContain("AUTHORIZATION_REFUSED")
    expect(refused.html).not.toContain("app.example")
    expect((await browser.open(callback.href)).status).toBe(400)
    expect(await tokenCalls(server.url, type)).toBe(callsBefore)
    expect(await status()).toBe("not_connected")
    expect((await stored()).events).toContainEqual(
      expect.objectContaining({
        actor: `app_user:${user.id}`,
        action: "connection.connect",
        outcome: "AUTHORIZATION_REFUSED",
      }),
    )
  })

  test("of fifty callbacks at once one proceeds, with exactly one token call", async () => {
    const callsBefore = await tokenCalls(server.url, type)
    const begun = await initiate()
    const browser = new TestBrowser()
    const callback = await decideAt(browser, await click(browser, begun.body.redirect_url), {
      account: account(),
    })
    const pages = await Promise.all(Array.from({ length: 50 }, () => browser.request(callback.href)))
    expect(pages.filter((one) => one.status === 200)).toHaveLength(1)
    expect(pages.filter((one) => one.status === 400)).toHaveLength(49)
    expect(await tokenCalls(server.url, type)).toBe(callsBefore + 1)
    expect(await status()).toBe("connected")
  })

  test("a link that another user began attaches nothing to whoever opens it", async () => {
    const attacker = await createUser(server.url, app, { email: "attacker@evil.example" })
    const begun = await initiateFor(server.url, app, attacker, connector)
    const connectPage = await new TestBrowser().open(begun.body.redirect_url)
    expect(connectPage.html).toContain("attacker@evil.example")
    await consent(begun.body.redirect_url, { account: account() })
    expect(await status()).toBe("not_connected")
    expect((await tokenFor(server.url, app, user, connector)).status).toBe(404)
  })

  test("a name that looks like somebody else's address does not hide the user's own", async () => {
    const attacker = await createUser(server.url, app, {
      email: "attacker@evil.example",
      name: "victim@app.example\u202e <script>alert(1)</script>",
    })
    const begun = await initiateFor(server.url, app, attacker, connector)
    const { html } = await new TestBrowser().open(begun.body.redirect_url)
    expect(html).toContain("attacker@evil.example (victim@app.example")
    expect(html).not.toMatch(/<script|\u202e/)
  })

  test("tokens of another app's users, forged ones and none are refused on every call of the user's", async () => {
    const sibling = await createApp(server.url)
    const namesake = await createUser(server.url, sibling, { user_id: user.id })
    const [header = "", payload = "", signature = ""] = user.token.split(".")
    const none = Buffer.from('{"alg":"none"}').toString("base64url")
    const forged = [
      namesake.token,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${Buffer.from('{"sub":"x"}').toString("base64url")}.${signature}`,
      "x.y.z",
      app.serviceKey.slice(0, -1),
    ]
    for (const token of forged) {
      const other = { id: user.id, token }
      expect((await initiateFor(server.url, app, other, connector)).status).toBe(401)
      expect((await statusFor(server.url, app, other, connector)).status).toBe(401)
      expect((await tokenFor(server.url, app, other, connector)).status).toBe(401)
      const as = { bearer: token }
      expect((await call(server.url, "DELETE", userPath(app, connector), { as })).status).toBe(401)
    }
    expect((await call(server.url, "GET", userPath(app, connector, "/token"), { as: null })).status).toBe(401)
    const asUser = await call(server.url, "GET", userPath(app, connector, "/token"), {
      as: { bearer: user.token },
    })
    expect(asUser).toMatchObject({ status: 403, body: { code: "SERVICE_TOKEN_REQUIRED" } })
  })

  test("a sibling app's service key gets none of the app's users' tokens, and learns nothing of them", async () => {
    await consent((await initiate()).body.redirect_url, { account: account() })
    const sibling = await createApp(server.url)
    const asSibling = { id: app.id, serviceKey: sibling.serviceKey }
    const known = await tokenOfUser(server.url, asSibling, user.id, connector)
    const unknown = await tokenOfUser(server.url, asSibling, "nobody", connector)
    expect(known.status).toBe(404)
    expect({ ...known.body, request_id: "" }).toEqual({ ...unknown.body, request_id: "" })
    expect((await tokenFor(server.url, asSibling, user, connector)).status).toBe(404)
    const users = await call(server.url, "GET", userPath(app, connector, "/users"), {
      as: { bearer: sibling.serviceKey },
    })
    expect(users.status).toBe(404)
  })

  test("the replace question is answered by the browser that was asked", async () => {
    await consent((await initiate()).body.redirect_url, { account: account() })
    const browser = new TestBrowser()
    const begun = await initiate()
    const callback = await decideAt(browser, await click(browser, begun.body.redirect_url), {
      account: `grace${tests}@example.com`,
    })
    const question = await browser.open(callback.href)
    const stranger = new TestBrowser()
    await stranger.open((await initiate()).body.redirect_url)
    const refused = await stranger.submit(question, formOf(question), { answer: "replace" })
    expect(refused.status).toBe(400)
    expect((await statusFor(server.url, app, user, connector)).body).toMatchObject({
      account: { label: account() },
    })
  })

  test("a stranger's installation beside an own state attaches nothing: only what the provider signed counts", async () => {
    const wix = await createConnector(server.url, { integration_type: "wix" })
    const upToCallback = async (as: string) => {
      const begun = await initiateFor(server.url, app, user, wix)
      const browser = new TestBrowser()
      const callback = await decideAt(browser, await click(browser, begun.body.redirect_url), { account: as })
      return { browser, callback }
    }
    const victims =
      (await upToCallback(`victim${tests}@example.com`)).callback.searchParams.get("instanceId") ?? ""
    const callsBefore = await tokenCalls(server.url, "wix")
    const forge = (signed: string): string => {
      const payload = Buffer.from(JSON.stringify({ instanceId: victims })).toString("base64url")
      return `${signed.split(".")[0]}.${payload}`
    }
    for (const bend of [
      (params: URLSearchParams) => params.delete("signedInstance"),
      (params: URLSearchParams) => params.set("signedInstance", forge(params.get("signedInstance") ?? "")),
    ]) {
      const { browser, callback } = await upToCallback(account())
      callback.searchParams.set("instanceId", victims)
      bend(callback.searchParams)
      const refused = await browser.open(callback.href)
      expect([refused.status, refused.html.includes("is not signed by")]).toEqual([400, true])
    }
    expect(await tokenCalls(server.url, "wix")).toBe(callsBefore)
    // Beside a genuine signature the unsigned value is not looked at.
    const { browser, callback } = await upToCallback(account())
    const own = callback.searchParams.get("instanceId") ?? ""
    callback.searchParams.set("instanceId", victims)
    expect((await browser.open(callback.href)).status).toBe(200)
    expect((await tokenFor(server.url, app, user, wix)).body.connection_config).toEqual({ instanceId: own })
  })
})
