/** SECURITY.md line 8: another account takes a place only when the person says so, and what loses is revoked. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { type PageSeen, TestBrowser } from "../harness/browser.ts"
import { connectShared, consent } from "../harness/connect.ts"
import { moveClock, requestsTo } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import {
  begin,
  begunOf,
  click,
  decideAt,
  declare,
  eventually,
  formOf,
  minuteMs,
  statusOf,
  upToCallback,
} from "./steps.ts"

describe.each(databases)("reconnecting with another account on %s", (database) => {
  let server: TestServer
  let app: TestApp
  // People of each test's own: a grant that another connection lives on would not be revoked.
  let ada: string
  let grace: string
  let tests = 0
  const type = "googlecalendar"
  const token = async () => (await fetchToken(server.url, app, type)).body
  const revocations = async () => (await requestsTo(server.url, type, "revoke")).length

  beforeAll(async () => {
    server = await startTestServer({ database })
  })
  beforeEach(async () => {
    app = await createApp(server.url)
    tests += 1
    ada = `ada${tests}@example.com`
    grace = `grace${tests}@example.com`
  })
  afterAll(() => server.destroy())

  interface Question {
    readonly browser: TestBrowser
    readonly page: PageSeen
    readonly connectionId: string
  }

  /** Connected as `before`, then consented as `after`: the question. */
  async function ask(before: string, after: string): Promise<Question> {
    await connectShared(server.url, app, type, { account: before })
    const again = await upToCallback(server.url, app, type, {
      body: { force_reconnect: true },
      choice: { account: after },
    })
    return { ...again, page: await again.browser.open(again.callback.href) }
  }

  const answer = ({ browser, page }: Question, choice: string, as: TestBrowser = browser) =>
    as.submit(page, formOf(page), { answer: choice })

  test("asks, naming both accounts, and the old token stays meanwhile", async () => {
    const question = await ask(ada, grace)
    expect(question.page).toMatchObject({ status: 200, html: expect.stringContaining(ada) })
    expect(question.page.html).toContain(grace)
    expect(await token()).toMatchObject({ account: { label: ada } })
    expect(await statusOf(server.url, app, type, question.connectionId)).toBe("PENDING")
  })

  test("keep: the old token still works, the new grant is revoked at the provider, and the attempt has failed", async () => {
    const question = await ask(ada, grace)
    const old = await token()
    const before = await revocations()
    const page = await answer(question, "keep")
    expect(page).toMatchObject({ status: 409, html: expect.stringContaining("ACCOUNT_CHANGED") })
    expect(await token()).toEqual(old)
    expect(await statusOf(server.url, app, type, question.connectionId)).toBe("FAILED")
    await eventually(async () => expect(await revocations()).toBe(before + 1))
    expect(await identityStatus(server, old.access_token)).toBe(200)
  })

  test("replace: the new token is handed out and the old account's grant is revoked at the provider", async () => {
    const question = await ask(ada, grace)
    const old = await token()
    expect(await identityStatus(server, old.access_token)).toBe(200)
    expect((await answer(question, "replace")).status).toBe(200)
    const now = await token()
    expect(now).toMatchObject({ account: { label: grace } })
    expect(now.access_token).not.toBe(old.access_token)
    expect(await statusOf(server.url, app, type, question.connectionId)).toBe("ACTIVE")
    await eventually(async () => expect(await identityStatus(server, old.access_token)).toBe(401))
    expect(await identityStatus(server, now.access_token)).toBe(200)
  })

  test("anything but replace keeps the old account", async () => {
    const question = await ask(ada, grace)
    expect((await answer(question, "yes")).status).toBe(409)
    expect(await token()).toMatchObject({ account: { label: ada } })
  })

  test("of many answers at once one counts", async () => {
    const question = await ask(ada, grace)
    const pages = await Promise.all(
      Array.from({ length: 20 }, (_, index) => answer(question, index % 2 === 0 ? "replace" : "keep")),
    )
    expect(pages.filter(({ status }) => status === 410)).toHaveLength(19)
    expect(pages.filter(({ status }) => status === 200 || status === 409)).toHaveLength(1)
  })

  test("another browser cannot answer, and the person still can", async () => {
    const question = await ask(ada, grace)
    for (const stranger of [new TestBrowser(), await withCookie(server, app)]) {
      expect((await answer(question, "replace", stranger)).status).toBe(400)
    }
    expect(await token()).toMatchObject({ account: { label: ada } })
    expect((await answer(question, "replace")).status).toBe(200)
  })

  test("another browser cannot answer even with a CSRF token of its own for this very attempt", async () => {
    await connectShared(server.url, app, type, { account: ada })
    const browser = new TestBrowser()
    const stranger = new TestBrowser()
    const { link } = await begin(server.url, app, type, { force_reconnect: true })
    const theirs = formOf(await stranger.open(link)).fields.get("csrf") ?? ""
    const callback = await decideAt(browser, await click(browser, link), { account: grace })
    const page = await browser.open(callback.href)
    const refused = await stranger.post(page, formOf(page), { answer: "replace", csrf: theirs })
    expect(refused).toMatchObject({ status: 400, html: expect.stringContaining("not the browser") })
    expect(await token()).toMatchObject({ account: { label: ada } })
    expect((await browser.submit(page, formOf(page), { answer: "replace" })).status).toBe(200)
  })

  test("the answer must come from its own page: CSRF token, Origin and Sec-Fetch-Site are checked", async () => {
    const question = await ask(ada, grace)
    const form = formOf(question.page)
    const action = new URL(form.action, question.page.url).href
    const send = (fields: Record<string, string>, headers: Record<string, string>) =>
      question.browser.request(action, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
        body: new URLSearchParams(fields).toString(),
      })
    const csrf = form.fields.get("csrf") ?? ""
    expect((await send({ answer: "replace" }, {})).status).toBe(400)
    expect((await send({ answer: "replace", csrf: `${csrf}x` }, {})).status).toBe(400)
    expect((await send({ answer: "replace", csrf }, { origin: "https://evil.example" })).status).toBe(400)
    expect((await send({ answer: "replace", csrf }, { "sec-fetch-site": "cross-site" })).status).toBe(400)
    expect(await token()).toMatchObject({ account: { label: ada } })
    expect((await send({ answer: "replace", csrf }, {})).status).toBe(200)
  })

  test("after ten minutes nobody can answer any more, and the old account stays", async () => {
    const question = await ask(ada, grace)
    await moveClock(server.url, 10 * minuteMs)
    expect((await answer(question, "replace")).status).toBe(410)
    expect(await token()).toMatchObject({ account: { label: ada } })
    expect(await statusOf(server.url, app, type, question.connectionId)).toBe("FAILED")
  })

  test("the same account does not ask", async () => {
    const question = await ask(ada, ada)
    expect(question.page).toMatchObject({ status: 200, html: expect.stringContaining("is connected") })
  })

  test("after a disconnect another account does not ask", async () => {
    await connectShared(server.url, app, type, { account: ada })
    await call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/${type}`)
    await connectShared(server.url, app, type, { account: grace })
    expect(await token()).toMatchObject({ account: { label: grace } })
  })

  test("changing scopes with another account asks too", async () => {
    await connectShared(server.url, app, type, { account: ada })
    const begun = await declare(server.url, app, type, {
      scopes: ["https://www.googleapis.com/auth/calendar"],
    })
    const page = await consent(begunOf(begun.body).link, { account: grace })
    expect(page.html).toContain("Replace the Google Calendar account?")
    expect(await token()).toMatchObject({ account: { label: ada } })
  })

  test("what loses is not revoked while another connection lives on the same grant", async () => {
    const other = await createApp(server.url)
    await connectShared(server.url, other, type, { account: grace })
    const live = (await fetchToken(server.url, other, type)).body.access_token
    expect((await answer(await ask(ada, grace), "keep")).status).toBe(409)
    // The outbox works every five seconds.
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    expect(await identityStatus(server, live)).toBe(200)
    expect((await fetchToken(server.url, other, type)).status).toBe(200)
  })

  test("a replaced grant is not revoked while another connection lives on it", async () => {
    const other = await createApp(server.url)
    await connectShared(server.url, other, type, { account: ada })
    const live = (await fetchToken(server.url, other, type)).body.access_token
    expect((await answer(await ask(ada, grace), "replace")).status).toBe(200)
    await new Promise((resolve) => setTimeout(resolve, 6_000))
    expect(await identityStatus(server, live)).toBe(200)
  })
})

async function withCookie(server: TestServer, app: TestApp): Promise<TestBrowser> {
  const { browser } = await upToCallback(server.url, app, "notion")
  return browser
}

/** Does the provider still take this token? */
async function identityStatus(server: TestServer, accessToken: string): Promise<number> {
  const url = `${server.url}/sandbox/googlecalendar/openidconnect.googleapis.com/v1/userinfo`
  return (await fetch(url, { headers: { authorization: `Bearer ${accessToken}` } })).status
}
