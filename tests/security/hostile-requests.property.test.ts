/** Whatever a browser sends to the pages: an answer below 500, nothing attached, no token call, nothing unescaped. */
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import { type PageSeen, TestBrowser } from "../harness/browser.ts"
import { requestsTo } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { begin, formOf } from "../authorization/steps.ts"

const runs = { numRuns: 150 }
const names = [
  "state",
  "code",
  "iss",
  "error",
  "error_description",
  "error_uri",
  "scope",
  "access_token",
  "id_token",
  "response",
  "hd",
  "__proto__",
  "toString",
]
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.constantFrom(
    "",
    "\u0000",
    "<script>alert(1)</script>",
    "\"'><img src=x>",
    "\r\nset-cookie: a=b",
    "%00",
    "https://accounts.google.com",
    "x".repeat(4_000),
  ),
)
const pairs = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), text), text), { maxLength: 8 })
const rawQuery = fc
  .string({ unit: fc.constantFrom(..."&=%?#+;[]abc0/\\"), maxLength: 80 })
  .map((query) => query.replaceAll("#", "%23"))

describe.each(databases)("hostile requests on %s", (database) => {
  let server: TestServer
  let app: TestApp
  const type = "googlecalendar"

  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  function expectHarmless(page: PageSeen): void {
    expect(page.status).toBeGreaterThanOrEqual(400)
    expect(page.status).toBeLessThan(500)
    expect(page.html).not.toMatch(/<script|<img/)
    expect(page.headers.get("set-cookie") ?? "").not.toContain("a=b")
    // Over 16 KiB of headers Node's parser refuses the request before any of our code sees it.
    if (page.status !== 431) expect(page.headers.get("cache-control")).toBe("no-store")
  }

  async function expectNothingAttached(): Promise<void> {
    expect(await requestsTo(server.url, type, "token")).toEqual([])
    const list = await call(server.url, "GET", `/api/apps/${app.id}/external-auth/list`)
    expect(list.body).toEqual({ integrations: [] })
  }

  test("no query of the callback gets anywhere without a state of this browser", async () => {
    const browser = new TestBrowser()
    await browser.open((await begin(server.url, app, type)).link)
    const query = fc.oneof(
      pairs.map((all) => new URLSearchParams(all.map(([name, value]) => [name, value])).toString()),
      rawQuery,
    )
    await fc.assert(
      fc.asyncProperty(
        query,
        fc.constantFrom("sandbox-googlecalendar", "x", "%2e%2e", "con_1"),
        async (search, context) => {
          expectHarmless(
            await browser.request(`${server.url}/api/external-auth/callback/${context}?${search}`),
          )
        },
      ),
      runs,
    )
    await expectNothingAttached()
  })

  test("no field of the connect form takes the place of the CSRF token", async () => {
    const browser = new TestBrowser()
    const { link } = await begin(server.url, app, type)
    const page = await browser.open(link)
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          pairs.map((all) => new URLSearchParams(all).toString()),
          rawQuery,
        ),
        async (body) => {
          expectHarmless(
            await browser.request(link, {
              method: "POST",
              headers: { "content-type": "application/x-www-form-urlencoded" },
              body,
            }),
          )
        },
      ),
      runs,
    )
    await expectNothingAttached()
    expect((await browser.post(page, formOf(page))).status).toBe(303)
  })

  test("no config value of the connect form leads elsewhere than to the provider", async () => {
    const host = fc.oneof(
      text,
      fc
        .tuple(
          fc.string({ unit: fc.constantFrom(..."abcxn-.@:/\\%#?[]01 "), maxLength: 40 }),
          fc.constantFrom(".salesforce.com", ".my.site.com", ""),
        )
        .map((parts) => parts.join("")),
    )
    await fc.assert(
      fc.asyncProperty(host, async (hostname) => {
        const browser = new TestBrowser()
        const page = await browser.open((await begin(server.url, app, "salesforce")).link)
        const answer = await browser.post(page, formOf(page), { "config.hostname": hostname })
        if (answer.status !== 303) return expectHarmless(answer)
        const sent = new URL(answer.headers.get("location") ?? "")
        expect(sent.origin).toBe(new URL(server.url).origin)
        // The sandbox's address names the host that a real browser would have been sent to.
        expect(sent.pathname).toMatch(
          /^\/sandbox\/salesforce\/([a-z0-9-]+\.)*(salesforce\.com|my\.site\.com)\/services\/oauth2\/authorize$/,
        )
      }),
      runs,
    )
  })

  test("no id in a path of the pages fails inside", async () => {
    const id = fc.oneof(
      text.map(encoded),
      rawQuery.map((raw) => raw.replaceAll(/[?/]/g, "")),
    )
    await fc.assert(
      fc.asyncProperty(id, fc.constantFrom("connect", "start", "errors"), async (part, folder) => {
        const page = await new TestBrowser().request(`${server.url}/${folder}/${part}`)
        expect(page.status).toBeGreaterThanOrEqual(400)
        expect(page.status).toBeLessThan(500)
      }),
      runs,
    )
  })
})

/** Half a surrogate pair has no encoding. */
function encoded(value: string): string {
  return encodeURIComponent(value.toWellFormed())
}
