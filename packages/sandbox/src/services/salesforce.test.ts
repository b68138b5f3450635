import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "salesforce"
const login = "https://login.salesforce.com/services/oauth2"
const asked = { response_type: "code", scope: "api refresh_token openid" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(params: Record<string, string> = asked, host = login) {
  const code = await driver.code(type, `${login}/authorize`, params)
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
  return driver.post(type, `${host}/token`, fields)
}

const refresh = (token: unknown) =>
  driver.post(type, `${login}/token`, {
    grant_type: "refresh_token",
    refresh_token: String(token),
    ...inBody(type),
  })

describe("Salesforce", () => {
  it("tells the instance, the identity and the time in milliseconds, but no expiry", async () => {
    const { json } = await exchange()
    expect(json).toMatchObject({
      instance_url: "https://acme.my.salesforce.com",
      token_type: "Bearer",
      scope: "api refresh_token openid",
    })
    expect(json["id"]).toMatch(/^https:\/\/login\.salesforce\.com\/id\/00D\w{15}\/005\w{15}$/)
    expect(Number(json["issued_at"])).toBe(driver.clock.now())
    expect(json).not.toHaveProperty("expires_in")
  })

  it("gives a refresh token only with its scope, and a code that ends in padding", async () => {
    expect(await driver.code(type, `${login}/authorize`, asked)).toMatch(/==$/)
    expect((await exchange({ ...asked, scope: "api" })).json).not.toHaveProperty("refresh_token")
    expect((await exchange({ ...asked, scope: "api offline_access" })).json).toHaveProperty("refresh_token")
  })

  it("keeps the refresh token on refresh, unless the app rotates", async () => {
    const token = (await exchange()).json["refresh_token"]
    expect((await refresh(token)).json).not.toHaveProperty("refresh_token")
    await driver.control("client", { type, settings: { rotation: true } })
    const renewed = (await refresh(token)).json
    expect(renewed).toHaveProperty("refresh_token")
    const reused = await refresh(token)
    expect(reused.status).toBe(400)
    expect(reused.json).toEqual({ error: "invalid_grant", error_description: "expired access/refresh token" })
  })

  it("refuses a code at another login host", async () => {
    const elsewhere = await exchange(asked, "https://test.salesforce.com/services/oauth2")
    expect([elsewhere.status, elsewhere.json["error"]]).toEqual([400, "invalid_grant"])
  })

  it("has no hosts outside its own domains", async () => {
    const answer = await driver.call(type, "https://salesforce.com.evil.example/services/oauth2/authorize")
    expect(answer.status).toBe(404)
    expect(answer.json["detail"]).toContain("https://{hostname}/services/oauth2/authorize")
  })

  it("ends a session after two hours, with an array for an error", async () => {
    const { access_token: token, instance_url: instance } = (await exchange()).json
    const api = `${String(instance)}/services/data/v60.0/sobjects`
    expect((await driver.call(type, api, { headers: bearer(token) })).status).toBe(200)
    const userinfo = `${String(instance)}/services/oauth2/userinfo`
    expect((await driver.call(type, userinfo, { headers: bearer(token) })).json).toMatchObject({
      preferred_username: "ada@example.com",
    })
    driver.clock.advance(7200_000)
    const late = await driver.call(type, api, { headers: bearer(token) })
    expect(late.status).toBe(401)
    expect(JSON.parse(late.text)).toEqual([
      { message: "Session expired or invalid", errorCode: "INVALID_SESSION_ID" },
    ])
  })

  it("silently drops the oldest of more than five approvals", async () => {
    const tokens: unknown[] = []
    for (let turn = 0; turn < 6; turn++) tokens.push((await exchange()).json["refresh_token"])
    expect((await refresh(tokens[0])).json["error"]).toBe("invalid_grant")
    expect((await refresh(tokens[1])).status).toBe(200)
  })

  it("takes codes for fifteen minutes and no longer", async () => {
    const take = async (waitMs: number) => {
      const code = await driver.code(type, `${login}/authorize`, asked)
      driver.clock.advance(waitMs)
      const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
      return (await driver.post(type, `${login}/token`, fields)).json
    }
    expect(await take(899_999)).toHaveProperty("access_token")
    expect(await take(900_000)).toEqual({
      error: "invalid_grant",
      error_description: "expired authorization code",
    })
  })

  it("revokes a refresh token with its access tokens, and knows it no more", async () => {
    const { access_token: access, refresh_token: token, instance_url: instance } = (await exchange()).json
    expect((await driver.post(type, `${login}/revoke`, { token: String(token) })).status).toBe(200)
    const api = `${String(instance)}/services/data/v60.0/limits`
    expect((await driver.call(type, api, { headers: bearer(access) })).status).toBe(401)
    expect((await driver.post(type, `${login}/revoke`, { token: String(token) })).status).toBe(400)
  })

  it("demands PKCE once the app requires it", async () => {
    await driver.control("client", { type, settings: { require_pkce: true } })
    await expect(exchange()).rejects.toThrow("no consent page")
  })
})
