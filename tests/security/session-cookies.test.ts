/** SECURITY.md line 13: a session's cookie changes something only from a page of this server's own. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { call } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import {
  cookieOf,
  firstWorkspace,
  join,
  ownerEmail,
  ownerPassword,
  signInOnPage,
  startWithOwner,
} from "../harness/members.ts"
import { databases, ownerKey, type TestServer } from "../harness/server.ts"
import { formTo } from "../harness/members.ts"

// Passwords are slow to judge on purpose, and other files run beside this one.
vi.setConfig({ testTimeout: 120_000 })

describe.each(databases)("cookies on %s", (database) => {
  let server: TestServer
  let browser: TestBrowser
  beforeAll(async () => {
    server = await startWithOwner({ database })
    browser = await signInOnPage(server.url)
  })
  afterAll(() => server.destroy())

  const create = (headers: Record<string, string>) =>
    call(server.url, "POST", "/api/apps", {
      as: null,
      headers: { cookie: cookieOf(browser), ...headers },
      body: { name: "made by a cookie" },
    })
  const countApps = async () =>
    (await call<unknown[]>(server.url, "GET", "/api/apps", { as: { apiKey: ownerKey } })).body.length

  test.each([
    ["another origin", { origin: "https://evil.example" }],
    ["a sandboxed frame", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["another port of this host", { origin: "http://localhost:1" }],
    ["https instead of http", (url: string) => ({ origin: url.replace("http:", "https:") })],
    ["our origin with more behind it", (url: string) => ({ origin: `${url}.evil.example` })],
    ["a sibling site", { "sec-fetch-site": "same-site" }],
    ["another site without an Origin", { "sec-fetch-site": "cross-site" }],
    ["our Origin, sent across sites", (url: string) => ({ origin: url, "sec-fetch-site": "cross-site" })],
    ["an address bar", { "sec-fetch-site": "none" }],
    ["no Origin at all", {}],
  ])("refused from %s, and nothing changes", async (_name, given) => {
    const headers = typeof given === "function" ? given(server.url) : given
    const before = await countApps()
    expect(await create(headers)).toMatchObject({ status: 403, body: { code: "ORIGIN_REFUSED" } })
    expect(await countApps()).toBe(before)
  })

  test("taken from our own pages, by Origin or by what the browser says of the site", async () => {
    expect((await create({ origin: server.url })).status).toBe(200)
    expect((await create({ "sec-fetch-site": "same-origin" })).status).toBe(200)
  })

  test("reading needs no Origin", async () => {
    const headers = { cookie: cookieOf(browser) }
    expect((await call(server.url, "GET", "/api/apps", { as: null, headers })).status).toBe(200)
  })

  test("a bearer or a key wins over the cookie, also one that nobody was given", async () => {
    const viewer = await join(server.url, await firstWorkspace(server.url), "viewer")
    const asOwner = { cookie: cookieOf(browser), origin: server.url }
    for (const extra of [
      { authorization: "Bearer gsk_unknown" },
      { authorization: "Basic eDp5" },
      { api_key: "b44k_unknown" },
    ])
      expect(
        (await call(server.url, "GET", "/api/apps", { as: null, headers: { ...asOwner, ...extra } })).status,
      ).toBe(401)
    const both = { cookie: cookieOf(viewer.browser), api_key: ownerKey }
    const info = await call(server.url, "GET", "/oauth/userinfo", { as: null, headers: both })
    expect(info.body["email"]).toBe(ownerEmail)
  })

  test("the library's routes keep to the same rule", async () => {
    for (const path of ["sign-out", "revoke-sessions", "revoke-other-sessions"]) {
      for (const headers of [{ origin: "https://evil.example" }, {}]) {
        const answer = await call(server.url, "POST", `/api/auth/${path}`, {
          as: null,
          headers: { cookie: cookieOf(browser), ...headers },
        })
        expect([path, answer.status, answer.body["code"]]).toEqual([path, 403, "ORIGIN_REFUSED"])
      }
    }
    const headers = { cookie: cookieOf(browser) }
    expect((await call(server.url, "GET", "/api/apps", { as: null, headers })).status).toBe(200)
  })

  test("another site cannot sign a browser in as somebody else", async () => {
    const body = { email: ownerEmail, password: ownerPassword }
    for (const headers of [{ origin: "https://evil.example" }, { "sec-fetch-site": "cross-site" }]) {
      const answer = await call(server.url, "POST", "/api/auth/sign-in/email", { as: null, headers, body })
      expect(answer).toMatchObject({ status: 403, body: { code: "ORIGIN_REFUSED" } })
      expect(answer.headers.getSetCookie()).toEqual([])
    }
  })

  test.each(["/sign-in", "/sign-out", "/device", "/device/decide"])(
    "a form for %s without its own page's token is refused",
    async (path) => {
      for (const fields of [{}, { csrf: "A".repeat(43) }]) {
        const answer = await browser.request(server.url + path, {
          method: "POST",
          headers: { "content-type": "application/x-www-form-urlencoded", origin: server.url },
          body: new URLSearchParams({ email: ownerEmail, password: ownerPassword, ...fields }).toString(),
        })
        expect([path, answer.status]).toEqual([path, 400])
        expect(answer.headers.getSetCookie().join()).not.toContain("session_token")
      }
    },
  )

  test("the sign-in page leads back to local paths only, and no page of it runs a script", async () => {
    for (const [next, expected] of [
      ["/device?user_code=BCDF-GHJK", "/device?user_code=BCDF-GHJK"],
      ["//evil.example", "/sign-in"],
      ["/\\evil.example", "/sign-in"],
      ["https://evil.example", "/sign-in"],
    ] as const) {
      const fresh = new TestBrowser()
      const page = await fresh.open(`${server.url}/sign-in?next=${encodeURIComponent(next)}`)
      expect(page.headers.get("content-security-policy")).toMatch(
        /default-src 'none'.*frame-ancestors 'none'/,
      )
      expect(page.html).not.toContain("<script")
      const form = formTo(page, "/sign-in")
      const answer = await fresh.post(page, form, { email: ownerEmail, password: ownerPassword, next })
      expect([next, answer.status, answer.headers.get("location")]).toEqual([next, 303, expected])
    }
  })
})
