/** What strangers can put into a page is shown as text, and config values stay in their place. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import { requestsTo } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { begin, click, declare, formOf, statusOf, upToCallback } from "./steps.ts"

const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;`

/** Values that must not lead a browser, a code or a secret anywhere but to the provider. */
const badHosts = [
  "evil.com",
  "acme.salesforce.com.evil.com",
  "acme.evil.com/#.salesforce.com",
  "acme.evil.com?.salesforce.com",
  "user@evil.com",
  "a@b.salesforce.com",
  "..",
  "../..",
  "%2e%2e",
  "a%2eb.salesforce.com",
  "a\r\nHost: evil.com",
  "a.salesforce.com\u0000",
  "acme\u3002salesforce.com",
  "\u0430cme.salesforce.com",
  "-acme.salesforce.com",
  "acme-.salesforce.com",
  "xn--80ak6aa92e.salesforce.com",
  `${"a".repeat(64)}.salesforce.com`,
  "https://acme.salesforce.com",
  "acme.salesforce.com:8080",
  "acme.salesforce.com\\@evil.com",
  "evilsalesforce.com",
  "acme.lightning.force.com",
  "127.0.0.1",
  "[::1]",
  hostile,
]

describe.each(databases)("hostile text on %s", (database) => {
  let server: TestServer
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database })
  })
  beforeEach(async () => {
    app = await createApp(server.url, hostile)
  })
  afterAll(() => server.destroy())

  test("an app's name is shown as text on every page", async () => {
    const { browser, callback, link } = await upToCallback(server.url, app, "notion", {
      choice: { account: "ada@example.com" },
    })
    const pages = [await browser.open(link), await browser.open(callback.href)]
    const again = await upToCallback(server.url, app, "notion", {
      body: { force_reconnect: true },
      choice: { account: "grace@example.com" },
    })
    pages.push(await again.browser.open(again.callback.href))
    for (const page of pages) {
      expect(page.html).not.toMatch(/<script|<img/)
      expect(page.html).toContain("&lt;script&gt;")
    }
  })

  test("a provider's error is shown as text, without what looks like a secret, and cut", async () => {
    const { browser, callback } = await upToCallback(server.url, app, "notion", { choice: { deny: true } })
    callback.searchParams.set("error", "access_denied")
    callback.searchParams.set(
      "error_description",
      `${hostile} token=xoxb-1234567890-abcdefGHIJKLMNOP0987 ${"long ".repeat(500)}`,
    )
    const page = await browser.open(callback.href)
    expect(page.status).toBe(400)
    expect(page.html).not.toMatch(/<script|<img/)
    expect(page.html).toContain("&lt;script&gt;")
    expect(page.html).not.toContain("abcdefGHIJKLMNOP0987")
    expect(page.html.length).toBeLessThan(8_000)
  })

  test("a denied consent shows the provider's word and the redirect URI that was sent, and reads FAILED", async () => {
    const { browser, callback, connectionId } = await upToCallback(server.url, app, "googlecalendar", {
      choice: { deny: true },
    })
    const page = await browser.open(callback.href)
    expect(page.status).toBe(400)
    expect(page.html).toContain("Google Calendar said: access_denied")
    expect(page.html).toContain(`<pre>${server.url}/api/external-auth/callback/sandbox-googlecalendar</pre>`)
    expect(page.html).toContain("AUTHORIZATION_DENIED")
    expect(await requestsTo(server.url, "googlecalendar", "token")).toEqual([])
    expect(await statusOf(server.url, app, "googlecalendar", connectionId)).toBe("FAILED")
  })

  test("the connect page asks for config values and takes good ones to the provider", async () => {
    const browser = new TestBrowser()
    const { link } = await begin(server.url, app, "salesforce")
    const page = await browser.open(link)
    expect(page.html).toContain('name="config.hostname"')
    expect(page.html).toContain('value="login.salesforce.com"')
    const sent = await click(browser, link, { "config.hostname": " Acme.my.Salesforce.com " })
    expect(sent.pathname).toBe("/sandbox/salesforce/acme.my.salesforce.com/services/oauth2/authorize")
  })

  test.each(badHosts)(
    "the config value %j is shown again with the problem and stored nowhere",
    async (value) => {
      const browser = new TestBrowser()
      const { link } = await begin(server.url, app, "salesforce")
      const page = await browser.open(link)
      const answer = await browser.post(page, formOf(page), { "config.hostname": value })
      expect(answer.status).toBe(400)
      expect(answer.headers.get("location")).toBeNull()
      expect(answer.html).toContain('role="alert"')
      expect(answer.html).toContain("hostname")
      expect(answer.html).not.toMatch(/<script|<img/)
      // The page is whole again: its own form goes through with a good value. Opened anew it shows the default.
      expect(formOf(await browser.open(link)).fields.get("config.hostname")).toBe("login.salesforce.com")
      expect(
        (await browser.post(answer, formOf(answer), { "config.hostname": "acme.my.salesforce.com" })).status,
      ).toBe(303)
    },
  )

  test.each(badHosts)(
    "the config value %j is refused where it is declared, naming the field",
    async (value) => {
      const answer = await declare(server.url, app, "salesforce", {
        scopes: ["api"],
        connection_config: { hostname: value },
      })
      expect(answer).toMatchObject({
        status: 400,
        body: { code: "INVALID_REQUEST", detail: expect.stringContaining("connection_config.hostname") },
      })
      const initiated = await call(server.url, "POST", `/api/apps/${app.id}/external-auth/initiate`, {
        body: { integration_type: "salesforce", connection_config: { hostname: value } },
      })
      expect(initiated.status).toBe(400)
      expect((await fetchToken(server.url, app, "salesforce")).status).toBe(404)
    },
  )

  test.each(["constructor", "__proto__", "toString", "other"])(
    "the config name %j is refused or ignored, never used",
    async (name) => {
      const browser = new TestBrowser()
      const page = await browser.open((await begin(server.url, app, "salesforce")).link)
      const answer = await browser.post(page, formOf(page), { [`config.${name}`]: "x" })
      expect(answer.status).toBe(name === "__proto__" ? 303 : 400)
      const path = `/api/apps/${app.id}/external-auth/initiate`
      const body = JSON.parse(
        `{"integration_type":"salesforce","connection_config":{"${name}":"x"}}`,
      ) as unknown
      const direct = await call(server.url, "POST", path, { body })
      // JSON.stringify leaves out no own member: __proto__ arrives as one and the parser refuses it.
      expect(direct.status).toBe(400)
    },
  )
})
