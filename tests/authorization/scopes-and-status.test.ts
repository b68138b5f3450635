/** CONTRACT.md section 4: declaring, adding, what was granted, and what the caller polls. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import { type BeginBody, connectShared, consent } from "../harness/connect.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { begin, begunOf, click, decideAt, declare, statusOf, upToCallback } from "./steps.ts"

const type = "googlecalendar"
const google = (name: string) => `https://www.googleapis.com/auth/${name}`
const events = google("calendar.events")
const readonly = google("calendar.readonly")
const sixKeys = [
  "already_authorized",
  "connection_id",
  "error",
  "error_message",
  "other_user_email",
  "redirect_url",
]

describe.each(databases)("scopes and statuses on %s", (database) => {
  let server: TestServer
  let app: TestApp
  const put = (scopes: readonly string[], more: Record<string, unknown> = {}) =>
    declare(server.url, app, type, { scopes, ...more })
  const post = (body: Record<string, unknown>) =>
    call<BeginBody>(server.url, "POST", `/api/apps/${app.id}/external-auth/initiate`, {
      body: { integration_type: type, ...body },
    })
  const listed = async () =>
    (
      await call<{ integrations: { scopes: string[]; status: string }[] }>(
        server.url,
        "GET",
        `/api/apps/${app.id}/external-auth/list`,
      )
    ).body.integrations

  beforeAll(async () => {
    server = await startTestServer({ database })
  })
  beforeEach(async () => {
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  test("PUT and POST answer all six keys, null where there is nothing to say", async () => {
    for (const answer of [await put([events]), await post({})]) {
      expect(Object.keys(answer.body).sort()).toEqual(sixKeys)
      expect(answer.body).toMatchObject({
        already_authorized: false,
        error: null,
        error_message: null,
        other_user_email: null,
      })
      expect(answer.body.redirect_url).toMatch(new RegExp(`^${server.url}/connect/[\\w-]{43}$`))
    }
  })

  test("exactly the same scopes are already authorized, whatever their order; others are not", async () => {
    await consent(begunOf((await put([events, readonly])).body).link)
    expect((await put([readonly, events])).body).toMatchObject({
      already_authorized: true,
      redirect_url: null,
      error: null,
    })
    expect((await put([readonly, events, events])).body).toMatchObject({ already_authorized: true })
    expect((await put([events])).body).toMatchObject({ already_authorized: false })
    expect((await put([events, readonly, google("calendar")])).body).toMatchObject({
      already_authorized: false,
    })
    expect(Object.keys((await put([events, readonly])).body).sort()).toEqual(sixKeys)
  })

  test("PUT replaces the scopes", async () => {
    await consent(begunOf((await put([events])).body).link)
    await consent(begunOf((await put([readonly])).body).link)
    expect(await listed()).toMatchObject([{ scopes: [readonly], status: "active" }])
  })

  test("POST adds scopes to those that the connection has", async () => {
    await consent(begunOf((await put([events])).body).link)
    await consent(begunOf((await post({ scopes: [readonly] })).body).link)
    expect((await listed())[0]?.scopes.toSorted()).toEqual([events, readonly].toSorted())
    expect((await post({ scopes: [events] })).body.already_authorized).toBe(true)
    expect((await post({})).body.already_authorized).toBe(true)
  })

  test("POST after a disconnect starts from the scopes that it names, not from the old ones", async () => {
    await consent(begunOf((await put([events])).body).link)
    await call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/${type}`)
    await consent(begunOf((await post({ scopes: [readonly] })).body).link)
    expect(await listed()).toMatchObject([{ scopes: [readonly] }])
  })

  test("with changed scopes the old token works until the new consent is complete", async () => {
    await consent(begunOf((await put([events])).body).link)
    const old = (await fetchToken(server.url, app, type)).body.access_token
    const browser = new TestBrowser()
    const begun = begunOf((await put([readonly])).body)
    expect((await fetchToken(server.url, app, type)).body.access_token).toBe(old)
    const callback = await decideAt(browser, await click(browser, begun.link))
    expect((await fetchToken(server.url, app, type)).body.access_token).toBe(old)
    await browser.open(callback.href)
    const renewed = await fetchToken(server.url, app, type)
    expect(renewed.body.access_token).not.toBe(old)
    expect(renewed.body.scopes).toContain(readonly)
  })

  test("a new consent that is denied leaves the old token and the old scopes", async () => {
    await consent(begunOf((await put([events])).body).link)
    const old = (await fetchToken(server.url, app, type)).body
    const page = await consent(begunOf((await put([readonly])).body).link, { deny: true })
    expect(page.status).toBe(400)
    expect((await fetchToken(server.url, app, type)).body).toEqual(old)
    expect(await listed()).toMatchObject([{ scopes: [events], status: "active" }])
  })

  test("scopes that the person unticks are stored as missing, shown with every token, and asked for again", async () => {
    await consent(begunOf((await put([events, readonly])).body).link, { untick: [readonly] })
    const token = await fetchToken(server.url, app, type)
    expect(token.body.scopes).toContain(events)
    expect(token.body.scopes).not.toContain(readonly)
    expect(token.body.missing_scopes).toEqual([readonly])
    expect(await listed()).toMatchObject([{ scopes: [events, readonly] }])
    expect((await put([events, readonly])).body.already_authorized).toBe(false)
    await consent(begunOf((await put([events, readonly])).body).link)
    expect((await fetchToken(server.url, app, type)).body.missing_scopes).toEqual([])
  })

  test("force_reconnect asks for consent even where none is needed", async () => {
    await connectShared(server.url, app, type)
    expect((await post({})).body.already_authorized).toBe(true)
    expect((await post({ force_reconnect: true })).body).toMatchObject({
      already_authorized: false,
      redirect_url: expect.any(String),
    })
  })

  test("the status is PENDING from the link to the callback, then ACTIVE", async () => {
    const browser = new TestBrowser()
    const { connectionId, link } = await begin(server.url, app, type)
    const status = () => statusOf(server.url, app, type, connectionId)
    expect(await status()).toBe("PENDING")
    const provider = await click(browser, link)
    expect(await status()).toBe("PENDING")
    const callback = await decideAt(browser, provider)
    expect(await status()).toBe("PENDING")
    await browser.open(callback.href)
    expect(await status()).toBe("ACTIVE")
  })

  test("the status of a denied consent is FAILED, and of an unknown connection PENDING", async () => {
    const { browser, callback, connectionId } = await upToCallback(server.url, app, type, {
      choice: { deny: true },
    })
    await browser.open(callback.href)
    expect(await statusOf(server.url, app, type, connectionId)).toBe("FAILED")
    expect(await statusOf(server.url, app, type, "conn_unknown")).toBe("PENDING")
  })

  const statusAnswer = async (connectionId: string, of = app) => {
    const query = `integration_type=${type}&connection_id=${connectionId}`
    return (await call(server.url, "GET", `/api/apps/${of.id}/external-auth/status?${query}`)).body
  }

  test("whoever began a denied consent reads the provider's words and what was sent", async () => {
    const { browser, callback, connectionId } = await upToCallback(server.url, app, type, {
      choice: { deny: true },
    })
    expect(await statusAnswer(connectionId)).toEqual({ status: "PENDING" })
    await browser.open(callback.href)
    const answer = await statusAnswer(connectionId)
    expect(answer).toMatchObject({
      status: "FAILED",
      error: "AUTHORIZATION_DENIED",
      error_message: expect.stringContaining("access_denied") as unknown,
    })
    expect(answer["redirect_uri"]).toBe(callback.origin + callback.pathname)
  })

  test("a consent that nobody finished in time says so, and one that succeeded says nothing more", async () => {
    const { connectionId } = await begin(server.url, app, type)
    await moveClock(server.url, 11 * 60_000)
    expect(await statusAnswer(connectionId)).toMatchObject({ status: "FAILED", error: "ATTEMPT_OVER" })
    const { connection_id: connected } = await connectShared(server.url, app, "slack")
    expect(await statusAnswer(connected ?? "")).toEqual({ status: "ACTIVE" })
  })

  test("the connection id of an attempt tells nothing in another app", async () => {
    const { browser, callback, connectionId } = await upToCallback(server.url, app, type)
    await browser.open(callback.href)
    expect(await statusOf(server.url, await createApp(server.url), type, connectionId)).toBe("PENDING")
  })

  test("list names the account's address, and leaves user_email out rather than null", async () => {
    await connectShared(server.url, app, type, { account: "grace@example.com" })
    await connectShared(server.url, app, "slack")
    const lines = await listed()
    expect(lines).toContainEqual({
      integration_type: type,
      status: "active",
      scopes: [events],
      user_email: "grace@example.com",
    })
    for (const line of lines) expect(Object.values(line)).not.toContain(null)
  })
})
