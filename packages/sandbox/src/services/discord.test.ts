import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "discord"
const authorizeUrl = "https://discord.com/oauth2/authorize"
const tokenUrl = "https://discord.com/api/oauth2/token"
const asked = { response_type: "code", scope: "identify" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(scope = asked.scope, headers: Record<string, string> = basic(type)) {
  const code = await driver.code(type, authorizeUrl, { ...asked, scope })
  return driver.post(
    type,
    tokenUrl,
    { grant_type: "authorization_code", code, redirect_uri: redirectUri },
    headers,
  )
}

const me = (token: unknown, headers: Record<string, string> = {}) =>
  driver.call(type, "https://discord.com/api/v10/users/@me", { headers: { ...bearer(token), ...headers } })

describe("Discord", () => {
  it("takes forms, never JSON, and credentials either way", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
    const json = await driver.call(type, tokenUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(fields),
    })
    expect(json.status).toBe(400)
    expect((await driver.post(type, tokenUrl, fields)).status).toBe(200)
    expect((await exchange()).status).toBe(200)
  })

  it("brings a bot's server and a webhook along with the token", async () => {
    const { json } = await exchange("identify bot webhook.incoming")
    expect(json).toMatchObject({ guild: { id: expect.any(String) }, webhook: { url: expect.any(String) } })
    expect((await exchange()).json).not.toHaveProperty("webhook")
  })

  it("uses refresh tokens up", async () => {
    const { refresh_token: token } = (await exchange()).json
    const fields = { grant_type: "refresh_token", refresh_token: String(token) }
    expect((await driver.post(type, tokenUrl, fields, basic(type))).status).toBe(200)
    expect((await driver.post(type, tokenUrl, fields, basic(type))).json["error"]).toBe("invalid_grant")
  })

  it("ends every token of the person when one is revoked", async () => {
    const [one, other] = [(await exchange()).json, (await exchange()).json]
    const url = `${tokenUrl}/revoke`
    expect((await driver.post(type, url, { token: String(one["access_token"]) }, basic(type))).status).toBe(
      200,
    )
    expect((await me(other["access_token"])).status).toBe(401)
  })

  it("tells the address only with the scope email, and nothing to callers without a name", async () => {
    const { access_token: token } = (await exchange()).json
    expect((await me(token)).json).not.toHaveProperty("email")
    expect((await me((await exchange("identify email")).json["access_token"])).json["email"]).toBe(
      "ada@example.com",
    )
    expect((await me(token, { "user-agent": "" })).status).toBe(403)
  })

  it("says 401 in the API's own shape", async () => {
    expect((await me("unknown")).json).toEqual({ message: "401: Unauthorized", code: 0 })
  })
})
