import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, challenge, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "square"
const authorizeUrl = "https://connect.squareup.com/oauth2/authorize"
const tokenUrl = "https://connect.squareup.com/oauth2/token"
const revokeUrl = "https://connect.squareup.com/oauth2/revoke"
const asked = { response_type: "code", scope: "MERCHANT_PROFILE_READ", session: "false" }
const { client_id: id, client_secret: secret } = inBody(type)

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

const send = (url: string, value: unknown, headers: Record<string, string> = {}) =>
  driver.call(type, url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  })

async function exchange(more: Record<string, unknown> = { redirect_uri: redirectUri }) {
  const code = await driver.code(type, authorizeUrl, asked)
  return send(tokenUrl, { grant_type: "authorization_code", code, ...inBody(type), ...more })
}

const refresh = (token: unknown, more: Record<string, unknown> = {}) =>
  send(tokenUrl, { grant_type: "refresh_token", refresh_token: token, ...inBody(type), ...more })

describe("Square", () => {
  it("names the date of the end, the merchant, and neither lifetime nor scopes", async () => {
    const { json } = await exchange()
    const issuedAt = driver.clock.now()
    expect(json).toEqual({
      access_token: expect.stringMatching(/^EAAAE/),
      token_type: "bearer",
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      merchant_id: "MLSANDBOX0001",
      refresh_token: expect.stringMatching(/^EQAAE/),
      short_lived: false,
    })
    expect(Math.abs(Date.parse(String(json["expires_at"])) - issuedAt - 2_592_000_000)).toBeLessThan(2000)
  })

  it("lets the redirect URI out of the exchange, and takes no other", async () => {
    expect((await exchange({})).status).toBe(200)
    expect((await exchange({ redirect_uri: `${redirectUri}/` })).status).toBe(400)
  })

  it("takes a code for five minutes", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    driver.clock.advance(300_000)
    expect(await send(tokenUrl, { grant_type: "authorization_code", code, ...inBody(type) })).toMatchObject({
      status: 401,
      json: { type: "service.not_authorized" },
    })
  })

  it("repeats the refresh token, and lets the tokens before live to their own end", async () => {
    const { json } = await exchange()
    const renewed = (await refresh(json["refresh_token"])).json
    expect(renewed["refresh_token"]).toBe(json["refresh_token"])
    const me = (token: unknown) =>
      driver.call(type, "https://connect.squareup.com/v2/merchants/me", { headers: bearer(token) })
    expect([(await me(json["access_token"])).status, (await me(renewed["access_token"])).status]).toEqual([
      200, 200,
    ])
  })

  it("says type and message, the same type for a wrong client and a dead token", async () => {
    const wrong = await refresh("EQAAEunknown", { client_secret: "wrong" })
    const dead = await refresh("EQAAEunknown")
    expect([wrong.status, wrong.json]).toEqual([
      401,
      { message: "Not Authorized", type: "service.not_authorized" },
    ])
    expect([dead.status, dead.json]).toEqual([
      401,
      { message: "Invalid refresh token", type: "service.not_authorized" },
    ])
  })

  it("takes neither forms, HTTP Basic nor PKCE", async () => {
    const fields = { grant_type: "refresh_token", refresh_token: "EQAAEunknown" }
    expect((await driver.post(type, tokenUrl, { ...fields, ...inBody(type) })).status).toBe(400)
    expect((await send(tokenUrl, fields, basic(type))).status).toBe(401)
    const pkce = { code_challenge: challenge, code_challenge_method: "S256" }
    await expect(driver.code(type, authorizeUrl, { ...asked, ...pkce })).rejects.toThrow()
  })

  it("revokes in a scheme of its own, for its own client, and everything that the merchant gave", async () => {
    const [one, other] = [(await exchange()).json, (await exchange()).json]
    const revoke = (headers: Record<string, string>, client = id) =>
      send(revokeUrl, { client_id: client, access_token: one["access_token"] }, headers)
    expect((await revoke({})).status).toBe(401)
    expect((await revoke(basic(type))).status).toBe(401)
    expect((await revoke({ authorization: "Client wrong" })).status).toBe(401)
    expect((await revoke({ authorization: `Client ${secret}` }, "another")).status).toBe(401)
    expect((await revoke({ authorization: `Client ${secret}` })).json).toEqual({ success: true })
    expect((await revoke({ authorization: `Client ${secret}` })).status).toBe(404)
    expect((await refresh(other["refresh_token"])).status).toBe(401)
  })

  it("says that the user denied", async () => {
    const callback = await driver.callback(type, authorizeUrl, asked, { decision: "deny" })
    expect(callback.searchParams.get("error_description")).toBe("user_denied")
  })
})
