import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import {
  authorization,
  basic,
  bearer,
  challenge,
  inBody,
  redirectUri,
  startDriver,
} from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const authorizeUrl = "https://slack.com/oauth/v2/authorize"
const tokenUrl = "https://slack.com/api/oauth.v2.access"
const testUrl = "https://slack.com/api/auth.test"
const revokeUrl = "https://slack.com/api/auth.revoke"
const forUser = { user_scope: "users:read,chat:write" }
const forBot = { scope: "chat:write,channels:read" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(type: string, params: Record<string, string>, account = "ada@example.com") {
  const code = await driver.code(type, authorizeUrl, params, { decision: "approve", account })
  return driver.post(type, tokenUrl, { code, redirect_uri: redirectUri }, basic(type))
}

const refresh = (type: string, token: unknown) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token), ...inBody(type) })

const userOf = (json: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const user = json["authed_user"]
  return typeof user === "object" && user !== null ? { ...user } : {}
}

describe("Slack", () => {
  it("nests a user's token on exchange and has none at the top", async () => {
    const { json, status } = await exchange("slack", forUser)
    expect(status).toBe(200)
    expect(json).toMatchObject({
      ok: true,
      team: { id: "T0SANDBOX1", name: "Example Workspace" },
      enterprise: null,
    })
    expect(json).not.toHaveProperty("access_token")
    expect(userOf(json)).toMatchObject({
      scope: "users:read,chat:write",
      expires_in: 43_200,
      token_type: "user",
    })
    expect(userOf(json)["access_token"]).toMatch(/^xoxe\.xoxp-1-/)
  })

  it("answers a user's refresh flat and uses up the refresh token", async () => {
    const token = userOf((await exchange("slack", forUser)).json)["refresh_token"]
    const renewed = await refresh("slack", token)
    expect(renewed.json).toMatchObject({
      ok: true,
      token_type: "user",
      user_id: "U0SANDBOX01",
      scope: "users:read,chat:write",
    })
    expect(renewed.json).not.toHaveProperty("authed_user")
    const reused = await refresh("slack", token)
    expect([reused.status, reused.json]).toEqual([200, { ok: false, error: "invalid_refresh_token" }])
    expect((await refresh("slack", renewed.json["refresh_token"])).json["ok"]).toBe(true)
  })

  it("has a bot's token at the top, and one bot per workspace", async () => {
    const first = (await exchange("slackbot", forBot)).json
    expect(first).toMatchObject({
      token_type: "bot",
      bot_user_id: "U0SANDBOX1BOT",
      authed_user: { id: "U0SANDBOX01" },
    })
    expect(userOf(first)).toEqual({ id: "U0SANDBOX01" })
    await exchange("slackbot", forBot, "grace@example.com")
    const { json } = await driver.control("state")
    expect(json["grants"]).toHaveLength(1)
    const named = await driver.call("slackbot", testUrl, {
      method: "POST",
      headers: bearer(first["access_token"]),
    })
    expect(named.json).toMatchObject({ ok: true, user_id: "U0SANDBOX1BOT", bot_id: "B0SANDBOX1" })
  })

  it("gives both tokens when both are asked for", async () => {
    const { json } = await exchange("slack", { ...forUser, ...forBot })
    expect(json["access_token"]).toMatch(/^xoxe\.xoxb-1-/)
    expect(userOf(json)["access_token"]).toMatch(/^xoxe\.xoxp-1-/)
  })

  it("adds new scopes to the old ones", async () => {
    await exchange("slack", { user_scope: "users:read" })
    expect(userOf((await exchange("slack", { user_scope: "files:read" })).json)["scope"]).toBe(
      "users:read,files:read",
    )
  })

  it("rejects PKCE unless the app opted in", async () => {
    const params = { ...forUser, code_challenge: challenge, code_challenge_method: "S256" }
    const page = await fetch(authorization(driver.at("slack", authorizeUrl), "slack", params), {
      redirect: "manual",
    })
    expect([page.status, await page.text()]).toEqual([
      400,
      expect.stringContaining("<code>pkce_not_allowed</code>"),
    ])
    await driver.control("client", { type: "slack", settings: { pkce: true } })
    expect(await driver.code("slack", authorizeUrl, params)).not.toBe("")
  })

  it("gives lasting tokens without refresh tokens while rotation is off", async () => {
    await driver.control("client", { type: "slack", settings: { rotation: false } })
    const user = userOf((await exchange("slack", forUser)).json)
    expect(Object.keys(user).toSorted()).toEqual(["access_token", "id", "scope", "token_type"])
    driver.clock.advance(400 * 24 * 3600 * 1000)
    const tested = await driver.call("slack", testUrl, {
      method: "POST",
      headers: bearer(user["access_token"]),
    })
    expect(tested.json).toMatchObject({ ok: true, user: "ada", team: "Example Workspace" })
  })

  it("revokes one token with rotation and the authorization without", async () => {
    const user = userOf((await exchange("slack", forUser)).json)
    const revoked = await driver.call("slack", revokeUrl, {
      method: "POST",
      headers: bearer(user["access_token"]),
    })
    expect(revoked.json).toEqual({ ok: true, revoked: true })
    expect(
      (await driver.call("slack", testUrl, { method: "POST", headers: bearer(user["access_token"]) })).json,
    ).toEqual({
      ok: false,
      error: "token_revoked",
    })
    expect((await refresh("slack", user["refresh_token"])).json["ok"]).toBe(true)
  })

  it("keeps at most two live access tokens", async () => {
    const user = userOf((await exchange("slack", forUser)).json)
    const second = (await refresh("slack", user["refresh_token"])).json
    const firstStill = await driver.call("slack", testUrl, {
      method: "POST",
      headers: bearer(user["access_token"]),
    })
    expect(firstStill.json["ok"]).toBe(true)
    await refresh("slack", second["refresh_token"])
    const firstNow = await driver.call("slack", testUrl, {
      method: "POST",
      headers: bearer(user["access_token"]),
    })
    expect(firstNow.json).toEqual({ ok: false, error: "token_revoked" })
  })

  it("says what is wrong at status 200, in words of its own", async () => {
    const code = await driver.code("slack", authorizeUrl, forUser)
    const wrongSecret = { client_id: "sandbox-slack", client_secret: "nope" }
    const tries = [
      await driver.post("slack", tokenUrl, { code, redirect_uri: redirectUri, ...wrongSecret }),
      await driver.post("slack", tokenUrl, {
        code,
        redirect_uri: redirectUri,
        client_id: "x",
        client_secret: "y",
      }),
      await driver.post("slack", tokenUrl, {
        code,
        redirect_uri: "https://other.example/",
        ...inBody("slack"),
      }),
      await driver.post("slack", tokenUrl, {
        code: "garbled",
        redirect_uri: redirectUri,
        ...inBody("slack"),
      }),
      await driver.post("slack", tokenUrl, { code, grant_type: "password", ...inBody("slack") }),
    ]
    expect(tries.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200])
    expect(tries.map((answer) => answer.json["error"])).toEqual([
      "bad_client_secret",
      "invalid_client_id",
      "bad_redirect_uri",
      "invalid_code",
      "invalid_grant_type",
    ])
  })

  it("takes no lower-case bearer", async () => {
    const user = userOf((await exchange("slack", forUser)).json)
    const headers = { authorization: `bearer ${String(user["access_token"])}` }
    expect((await driver.call("slack", testUrl, { method: "POST", headers })).json).toEqual({
      ok: false,
      error: "not_authed",
    })
  })

  it("demands at least one scope", async () => {
    const page = await fetch(authorization(driver.at("slack", authorizeUrl), "slack", {}), {
      redirect: "manual",
    })
    expect([page.status, await page.text()]).toEqual([400, expect.stringContaining("invalid_scope")])
  })
})
