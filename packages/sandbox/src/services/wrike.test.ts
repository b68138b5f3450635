import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "wrike"
const authorizeUrl = "https://login.wrike.com/oauth2/authorize/v4"
const tokenUrl = "https://login.wrike.com/oauth2/token"
const asked = { response_type: "code", scope: "Default,wsReadWrite" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(params: Record<string, string> = asked, account = "ada@example.com") {
  const code = await driver.code(type, authorizeUrl, params, { decision: "approve", account })
  return driver.post(type, tokenUrl, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    ...inBody(type),
  })
}

const refresh = (token: unknown) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token), ...inBody(type) })

const me = (host: unknown, token: unknown) =>
  driver.call(type, `https://${String(host)}/api/v4/contacts?me=true`, { headers: bearer(token) })

describe("Wrike", () => {
  it("tells each account's own host, with the exchange and with the refresh, and never the scopes", async () => {
    const { json } = await exchange()
    expect(json).toMatchObject({ host: "app-eu.wrike.com", expires_in: 3600 })
    expect(json).not.toHaveProperty("scope")
    expect((await refresh(json["refresh_token"])).json).toMatchObject({ host: "app-eu.wrike.com" })
    expect((await exchange(asked, "grace@example.com")).json["host"]).toBe("www.wrike.com")
  })

  it("knows an account in its own data centre alone", async () => {
    const { access_token: token } = (await exchange()).json
    expect((await me("app-eu.wrike.com", token)).json["data"]).toMatchObject([
      { firstName: "Ada", profiles: [{ email: "ada@example.com" }] },
    ])
    const elsewhere = await me("www.wrike.com", token)
    expect([elsewhere.status, elsewhere.json["error"]]).toEqual([401, "not_authorized"])
    expect(elsewhere.json).toHaveProperty("errorDescription")
    expect((await me("wrike.com.evil.example", token)).status).toBe(404)
  })

  it("joins scopes by commas, case included", async () => {
    for (const scope of ["Default wsReadWrite", "default", "wsreadwrite"])
      await expect(driver.code(type, authorizeUrl, { ...asked, scope }), scope).rejects.toThrow(
        "no consent page",
      )
  })

  it("ends both old tokens with a refresh, at once", async () => {
    const { access_token: access, refresh_token: token, host } = (await exchange()).json
    const renewed = (await refresh(token)).json
    expect((await me(host, access)).status).toBe(401)
    expect((await me(host, renewed["access_token"])).status).toBe(200)
    const reused = await refresh(token)
    expect([reused.status, reused.json["error"]]).toEqual([400, "invalid_grant"])
    expect((await refresh(renewed["refresh_token"])).status).toBe(200)
  })

  it("leaves another consent's token alone when one is refreshed", async () => {
    const first = (await exchange()).json
    const second = (await exchange()).json
    await refresh(first["refresh_token"])
    expect((await me(second["host"], second["access_token"])).status).toBe(200)
  })

  it("takes the client's secret in the body alone", async () => {
    const token = (await exchange()).json["refresh_token"]
    const fields = { grant_type: "refresh_token", refresh_token: String(token) }
    expect((await driver.post(type, tokenUrl, fields, basic(type))).json["error"]).toBe("invalid_client")
  })
})
