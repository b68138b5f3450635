import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "bamboohr"
const authorizeUrl = "https://acme.bamboohr.com/authorize.php"
const tokenUrl = "https://acme.bamboohr.com/token.php?request=token"
const meUrl = "https://acme.bamboohr.com/api/v1/employees/0?fields=firstName,workEmail"
const asked = { response_type: "code", request: "authorize", scope: "openid email offline_access employee" }
const json = { accept: "application/json" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

const post = (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  driver.call(type, url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(fields),
  })

async function exchange(params: Record<string, string> = asked, url = tokenUrl) {
  const code = await driver.code(type, authorizeUrl, params)
  return post(url, { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) })
}

describe("BambooHR", () => {
  it("opens no consent page without its own parameter", async () => {
    await expect(driver.code(type, authorizeUrl, { ...asked, request: "" })).rejects.toThrow(
      "no consent page",
    )
  })

  it("answers no token request without its own parameter, in the URL or in the body", async () => {
    const bare = "https://acme.bamboohr.com/token.php"
    expect((await exchange(asked, bare)).status).toBe(400)
    const code = await driver.code(type, authorizeUrl, asked)
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
    expect((await post(bare, { ...fields, request: "token" })).status).toBe(200)
  })

  it("takes form-encoded requests too, and no HTTP Basic", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri }
    expect((await post(tokenUrl, fields, basic(type))).json["error"]).toBe("invalid_client")
    expect((await driver.post(type, tokenUrl, { ...fields, ...inBody(type) })).status).toBe(200)
  })

  it("tells the company, and the person in the ID token", async () => {
    const { json: answer } = await exchange()
    expect(answer).toMatchObject({ companyDomain: "acme", token_type: "Bearer", expires_in: 3600 })
    const claims: unknown = JSON.parse(
      Buffer.from(String(answer["id_token"]).split(".")[1] ?? "", "base64url").toString(),
    )
    expect(claims).toMatchObject({ sub: "101", email: "ada@example.com" })
  })

  it("gives a refresh token for offline_access alone", async () => {
    expect((await exchange({ ...asked, scope: "openid employee" })).json).not.toHaveProperty("refresh_token")
  })

  it("refuses a code and a token at another company", async () => {
    const other = "https://other.bamboohr.com"
    expect((await exchange(asked, `${other}/token.php?request=token`)).json["error"]).toBe("invalid_grant")
    const headers = { ...json, ...bearer((await exchange()).json["access_token"]) }
    expect((await driver.call(type, meUrl, { headers })).status).toBe(200)
    expect((await driver.call(type, `${other}/api/v1/employees/0`, { headers })).status).toBe(401)
  })

  it("tells the fields that were asked for, to those who have a scope for employees", async () => {
    const headers = { ...json, ...bearer((await exchange()).json["access_token"]) }
    const { json: me } = await driver.call(type, meUrl, { headers })
    expect(me).toEqual({ id: "101", firstName: "Ada", workEmail: "ada@example.com" })
    const narrow = (await exchange({ ...asked, scope: "openid email" })).json["access_token"]
    expect((await driver.call(type, meUrl, { headers: { ...json, ...bearer(narrow) } })).status).toBe(403)
  })

  it("answers in XML unless asked for JSON, and says its errors in a header", async () => {
    const headers = bearer((await exchange()).json["access_token"])
    const xml = await driver.call(type, meUrl, { headers: { ...headers, accept: "*/*" } })
    expect(xml.headers.get("content-type")).toBe("text/xml")
    const dead = await driver.call(type, meUrl, { headers: { ...json, ...bearer("nobody's") } })
    expect([dead.status, dead.text]).toEqual([401, ""])
    expect(dead.headers.get("x-bamboohr-error-message")).not.toBeNull()
  })
})
