import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "supabase"
const authorizeUrl = "https://api.supabase.com/v1/oauth/authorize"
const tokenUrl = "https://api.supabase.com/v1/oauth/token"
const revokeUrl = "https://api.supabase.com/v1/oauth/revoke"
const organizations = "https://api.supabase.com/v1/organizations"

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(headers: Record<string, string> = basic(type), more = {}) {
  const code = await driver.code(type, authorizeUrl, { response_type: "code" })
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...more }
  return driver.post(type, tokenUrl, fields, headers)
}

const refresh = (token: unknown) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token) }, basic(type))

const revoke = (body: Record<string, unknown>) =>
  driver.call(type, revokeUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  })

describe("Supabase", () => {
  it("answers with 201 and names no scopes", async () => {
    const { json, status } = await exchange()
    expect(status).toBe(201)
    expect(json["access_token"]).toMatch(/^sbp_oauth_/)
    expect(json).not.toHaveProperty("scope")
    expect((await refresh(json["refresh_token"])).status).toBe(201)
  })

  it("takes the client's credentials in the form too, and no JSON", async () => {
    expect((await exchange({}, inBody(type))).status).toBe(201)
    const code = await driver.code(type, authorizeUrl, { response_type: "code" })
    const json = await driver.call(type, tokenUrl, {
      method: "POST",
      headers: { "content-type": "application/json", ...basic(type) },
      body: JSON.stringify({ grant_type: "authorization_code", code, redirect_uri: redirectUri }),
    })
    expect(json.status).toBe(400)
  })

  it("tells its errors by a sentence alone", async () => {
    const token = (await exchange()).json["refresh_token"]
    await refresh(token)
    const reused = await refresh(token)
    expect([reused.status, reused.json]).toEqual([400, { message: "Invalid refresh token" }])
    const wrong = await exchange({}, { ...inBody(type), client_secret: "wrong" })
    expect([wrong.status, wrong.json]).toEqual([401, { message: "Invalid client credentials" }])
  })

  it("lists the one organisation that was picked", async () => {
    const headers = bearer((await exchange()).json["access_token"])
    const { text } = await driver.call(type, organizations, { headers })
    expect(JSON.parse(text)).toEqual([
      { id: "sandboxexampleorgaaa", slug: "sandboxexampleorgaaa", name: "Example Org" },
    ])
  })

  it("revokes by JSON with the refresh token under its own name, and ends access tokens at once", async () => {
    const { access_token: access, refresh_token: token } = (await exchange()).json
    const credentials = inBody(type)
    expect(
      (await driver.post(type, revokeUrl, { refresh_token: String(token), ...credentials })).status,
    ).toBe(400)
    expect((await revoke({ token, ...credentials })).status).toBe(400)
    expect((await revoke({ refresh_token: token })).status).toBe(401)
    expect((await revoke({ refresh_token: token, ...credentials })).status).toBe(204)
    expect((await driver.call(type, organizations, { headers: bearer(access) })).status).toBe(401)
    expect((await revoke({ refresh_token: token, ...credentials })).status).toBe(404)
  })
})
