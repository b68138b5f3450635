/** The connect page's form: only the browser that opened it, on this origin, may send it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { createApp, type TestApp } from "../harness/api.ts"
import { type Form, type PageSeen, TestBrowser } from "../harness/browser.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"
import { begin, formOf } from "./steps.ts"

describe("the connect page's form", () => {
  let server: TestServer
  let app: TestApp
  let browser: TestBrowser
  let page: PageSeen
  let form: Form

  beforeAll(async () => {
    server = await startTestServer({ database: "sqlite" })
  })
  beforeEach(async () => {
    app = await createApp(server.url)
    browser = new TestBrowser()
    page = await browser.open((await begin(server.url, app, "slack")).link)
    form = formOf(page)
  })
  afterAll(() => server.destroy())

  /** The form as a browser sends it, with other headers. */
  function send(fields: URLSearchParams, headers: Record<string, string> = {}): Promise<PageSeen> {
    return browser.request(new URL(form.action, page.url).href, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
      body: fields.toString(),
    })
  }

  async function refused(answer: Promise<PageSeen>): Promise<void> {
    const seen = await answer
    expect(seen.status).toBe(400)
    expect(seen.html).toContain("AUTHORIZATION_REFUSED")
    expect(seen.headers.get("location")).toBeNull()
    // What was refused did no harm: the person's own click still works.
    expect((await send(form.fields)).status).toBe(303)
  }

  test("is refused without its CSRF token", () => refused(send(new URLSearchParams())))

  test("is refused with a wrong CSRF token, whatever its length", async () => {
    const right = form.fields.get("csrf") ?? ""
    const flipped = right.startsWith("A") ? `B${right.slice(1)}` : `A${right.slice(1)}`
    for (const csrf of ["", "x", flipped, `${right}x`, right.slice(1)])
      await refused(send(new URLSearchParams({ csrf })))
  })

  test("is refused with a CSRF token sent twice", async () => {
    const csrf = form.fields.get("csrf") ?? ""
    await refused(
      send(
        new URLSearchParams([
          ["csrf", csrf],
          ["csrf", csrf],
        ]),
      ),
    )
  })

  test("is refused with the CSRF token of another attempt in the same browser", async () => {
    const other = await browser.open((await begin(server.url, await createApp(server.url), "slack")).link)
    await refused(send(formOf(other).fields))
  })

  test("is refused with the CSRF token of another browser for the same attempt", async () => {
    const other = await new TestBrowser().open(page.url)
    await refused(send(formOf(other).fields))
  })

  test("is refused without the browser's cookie, or with a made-up one", async () => {
    for (const cookie of [undefined, "x", "A".repeat(43), "../../etc"]) {
      const stranger = new TestBrowser()
      if (cookie !== undefined) stranger.cookies.set("grantry_connect", cookie)
      expect((await stranger.post(page, form)).status).toBe(400)
    }
    expect((await send(form.fields)).status).toBe(303)
  })

  test("is refused from another origin", async () => {
    for (const origin of [
      "https://evil.example",
      "null",
      `${server.url}.evil.example`,
      server.url.replace("http:", "https:"),
    ]) {
      await refused(send(form.fields, { origin }))
    }
  })

  test("is refused when the browser says that another site sent it", () =>
    refused(send(form.fields, { "sec-fetch-site": "cross-site" })))

  test("answers 303 to the provider, without a referrer and uncached", async () => {
    const sent = await send(form.fields, { origin: server.url, "sec-fetch-site": "same-origin" })
    expect(sent.status).toBe(303)
    expect(sent.headers.get("referrer-policy")).toBe("no-referrer")
    expect(sent.headers.get("cache-control")).toBe("no-store")
  })

  test("keeps the secret of the browser when it opens a second link", async () => {
    const secret = browser.cookies.get("grantry_connect")
    await browser.open((await begin(server.url, await createApp(server.url), "notion")).link)
    expect(browser.cookies.get("grantry_connect")).toBe(secret)
  })

  test("is one form, which posts to its own attempt", () => {
    expect(page.html.match(/<form/g)).toHaveLength(1)
    expect(form).toMatchObject({ method: "post", action: new URL(page.url).pathname })
  })

  test("stands beside who asked, the app, the service and the scopes in plain words", async () => {
    const named = await createApp(server.url, "Quarterly report")
    const calendar = await browser.open((await begin(server.url, named, "googlecalendar")).link)
    for (const words of [
      "Quarterly report",
      "Google Calendar",
      "owner@localhost",
      "See and change events on all your calendars",
    ]) {
      expect(calendar.html).toContain(words)
    }
  })

  test("of an unknown attempt answers 410, and so does its POST", async () => {
    for (const id of ["x", "A".repeat(43), "a%2Fb", "..%2f..%2fapi"]) {
      const answer = await browser.request(`${server.url}/connect/${id}`)
      expect([id, answer.status]).toEqual([id, 410])
      expect(answer.html).toContain("ATTEMPT_OVER")
    }
  })
})
