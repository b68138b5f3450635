import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, inBody, redirectUri, startDriver } from "../test-support/driver.ts"
import type { Driver } from "../test-support/driver.ts"

const google = { type: "googlecalendar", url: "https://oauth2.googleapis.com/token" }
const googleAuthorize = "https://accounts.google.com/o/oauth2/v2/auth"
const calendar = "https://www.googleapis.com/auth/calendar.events"
const asked = {
  response_type: "code",
  scope: `openid email ${calendar}`,
  access_type: "offline",
  prompt: "consent",
}

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange() {
  const code = await driver.code(google.type, googleAuthorize, asked)
  return driver.post(google.type, google.url, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    ...inBody(google.type),
  })
}

const refresh = (token: unknown) =>
  driver.post(google.type, google.url, {
    grant_type: "refresh_token",
    refresh_token: String(token),
    ...inBody(google.type),
  })

const fault = (name: string, further: Record<string, unknown> = {}) =>
  driver.control("faults", { type: google.type, fault: name, ...further })

describe("faults", () => {
  it("invalid_grant refuses as often as asked and leaves the grant alone", async () => {
    const token = (await exchange()).json["refresh_token"]
    await fault("invalid_grant", { times: 2 })
    const answers = [await refresh(token), await refresh(token), await refresh(token)]
    expect(answers.map((answer) => answer.status)).toEqual([400, 400, 200])
  })

  it("refresh_reuse ends the whole grant", async () => {
    const token = (await exchange()).json["refresh_token"]
    await fault("refresh_reuse")
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
  })

  it("slow carries the request out and holds the answer back", async () => {
    const token = (await exchange()).json["refresh_token"]
    await fault("slow", { delay_ms: 300 })
    const startedMs = performance.now()
    expect((await refresh(token)).status).toBe(200)
    expect(performance.now() - startedMs).toBeGreaterThan(250)
  })

  it("hang carries the request out and never answers, and does not keep the sandbox from closing", async () => {
    const own = await startDriver()
    const code = await own.code("notion", "https://api.notion.com/v1/oauth/authorize", {
      response_type: "code",
      owner: "user",
    })
    await own.control("faults", { type: "notion", fault: "hang" })
    const url = "https://api.notion.com/v1/oauth/token"
    const send = (signal: AbortSignal) => {
      const body = JSON.stringify({ grant_type: "authorization_code", code, redirect_uri: redirectUri })
      return own.call("notion", url, {
        method: "POST",
        signal,
        body,
        headers: { ...basic("notion"), "content-type": "application/json" },
      })
    }
    await expect(send(AbortSignal.timeout(200))).rejects.toThrow()
    expect((await send(AbortSignal.timeout(5000))).json["error"]).toBe("invalid_grant")
    await own.control("faults", { type: "notion", fault: "hang" })
    const hanging = send(AbortSignal.timeout(20_000)).catch(() => "cut")
    await new Promise((resolve) => setTimeout(resolve, 50))
    await own.close()
    await hanging
  })

  it("5xx_then_ok does not carry the request out", async () => {
    const token = (await exchange()).json["refresh_token"]
    await fault("5xx_then_ok")
    expect([(await refresh(token)).status, (await refresh(token)).status]).toEqual([503, 200])
  })

  it("garbage claims to be JSON and html_error does not", async () => {
    const token = (await exchange()).json["refresh_token"]
    await fault("garbage")
    const garbage = await refresh(token)
    expect([garbage.status, garbage.headers.get("content-type")]).toEqual([
      200,
      expect.stringContaining("application/json"),
    ])
    expect(() => JSON.parse(garbage.text)).toThrow(SyntaxError)
    await fault("html_error")
    const page = await refresh(token)
    expect([page.status, page.headers.get("content-type")]).toEqual([502, "text/html; charset=utf-8"])
  })

  it("partial_scopes grants half of what was ticked", async () => {
    await fault("partial_scopes")
    expect(String((await exchange()).json["scope"]).split(" ")).toHaveLength(2)
    expect(String((await exchange()).json["scope"]).split(" ")).toHaveLength(3)
  })

  it("same_token_on_refresh repeats the access token with a new term", async () => {
    const first = (await exchange()).json
    driver.clock.advance(3000_000)
    await fault("same_token_on_refresh")
    expect((await refresh(first["refresh_token"])).json).toMatchObject({
      access_token: first["access_token"],
      expires_in: 3599,
    })
  })

  it("no_refresh_token leaves it out of an exchange, and keeps a rotating provider from rotating", async () => {
    await fault("no_refresh_token")
    expect((await exchange()).json).not.toHaveProperty("refresh_token")
    const code = await driver.code("slackbot", "https://slack.com/oauth/v2/authorize", {
      scope: "chat:write",
    })
    const url = "https://slack.com/api/oauth.v2.access"
    const bot = (
      await driver.post("slackbot", url, { code, redirect_uri: redirectUri, ...inBody("slackbot") })
    ).json
    const again = {
      grant_type: "refresh_token",
      refresh_token: String(bot["refresh_token"]),
      ...inBody("slackbot"),
    }
    await driver.control("faults", { type: "slackbot", fault: "no_refresh_token" })
    expect((await driver.post("slackbot", url, again)).json).not.toHaveProperty("refresh_token")
    expect((await driver.post("slackbot", url, again)).json).toMatchObject({
      ok: true,
      refresh_token: expect.any(String),
    })
  })

  it("rate_limited says when to come back", async () => {
    const token = (await exchange()).json["refresh_token"]
    await fault("rate_limited", { retry_after_s: 7 })
    const limited = await refresh(token)
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"])
  })

  it("meets another endpoint when told, and only that", async () => {
    const first = (await exchange()).json
    await fault("5xx_then_ok", { endpoint: "revoke" })
    expect((await refresh(first["refresh_token"])).status).toBe(200)
    const revokeUrl = "https://oauth2.googleapis.com/revoke"
    const revoke = () => driver.post(google.type, revokeUrl, { token: String(first["refresh_token"]) })
    expect([(await revoke()).status, (await revoke()).status]).toEqual([503, 200])
  })

  it("leaves other services alone", async () => {
    await driver.control("faults", { type: "gmail", fault: "5xx_then_ok" })
    expect((await exchange()).status).toBe(200)
  })
})
