import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import {
  authorization,
  bearer,
  challenge,
  inBody,
  redirectUri,
  startDriver,
  state,
  verifier,
} from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const authorizeUrl = "https://accounts.google.com/o/oauth2/v2/auth"
const tokenUrl = "https://oauth2.googleapis.com/token"
const revokeUrl = "https://oauth2.googleapis.com/revoke"
const userinfoUrl = "https://openidconnect.googleapis.com/v1/userinfo"
const apiUrl = "https://www.googleapis.com/calendar/v3/calendars/primary"
const calendar = "https://www.googleapis.com/auth/calendar.events"
const asked = { response_type: "code", scope: `openid email ${calendar}`, access_type: "offline" }
const type = "googlecalendar"

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(params: Record<string, string> = asked, further: Record<string, string> = {}) {
  const code = await driver.code(type, authorizeUrl, params)
  return driver.post(type, tokenUrl, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    ...inBody(type),
    ...further,
  })
}

const refresh = (token: unknown) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token), ...inBody(type) })

describe("Google", () => {
  it("answers an exchange with long scope names in its own order, an ID token and 3599 seconds", async () => {
    const { status, json } = await exchange()
    expect(status).toBe(200)
    expect(json).toMatchObject({ expires_in: 3599, token_type: "Bearer" })
    expect(json["scope"]).toBe(`${calendar} https://www.googleapis.com/auth/userinfo.email openid`)
    const claims: unknown = JSON.parse(
      Buffer.from(String(json["id_token"]).split(".")[1] ?? "", "base64url").toString(),
    )
    expect(claims).toMatchObject({
      iss: "https://accounts.google.com",
      aud: "sandbox-googlecalendar",
      email: "ada@example.com",
    })
  })

  it("gives a refresh token only for offline access", async () => {
    expect((await exchange({ ...asked, access_type: "online" })).json).not.toHaveProperty("refresh_token")
    await driver.control("reset", {})
    expect((await exchange()).json).toHaveProperty("refresh_token")
  })

  it("gives a refresh token on a repeated consent only with prompt=consent", async () => {
    await exchange()
    expect((await exchange()).json).not.toHaveProperty("refresh_token")
    expect((await exchange({ ...asked, prompt: "consent" })).json).toHaveProperty("refresh_token")
  })

  it("answers a refresh without a refresh token, and the old one keeps working", async () => {
    const { refresh_token: token, access_token: first } = (await exchange()).json
    const refreshed = await refresh(token)
    expect(refreshed.json).not.toHaveProperty("refresh_token")
    expect(refreshed.json["access_token"]).not.toBe(first)
    expect((await refresh(token)).status).toBe(200)
  })

  it("takes HTTP Basic as well as the body", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    const headers = {
      authorization: `Basic ${Buffer.from("sandbox-googlecalendar:sandbox-secret-googlecalendar").toString("base64")}`,
    }
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri }
    expect((await driver.post(type, tokenUrl, fields, headers)).status).toBe(200)
  })

  it("ends the whole grant when any of its tokens is revoked, and says so the second time", async () => {
    const { refresh_token: token, access_token: access } = (await exchange()).json
    expect((await driver.post(type, revokeUrl, { token: String(access) })).status).toBe(200)
    const dead = await refresh(token)
    expect(dead.status).toBe(400)
    expect(dead.json).toEqual({
      error: "invalid_grant",
      error_description: "Token has been expired or revoked.",
    })
    const again = await driver.post(type, revokeUrl, { token: String(token) })
    expect([again.status, again.json["error"]]).toEqual([400, "invalid_token"])
  })

  it("ends the grants of sibling services that use the same client", async () => {
    const code = await driver.code("gmail", authorizeUrl, { ...asked, client_id: "sandbox-googlecalendar" })
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
    const mail = (await driver.post("gmail", tokenUrl, fields)).json
    const own = (await exchange({ ...asked, prompt: "consent" })).json
    await driver.post(type, revokeUrl, { token: String(own["refresh_token"]) })
    const gone = await driver.call("gmail", userinfoUrl, { headers: bearer(mail["access_token"]) })
    expect(gone.status).toBe(401)
  })

  it("names the account at its userinfo endpoint until the token expires", async () => {
    const { access_token: access } = (await exchange()).json
    const named = await driver.call(type, userinfoUrl, { headers: bearer(access) })
    expect(named.json).toEqual({
      sub: "100000000000000000001",
      email: "ada@example.com",
      email_verified: true,
    })
    expect((await driver.call(type, apiUrl, { headers: bearer(access) })).json).toMatchObject({
      account: "ada@example.com",
    })
    driver.clock.advance(3599_000)
    const late = await driver.call(type, apiUrl, { headers: bearer(access) })
    expect(late.status).toBe(401)
    expect(late.json["error"]).toMatchObject({ code: 401, status: "UNAUTHENTICATED" })
  })

  it("silently drops the oldest of more than 100 live refresh tokens", async () => {
    await driver.control("client", { type, settings: { max_refresh_tokens: 2 } })
    const tokens: unknown[] = []
    for (let turn = 0; turn < 3; turn++)
      tokens.push((await exchange({ ...asked, prompt: "consent" })).json["refresh_token"])
    expect((await refresh(tokens[0])).json["error"]).toBe("invalid_grant")
    expect((await refresh(tokens[1])).status).toBe(200)
  })

  it("verifies PKCE: a missing, a wrong and an unexpected verifier are refused", async () => {
    const withChallenge = { ...asked, code_challenge: challenge, code_challenge_method: "S256" }
    expect((await exchange(withChallenge)).json["error"]).toBe("invalid_grant")
    expect((await exchange(withChallenge, { code_verifier: "b".repeat(43) })).json["error"]).toBe(
      "invalid_grant",
    )
    expect((await exchange(asked, { code_verifier: verifier })).json["error"]).toBe("invalid_grant")
    expect((await exchange(withChallenge, { code_verifier: verifier })).status).toBe(200)
  })

  it("returns the granted scopes and its issuer to the callback, and only the error on a denial", async () => {
    const given = await driver.callback(type, authorizeUrl, asked, {
      decision: "approve",
      without: [calendar],
    })
    expect(given.searchParams.get("scope")).toBe("https://www.googleapis.com/auth/userinfo.email openid")
    expect(given.searchParams.get("iss")).toBe("https://accounts.google.com")
    const denied = await driver.callback(type, authorizeUrl, asked, { decision: "deny" })
    expect(Object.fromEntries(denied.searchParams)).toEqual({
      error: "access_denied",
      state,
      iss: "https://accounts.google.com",
    })
  })

  it.each([
    ["an unknown client", { client_id: "nobody" }, "invalid_client"],
    ["no redirect URI", { redirect_uri: "" }, "invalid_request"],
    ["no response type", { response_type: "" }, "invalid_request"],
    ["no scope", { scope: "" }, "invalid_request"],
    ["an unknown scope", { scope: "https://evil.example/auth/calendar" }, "invalid_scope"],
    ["an unknown access type", { access_type: "always" }, "invalid_request"],
  ])("shows %s on a page of its own", async (_case, params, error) => {
    const page = await fetch(authorization(driver.at(type, authorizeUrl), type, { ...asked, ...params }), {
      redirect: "manual",
    })
    expect(page.status).toBe(400)
    expect(await page.text()).toContain(`<code>${error}</code>`)
  })
})
