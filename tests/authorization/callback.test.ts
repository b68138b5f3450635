/** SECURITY.md lines 1, 2, 3 and 6: who may end an attempt, with what, and how often. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { withStorage } from "../security/with-storage.ts"
import { begin, click, decideAt, minuteMs, statusOf, tokenCalls, upToCallback } from "./steps.ts"

interface App {
  readonly organization_id: string
}

describe.each(databases)("the callback on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let callsBefore: number
  const type = "googlecalendar"
  const callsSince = async () => (await tokenCalls(server.url, type)) - callsBefore

  beforeAll(async () => {
    server = await startTestServer({ database })
  })
  beforeEach(async () => {
    app = await createApp(server.url)
    callsBefore = await tokenCalls(server.url, type)
  })
  afterAll(() => server.destroy())

  test("of fifty callbacks at once one proceeds, with exactly one token call", async () => {
    const { browser, callback, connectionId } = await upToCallback(server.url, app, type)
    const pages = await Promise.all(Array.from({ length: 50 }, () => browser.request(callback.href)))
    expect(pages.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(pages.filter(({ status }) => status === 400)).toHaveLength(49)
    expect(await callsSince()).toBe(1)
    expect(await statusOf(server.url, app, type, connectionId)).toBe("ACTIVE")
    expect(await fetchToken(server.url, app, type)).toMatchObject({ status: 200 })
  })

  test("a callback that succeeded cannot be repeated", async () => {
    const { browser, callback } = await upToCallback(server.url, app, type)
    expect((await browser.open(callback.href)).status).toBe(200)
    const again = await browser.open(callback.href)
    expect(again.status).toBe(400)
    expect(again.html).toContain("AUTHORIZATION_REFUSED")
    expect(await callsSince()).toBe(1)
  })

  test("another browser, with or without a cookie of its own, is refused before any token call, and the state is used up", async () => {
    for (const withCookie of [false, true]) {
      const { browser, callback, connectionId } = await upToCallback(server.url, app, type)
      const stranger = new TestBrowser()
      if (withCookie) await stranger.open((await begin(server.url, await createApp(server.url), type)).link)
      const page = await stranger.open(callback.href)
      expect(page.status).toBe(400)
      expect(page.html).toContain("AUTHORIZATION_REFUSED")
      expect((await browser.open(callback.href)).status).toBe(400)
      expect(await statusOf(server.url, app, type, connectionId)).toBe("FAILED")
    }
    expect(await callsSince()).toBe(0)
    expect((await fetchToken(server.url, app, type)).status).toBe(404)
  })

  test("the redirect URI of another connector is refused before any token call", async () => {
    for (const context of ["sandbox-slack", "sandbox-gmail", "con_00000000000000000000000000", "x"]) {
      const { browser, callback } = await upToCallback(server.url, app, type)
      const elsewhere = new URL(callback)
      elsewhere.pathname = `/api/external-auth/callback/${context}`
      expect((await browser.open(elsewhere.href)).status).toBe(400)
      expect((await browser.open(callback.href)).status).toBe(400)
    }
    expect(await callsSince()).toBe(0)
  })

  test("an issuer that is not the provider's is refused before any token call (RFC 9207)", async () => {
    for (const issuer of [
      "https://accounts.google.com/",
      "https://accounts.google.com.evil.example",
      "HTTPS://accounts.google.com",
      "x",
    ]) {
      const { browser, callback } = await upToCallback(server.url, app, type)
      callback.searchParams.set("iss", issuer)
      const page = await browser.open(callback.href)
      expect(page.status).toBe(400)
      expect(page.html).toContain("AUTHORIZATION_REFUSED")
    }
    expect(await callsSince()).toBe(0)
  })

  test("the provider's own issuer is accepted", async () => {
    const { browser, callback } = await upToCallback(server.url, app, type)
    callback.searchParams.set("iss", "https://accounts.google.com")
    expect((await browser.open(callback.href)).status).toBe(200)
  })

  test("a repeated parameter is refused and uses nothing up", async () => {
    const { browser, callback } = await upToCallback(server.url, app, type)
    for (const name of ["state", "code", "iss", "error", "anything"]) {
      const value = callback.searchParams.get(name) ?? "x"
      const page = await browser.open(
        `${callback.href}&${new URLSearchParams([
          [name, value],
          [name, value],
        ])}`,
      )
      expect(page.status).toBe(400)
      expect(page.html).toContain("INVALID_REQUEST")
    }
    expect(await callsSince()).toBe(0)
    expect((await browser.open(callback.href)).status).toBe(200)
  })

  test("HEAD and requests ahead of a click get 204 and use nothing up", async () => {
    const { browser, callback } = await upToCallback(server.url, app, type)
    const looks: RequestInit[] = [
      { method: "HEAD" },
      { headers: { "sec-purpose": "prefetch" } },
      { headers: { "sec-purpose": "prefetch;prerender" } },
      { headers: { purpose: "prefetch" } },
      { headers: { purpose: "preview" } },
    ]
    for (const look of looks) {
      const page = await browser.request(callback.href, look)
      expect(page).toMatchObject({ status: 204, html: "" })
      expect(page.headers.get("cache-control")).toBe("no-store")
    }
    expect(await callsSince()).toBe(0)
    expect((await browser.open(callback.href)).status).toBe(200)
  })

  test("an access token in the query is refused and never shown", async () => {
    const { browser, callback } = await upToCallback(server.url, app, type)
    const page = await browser.open(`${callback.href}&access_token=stolen-token-0123456789abcdef`)
    expect(page.status).toBe(400)
    expect(page.html).not.toContain("stolen-token")
    expect(await callsSince()).toBe(0)
  })

  test("answers of the implicit and hybrid flows and of JARM are refused, and the attempt has failed", async () => {
    for (const name of ["id_token", "token", "response"]) {
      const { browser, callback, connectionId } = await upToCallback(server.url, app, type)
      callback.searchParams.set(name, "x")
      const page = await browser.open(callback.href)
      expect([name, page.status]).toEqual([name, 400])
      expect(await statusOf(server.url, app, type, connectionId)).toBe("FAILED")
    }
    expect(await callsSince()).toBe(0)
  })

  test("neither a missing nor an unknown state goes anywhere", async () => {
    const { browser, callback } = await upToCallback(server.url, app, type)
    for (const state of [null, "", "x", "A".repeat(43), "\u0000", "A".repeat(5_000)]) {
      const bent = new URL(callback)
      if (state === null) bent.searchParams.delete("state")
      else bent.searchParams.set("state", state)
      expect((await browser.open(bent.href)).status).toBe(400)
    }
    expect(await callsSince()).toBe(0)
    expect((await browser.open(callback.href)).status).toBe(200)
  })

  test("a callback with neither code nor error is refused and uses the attempt up", async () => {
    const { browser, callback, connectionId } = await upToCallback(server.url, app, type)
    callback.searchParams.delete("code")
    expect((await browser.open(callback.href)).status).toBe(400)
    expect(await statusOf(server.url, app, type, connectionId)).toBe("FAILED")
    expect(await callsSince()).toBe(0)
  })

  test("a code that the provider did not give is refused in the provider's words, with the redirect URI that was sent", async () => {
    const { browser, callback } = await upToCallback(server.url, app, type)
    callback.searchParams.set("code", "not-a-code")
    const page = await browser.open(callback.href)
    expect(page.status).toBe(400)
    expect(page.html).toContain("invalid_grant")
    expect(page.html).toContain(`${server.url}/api/external-auth/callback/sandbox-${type}`)
    expect(await callsSince()).toBe(1)
  })

  test("after ten minutes the link, the click and the callback answer 410, and the attempt reads FAILED", async () => {
    const late = await upToCallback(server.url, app, type)
    const browser = new TestBrowser()
    const other = await createApp(server.url)
    const { link } = await begin(server.url, other, type)
    const page = await browser.open(link)
    await moveClock(server.url, 10 * minuteMs)
    expect((await late.browser.open(late.callback.href)).status).toBe(410)
    expect((await browser.open(link)).status).toBe(410)
    const action = /action="([^"]+)"/.exec(page.html)?.[1] ?? ""
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.html)?.[1] ?? ""
    const clicked = await browser.post(page, {
      action,
      method: "post",
      fields: new URLSearchParams({ csrf }),
    })
    expect(clicked.status).toBe(410)
    expect(await statusOf(server.url, app, type, late.connectionId)).toBe("FAILED")
    expect(await callsSince()).toBe(0)
  })

  test("just before ten minutes are over it still works", async () => {
    const { browser, link } = { browser: new TestBrowser(), ...(await begin(server.url, app, type)) }
    await moveClock(server.url, 9 * minuteMs)
    const callback = await decideAt(browser, await click(browser, link))
    expect((await browser.open(callback.href)).status).toBe(200)
  })

  test("a second click starts over and ends the first one's state", async () => {
    const browser = new TestBrowser()
    const { link } = await begin(server.url, app, type)
    const first = await decideAt(browser, await click(browser, link))
    const second = await decideAt(browser, await click(browser, link))
    expect(first.searchParams.get("state")).not.toBe(second.searchParams.get("state"))
    expect((await browser.open(first.href)).status).toBe(400)
    expect(await callsSince()).toBe(0)
    expect((await browser.open(second.href)).status).toBe(200)
  })

  test("a newer link for the same connection ends the older one", async () => {
    const first = await upToCallback(server.url, app, type)
    await first.browser.open(first.callback.href)
    const wider = { body: { scopes: ["https://www.googleapis.com/auth/calendar.readonly"] } }
    const older = await upToCallback(server.url, app, type, wider)
    const newer = await begin(server.url, app, type, wider.body)
    expect((await older.browser.open(older.callback.href)).status).toBe(400)
    expect((await new TestBrowser().open(newer.link)).status).toBe(200)
    expect(await callsSince()).toBe(1)
  })

  test("a refused callback connects nothing and is on record in the audit", async () => {
    const { callback, connectionId } = await upToCallback(server.url, app, type)
    await new TestBrowser().open(callback.href)
    expect(await call(server.url, "GET", `/api/apps/${app.id}/external-auth/list`)).toMatchObject({
      body: { integrations: [] },
    })
    const { body } = await call<App>(server.url, "GET", `/api/apps/${app.id}`)
    const events = await withStorage(server, ({ audit }) =>
      audit.list(body.organization_id, { appId: app.id, limit: 100 }),
    )
    const ended = events.find(({ target }) => target === connectionId)
    expect(ended).toMatchObject({ action: "connection.connect", outcome: "AUTHORIZATION_REFUSED" })
    expect(ended?.actor).toMatch(/^member:/)
  })
})
