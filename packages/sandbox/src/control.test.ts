import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { inBody, redirectUri, startDriver } from "../test-support/driver.ts"
import type { Driver } from "../test-support/driver.ts"

const authorizeUrl = "https://accounts.google.com/o/oauth2/v2/auth"
const tokenUrl = "https://oauth2.googleapis.com/token"
const asked = { response_type: "code", scope: "openid email", access_type: "offline", prompt: "consent" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(account = "ada@example.com") {
  const code = await driver.code("gmail", authorizeUrl, asked, { decision: "approve", account })
  return driver.post("gmail", tokenUrl, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    ...inBody("gmail"),
  })
}

const refresh = (token: unknown) =>
  driver.post("gmail", tokenUrl, {
    grant_type: "refresh_token",
    refresh_token: String(token),
    ...inBody("gmail"),
  })

describe("the control API", () => {
  it("lists calls with their endpoint and grant type, and no secret", async () => {
    const { refresh_token: token, access_token: access } = (await exchange()).json
    await refresh(token)
    const { json, text } = await driver.control("requests?type=gmail")
    expect(json["counts"]).toMatchObject({ authorize: 2, token: 1, refresh: 1, revoke: 0 })
    expect(json["requests"]).toMatchObject([
      { endpoint: "authorize", method: "GET", outcome: "ok" },
      { endpoint: "authorize", method: "POST", outcome: "ok" },
      { endpoint: "token", grant_type: "authorization_code", client_id: "sandbox-gmail", status: 200 },
      { endpoint: "refresh", grant_type: "refresh_token", host: "oauth2.googleapis.com", path: "/token" },
    ])
    for (const secret of [token, access, "sandbox-secret-gmail"]) expect(text).not.toContain(secret)
  })

  it("counts calls of other types apart", async () => {
    await exchange()
    expect((await driver.control("requests?type=slack")).json).toMatchObject({
      requests: [],
      counts: { token: 0 },
    })
  })

  it("shows clock, grants and faults in its state, and no secret", async () => {
    const { refresh_token: token, access_token: access } = (await exchange("grace@example.com")).json
    await driver.control("faults", { type: "gmail", fault: "slow", times: 3, delay_ms: 1 })
    const { json, text } = await driver.control("state")
    expect(json).toMatchObject({
      clock: { now: new Date(driver.clock.now()).toISOString() },
      grants: [
        {
          type: "gmail",
          account: "grace@example.com",
          status: "live",
          tokens: [{ kind: "access", status: "live" }, { kind: "refresh" }],
        },
      ],
      faults: [{ type: "gmail", fault: "slow", times: 3, delay_ms: 1 }],
    })
    for (const secret of [token, access, "sandbox-secret-"]) expect(text).not.toContain(secret)
    const page = await (await fetch(`${driver.origin}/sandbox`)).text()
    expect(page).toContain("grace@example.com")
    for (const secret of [token, access, "sandbox-secret-"]) expect(page).not.toContain(secret)
  })

  it("moves the clock that it was given", async () => {
    const before = driver.clock.now()
    expect((await driver.control("clock", { advance_ms: 3600_000 })).status).toBe(200)
    expect(driver.clock.now()).toBe(before + 3600_000)
  })

  it("takes a consent back as the account's owner would", async () => {
    const ada = (await exchange()).json["refresh_token"]
    const grace = (await exchange("grace@example.com")).json["refresh_token"]
    expect((await driver.control("revoke", { type: "gmail", account: "ada@example.com" })).json).toEqual({
      revoked: 1,
    })
    expect((await refresh(ada)).json["error"]).toBe("invalid_grant")
    expect((await refresh(grace)).status).toBe(200)
  })

  it("registers a client with its own secret and redirect URIs", async () => {
    const own = { type: "gmail", client_id: "own", client_secret: "own-secret", redirect_uris: [redirectUri] }
    expect((await driver.control("client", own)).json).toMatchObject({
      client_id: "own",
      client_secret: "own-secret",
    })
    const code = await driver.code("gmail", authorizeUrl, { ...asked, client_id: "own" })
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri }
    expect((await driver.post("gmail", tokenUrl, { ...fields, ...inBody("gmail") })).json["error"]).toBe(
      "invalid_grant",
    )
    const right = await driver.post("gmail", tokenUrl, {
      ...fields,
      client_id: "own",
      client_secret: "own-secret",
    })
    expect(right.status).toBe(200)
    const elsewhere = driver.code("gmail", authorizeUrl, {
      ...asked,
      client_id: "own",
      redirect_uri: "https://other.example/",
    })
    await expect(elsewhere).rejects.toThrow("no consent page")
  })

  it("changes a client's secret without ending its grants", async () => {
    const token = (await exchange()).json["refresh_token"]
    await driver.control("client", { type: "gmail", client_secret: "rotated" })
    expect((await refresh(token)).json["error"]).toBe("invalid_client")
    const fields = { grant_type: "refresh_token", refresh_token: String(token), client_id: "sandbox-gmail" }
    expect((await driver.post("gmail", tokenUrl, { ...fields, client_secret: "rotated" })).status).toBe(200)
  })

  it("has as many accounts as a test needs", async () => {
    expect((await exchange("load-17@example.com")).status).toBe(200)
    await expect(exchange("somebody@else.example")).rejects.toThrow()
  })

  it.each([
    ["clock", {}, "advance_ms"],
    ["clock", { advance_ms: -1 }, "advance_ms"],
    ["clock", { advance_ms: "60" }, "advance_ms"],
    ["clock", { advance_ms: 1e300 }, "advance_ms"],
    ["clock", [], "advance_ms"],
    ["faults", { type: "nothing", fault: "slow" }, "type"],
    ["faults", { type: "gmail", fault: "typo" }, "fault"],
    ["faults", { type: "gmail", fault: "slow", times: 0 }, "times"],
    ["faults", { type: "gmail", fault: "slow", delay_ms: 1.5 }, "delay_ms"],
    ["faults", { type: "gmail", fault: "invalid_grant", endpoint: "revoke" }, "endpoint"],
    ["faults", { type: "gmail", fault: "slow", delay: 5 }, "delay"],
    ["client", { type: "gmail", settings: { toString: 1 } }, "settings"],
    ["client", { type: "gmail", settings: { rotation: "yes" } }, "settings.rotation"],
    ["client", { type: "gmail", client_id: "sandbox-slack" }, "client_id"],
    ["client", { type: "gmail", redirect_uris: "https://x" }, "redirect_uris"],
    ["revoke", { type: "gmail", account: 7 }, "account"],
    ["reset", { all: true }, "all"],
  ])("names the field of %s that is wrong in %j", async (path, body, field) => {
    const { status, json } = await driver.control(path, body)
    expect([status, json["code"]]).toEqual([400, "INVALID_REQUEST"])
    expect(json["detail"]).toContain(field)
  })

  it("takes no body that is not JSON, and nothing from pages of other origins", async () => {
    const post = (headers: HeadersInit, body: string) =>
      fetch(`${driver.origin}/sandbox/_control/clock`, { method: "POST", headers, body })
    expect((await post({ "content-type": "text/plain" }, '{"advance_ms":1}')).status).toBe(400)
    expect((await post({ "content-type": "application/json" }, "{")).status).toBe(400)
    const foreign = { "content-type": "application/json", origin: "https://evil.example" }
    expect((await post(foreign, '{"advance_ms":1}')).status).toBe(400)
    expect((await post({ ...foreign, origin: driver.origin }, '{"advance_ms":1}')).status).toBe(200)
  })

  it("resets everything but the time", async () => {
    const token = (await exchange()).json["refresh_token"]
    await driver.control("client", { type: "gmail", client_secret: "rotated" })
    await driver.control("faults", { type: "gmail", fault: "slow" })
    const before = driver.clock.now()
    await driver.control("reset", {})
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
    expect((await driver.control("state")).json).toMatchObject({ grants: [], faults: [] })
    expect(driver.clock.now()).toBe(before)
  })

  it("tells what it has when asked for something else", async () => {
    const { status, json } = await driver.control("nothing")
    expect(status).toBe(404)
    expect(json["detail"]).toContain("POST clock")
  })
})
