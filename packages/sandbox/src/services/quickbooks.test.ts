import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "quickbooks"
const authorizeUrl = "https://appcenter.intuit.com/connect/oauth2"
const tokenUrl = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
const revokeUrl = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
const asked = { response_type: "code", scope: "com.intuit.quickbooks.accounting" }
const dayMs = 86_400_000

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function connect() {
  const callback = await driver.callback(type, authorizeUrl, asked)
  const code = callback.searchParams.get("code") ?? ""
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri }
  const { json } = await driver.post(type, tokenUrl, fields, basic(type))
  return { json, realm: callback.searchParams.get("realmId") ?? "" }
}

const refresh = (token: unknown) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token) }, basic(type))

const company = (
  realm: string,
  token: unknown,
  headers: Record<string, string> = { accept: "application/json" },
) =>
  driver.call(type, `https://quickbooks.api.intuit.com/v3/company/${realm}/companyinfo/${realm}`, {
    headers: { ...bearer(token), ...headers },
  })

describe("QuickBooks", () => {
  it("names the company in the callback and nowhere in the token answer", async () => {
    const { json, realm } = await connect()
    expect(realm).toMatch(/^\d{10,19}$/)
    expect(JSON.stringify(json)).not.toContain(realm)
    expect(json).toMatchObject({ expires_in: 3600, x_refresh_token_expires_in: 8_726_400 })
    expect(json).not.toHaveProperty("scope")
  })

  it("repeats a refresh token for a day, then replaces it, and ends the connection when the old one comes again", async () => {
    const { json } = await connect()
    const token = json["refresh_token"]
    driver.clock.advance(dayMs - 1)
    expect((await refresh(token)).json["refresh_token"]).toBe(token)
    driver.clock.advance(1)
    const replaced = (await refresh(token)).json["refresh_token"]
    expect(replaced).not.toBe(token)
    expect((await refresh(token)).json).toEqual({
      error: "invalid_grant",
      error_description: "Incorrect or invalid refresh token",
    })
    expect((await refresh(replaced)).json["error"]).toBe("invalid_grant")
  })

  it("takes its credentials as HTTP Basic alone", async () => {
    const { json } = await connect()
    const fields = {
      grant_type: "refresh_token",
      refresh_token: String(json["refresh_token"]),
      ...inBody(type),
    }
    expect(await driver.post(type, tokenUrl, fields)).toMatchObject({
      status: 401,
      json: { error: "invalid_client" },
    })
  })

  it("opens no consent page without a state or a scope", async () => {
    await expect(driver.code(type, authorizeUrl, { ...asked, state: "" })).rejects.toThrow()
    await expect(driver.code(type, authorizeUrl, { ...asked, scope: "" })).rejects.toThrow()
  })

  it("opens one company to a token, and answers XML unless JSON is asked for", async () => {
    const { json, realm } = await connect()
    expect((await company(realm, json["access_token"])).json).toMatchObject({
      CompanyInfo: { CompanyName: "Acme Example Ltd" },
    })
    expect((await company("1234567890123", json["access_token"])).status).toBe(403)
    expect((await company(realm, json["access_token"], { accept: "*/*" })).text).toContain("<?xml")
  })

  it("revokes a JSON body with HTTP Basic, and the whole company with it", async () => {
    const { json, realm } = await connect()
    const token = String(json["refresh_token"])
    expect((await driver.post(type, revokeUrl, { token }, basic(type))).status).toBe(400)
    const send = (headers: Record<string, string>) =>
      driver.call(type, revokeUrl, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ token }),
      })
    expect((await send({})).status).toBe(401)
    expect((await send(basic(type))).status).toBe(200)
    expect((await company(realm, json["access_token"])).status).toBe(401)
  })
})
