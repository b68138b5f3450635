/** SECURITY.md lines 1, 6 and 13: what each page and its cookie carry. */
import { createServer } from "node:net"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createApp, type TestApp } from "../harness/api.ts"
import { type PageSeen, TestBrowser } from "../harness/browser.ts"
import { connectShared } from "../harness/connect.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"
import { begin, upToCallback } from "./steps.ts"

function expectSafePage(page: PageSeen, kind: "form" | "final"): void {
  const policy = page.headers.get("content-security-policy") ?? ""
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; form-action /)
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("base-uri 'none'")
  if (kind === "final") expect(policy).toContain("form-action 'none'")
  expect(policy).not.toMatch(/unsafe|\*|script/)
  expect(page.headers.get("x-frame-options")).toBe("DENY")
  expect(page.headers.get("x-content-type-options")).toBe("nosniff")
  expect(page.headers.get("cache-control")).toBe("no-store")
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8")
  expect(page.headers.get("referrer-policy")).toBe(kind === "form" ? "same-origin" : "no-referrer")
  // Nothing from elsewhere, nothing that runs: every page works without JavaScript.
  expect(page.html).not.toMatch(/<script|<iframe|<img|<link|<object|\son\w+=|src=|javascript:/i)
}

describe("the pages of an authorization on a plain-http address", () => {
  let server: TestServer
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database: "sqlite" })
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  test("the connect page may be framed by nobody, runs nothing and leads only to the provider", async () => {
    const page = await new TestBrowser().open((await begin(server.url, app, "notion")).link)
    expectSafePage(page, "form")
    expect(page.headers.get("content-security-policy")).toContain(`form-action 'self' ${server.url};`)
  })

  test("the final page keeps its address to itself", async () => {
    const { browser, callback } = await upToCallback(server.url, await createApp(server.url), "notion")
    const page = await browser.open(callback.href)
    expect(page.status).toBe(200)
    expectSafePage(page, "final")
  })

  test("so do the pages of refusals", async () => {
    const browser = new TestBrowser()
    expectSafePage(await browser.open(`${server.url}/connect/unknown`), "final")
    expectSafePage(
      await browser.open(`${server.url}/api/external-auth/callback/sandbox-slack?state=x`),
      "final",
    )
    expectSafePage(
      await browser.open(`${server.url}/api/external-auth/callback/sandbox-slack?a=1&a=2`),
      "final",
    )
    expectSafePage(await browser.open(`${server.url}/start/unknown`), "final")
    const denied = await upToCallback(server.url, app, "notion", { choice: { deny: true } })
    expectSafePage(await denied.browser.open(denied.callback.href), "final")
  })

  test("the page that asks about another account is a page with a form", async () => {
    const own = await createApp(server.url)
    await connectShared(server.url, own, "notion", { account: "ada@example.com" })
    const again = await upToCallback(server.url, own, "notion", {
      body: { force_reconnect: true },
      choice: { account: "grace@example.com" },
    })
    const page = await again.browser.open(again.callback.href)
    expect(page.html).toContain("Replace the Notion account?")
    expectSafePage(page, "form")
  })

  test("the cookie is HttpOnly and SameSite=Lax, and without https neither Secure nor __Host-", async () => {
    const page = await new TestBrowser().request((await begin(server.url, app, "notion")).link)
    const [cookie = "", ...more] = page.headers.getSetCookie()
    expect(more).toEqual([])
    expect(cookie).toMatch(/^grantry_connect=[\w-]{43}; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/)
  })
})

describe("the connect page on an https address", () => {
  let server: TestServer
  let local: string
  beforeAll(async () => {
    const port = await freePort()
    local = `http://127.0.0.1:${port}`
    server = await startTestServer({
      database: "sqlite",
      env: { GRANTRY_PUBLIC_URL: "https://grantry.example", GRANTRY_PORT: String(port) },
    })
  })
  afterAll(() => server.destroy())

  test("binds the browser by a __Host- cookie that is Secure, and ignores one without the prefix", async () => {
    const { link } = await begin(local, await createApp(local), "notion")
    expect(new URL(link).origin).toBe("https://grantry.example")
    const address = local + new URL(link).pathname
    const planted = new TestBrowser()
    planted.cookies.set("grantry_connect", "A".repeat(43))
    const page = await planted.request(address)
    const [cookie = ""] = page.headers.getSetCookie()
    expect(cookie).toMatch(
      /^__Host-grantry_connect=[\w-]{43}; Max-Age=3600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(cookie).not.toContain("A".repeat(43))
  })

  test("takes its form from the https origin and from no other", async () => {
    const { link } = await begin(local, await createApp(local), "notion")
    const address = local + new URL(link).pathname
    const browser = new TestBrowser()
    const page = await browser.request(address)
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? ""
    const post = (origin: string) =>
      browser.request(address, {
        method: "POST",
        headers: { origin, "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ csrf }).toString(),
      })
    expect((await post(local)).status).toBe(400)
    expect((await post("http://grantry.example")).status).toBe(400)
    expect((await post("https://grantry.example")).status).toBe(303)
  })
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve))
  const address = probe.address()
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  if (address === null || typeof address === "string") throw new Error("a TCP server has no port")
  return address.port
}
