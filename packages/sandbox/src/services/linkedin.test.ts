import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { bearer, challenge, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "linkedin"
const authorizeUrl = "https://www.linkedin.com/oauth/v2/authorization"
const tokenUrl = "https://www.linkedin.com/oauth/v2/accessToken"
const asked = { response_type: "code", scope: "openid profile email" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(params = asked) {
  const code = await driver.code(type, authorizeUrl, params)
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
  return { fields, json: (await driver.post(type, tokenUrl, fields)).json }
}

const refresh = (token: unknown) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token), ...inBody(type) })

describe("LinkedIn", () => {
  it("gives most apps no refresh token, and scopes with commas", async () => {
    const { json } = await exchange()
    expect(json).toMatchObject({ expires_in: 5_184_000, scope: "openid,profile,email" })
    expect(json).not.toHaveProperty("refresh_token")
  })

  it("gives partners a refresh token whose year no refresh prolongs", async () => {
    await driver.control("client", { type, settings: { refresh_tokens: true } })
    const { json } = await exchange()
    const token = json["refresh_token"]
    expect(json["refresh_token_expires_in"]).toBe(31_536_000)
    driver.clock.advance(100_000_000)
    expect((await refresh(token)).json).toMatchObject({
      refresh_token: token,
      refresh_token_expires_in: 31_536_000 - 100_000,
    })
    driver.clock.advance(31_536_000_000)
    expect(await refresh(token)).toMatchObject({ status: 400, json: { error: "invalid_request" } })
  })

  it("tells a used code as a bad request, an old one as a bad redirect URI, and wrong credentials at 401", async () => {
    const { fields } = await exchange()
    expect(await driver.post(type, tokenUrl, fields)).toMatchObject({
      status: 401,
      json: { error: "invalid_request" },
    })
    const code = await driver.code(type, authorizeUrl, asked)
    driver.clock.advance(1_799_999)
    expect(await driver.post(type, tokenUrl, { ...fields, code, client_secret: "wrong" })).toMatchObject({
      status: 401,
      json: { error: "invalid_client" },
    })
    driver.clock.advance(1)
    expect(await driver.post(type, tokenUrl, { ...fields, code })).toMatchObject({
      status: 400,
      json: { error: "invalid_redirect_uri" },
    })
  })

  it("has a word of its own for a person's no and for scopes that the app was not given", async () => {
    const denied = await driver.callback(type, authorizeUrl, asked, { decision: "deny" })
    expect(denied.searchParams.get("error")).toBe("user_cancelled_authorize")
  })

  it("takes no PKCE", async () => {
    const pkce = { code_challenge: challenge, code_challenge_method: "S256" }
    await expect(driver.code(type, authorizeUrl, { ...asked, ...pkce })).rejects.toThrow()
  })

  it("names nobody without openid", async () => {
    const { json } = await exchange({ ...asked, scope: "w_member_social" })
    const answer = await driver.call(type, "https://api.linkedin.com/v2/userinfo", {
      headers: bearer(json["access_token"]),
    })
    expect(answer.status).toBe(403)
  })
})
