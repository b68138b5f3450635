import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { bearer, challenge, inBody, redirectUri, startDriver, verifier } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "dropbox"
const authorizeUrl = "https://www.dropbox.com/oauth2/authorize"
const tokenUrl = "https://api.dropboxapi.com/oauth2/token"
const accountUrl = "https://api.dropboxapi.com/2/users/get_current_account"
const revokeUrl = "https://api.dropboxapi.com/2/auth/token/revoke"
const asked = {
  response_type: "code",
  token_access_type: "offline",
  scope: "account_info.read files.content.read",
}

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(
  params: Record<string, string> = asked,
  further: Record<string, string> = inBody(type),
) {
  const code = await driver.code(type, authorizeUrl, params)
  return driver.post(type, tokenUrl, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    ...further,
  })
}

const refresh = (token: unknown, further: Record<string, string> = inBody(type)) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token), ...further })

describe("Dropbox", () => {
  it("names the account in the exchange and gives a very long token for four hours", async () => {
    const { json } = await exchange()
    expect(json).toMatchObject({
      uid: "10001",
      expires_in: 14_400,
      scope: "account_info.read files.content.read",
    })
    expect(json["account_id"]).toMatch(/^dbid:/)
    expect(String(json["access_token"]).length).toBeGreaterThan(1000)
  })

  it("gives a refresh token only with token_access_type=offline, and never in a refresh", async () => {
    expect((await exchange({ ...asked, token_access_type: "" })).json).not.toHaveProperty("refresh_token")
    const token = (await exchange()).json["refresh_token"]
    expect(Object.keys((await refresh(token)).json)).toEqual(["access_token", "token_type", "expires_in"])
  })

  it("asks no secret of a client that used PKCE, and of every other", async () => {
    const pkce = { ...asked, code_challenge: challenge, code_challenge_method: "S256" }
    const withPkce = await exchange(pkce, { client_id: "sandbox-dropbox", code_verifier: verifier })
    expect(withPkce.status).toBe(200)
    expect((await refresh(withPkce.json["refresh_token"], { client_id: "sandbox-dropbox" })).status).toBe(200)
    expect((await exchange(asked, { client_id: "sandbox-dropbox" })).json["error"]).toBe("invalid_client")
  })

  it("names the account to a POST without a body, and refuses an empty JSON body", async () => {
    const headers = bearer((await exchange()).json["access_token"])
    const named = await driver.call(type, accountUrl, { method: "POST", headers })
    expect(named.json).toMatchObject({ email: "ada@example.com", name: { display_name: "Ada Example" } })
    const json = { ...headers, "content-type": "application/json" }
    expect((await driver.call(type, accountUrl, { method: "POST", headers: json })).status).toBe(400)
    expect(
      (await driver.call(type, accountUrl, { method: "POST", headers: json, body: "null" })).status,
    ).toBe(200)
    expect((await driver.call(type, accountUrl, { headers })).status).toBe(405)
  })

  it("ends the refresh token with the access token that is revoked, which must be alive", async () => {
    const { access_token: access, refresh_token: token } = (await exchange()).json
    expect((await driver.call(type, revokeUrl, { method: "POST", headers: bearer(access) })).status).toBe(200)
    const dead = await refresh(token)
    expect([dead.status, dead.json["error_description"]]).toEqual([
      400,
      "refresh token is invalid or revoked",
    ])
    const again = await driver.call(type, revokeUrl, { method: "POST", headers: bearer(access) })
    expect([again.status, again.json["error"]]).toEqual([401, { ".tag": "invalid_access_token" }])
    const later = (await exchange()).json
    driver.clock.advance(14_400_000)
    const expired = await driver.call(type, revokeUrl, {
      method: "POST",
      headers: bearer(later["access_token"]),
    })
    expect([expired.status, expired.json["error"]]).toEqual([401, { ".tag": "expired_access_token" }])
  })

  it("narrows a refresh to fewer scopes and never widens it", async () => {
    const token = (await exchange()).json["refresh_token"]
    expect((await refresh(token, { ...inBody(type), scope: "account_info.read" })).status).toBe(200)
    expect((await refresh(token, { ...inBody(type), scope: "sharing.write" })).json["error"]).toBe(
      "invalid_scope",
    )
  })
})
