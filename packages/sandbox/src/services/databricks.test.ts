import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import {
  basic,
  bearer,
  challenge,
  inBody,
  redirectUri,
  startDriver,
  verifier,
} from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "databricks"
const workspace = "https://dbc-a1b2345c-d6e7.cloud.databricks.com"
const tokenUrl = `${workspace}/oidc/v1/token`
const meUrl = `${workspace}/api/2.0/preview/scim/v2/Me`
const pkce = { code_challenge: challenge, code_challenge_method: "S256" }
const asked = { response_type: "code", scope: "all-apis offline_access", ...pkce }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(params: Record<string, string> = asked, host = workspace) {
  const code = await driver.code(type, `${host}/oidc/v1/authorize`, params)
  const fields = {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  }
  return driver.post(type, `${host}/oidc/v1/token`, fields, basic(type))
}

const refresh = (token: unknown, url = tokenUrl, headers: Record<string, string> = basic(type)) =>
  driver.post(type, url, { grant_type: "refresh_token", refresh_token: String(token) }, headers)

describe("Databricks", () => {
  it("opens no consent page without PKCE", async () => {
    const { code_challenge: _, code_challenge_method: __, ...without } = asked
    await expect(driver.code(type, `${workspace}/oidc/v1/authorize`, without)).rejects.toThrow(
      "no consent page",
    )
  })

  it("has workspaces in every cloud, and none elsewhere", async () => {
    for (const host of [
      "adb-1234567890123456.7.azuredatabricks.net",
      "1234567890.1.gcp.databricks.com",
      "gov.cloud.databricks.us",
    ])
      expect((await exchange(asked, `https://${host}`)).status, host).toBe(200)
    for (const host of [
      "accounts.cloud.databricks.com",
      "cloud.databricks.com.evil.example",
      "databricks.com",
    ])
      expect((await driver.call(type, `https://${host}/oidc/v1/authorize`)).status, host).toBe(404)
  })

  it("takes the secret as HTTP Basic or in the body, and not both ways at once", async () => {
    const token = (await exchange()).json["refresh_token"]
    const fields = { grant_type: "refresh_token", refresh_token: String(token), ...inBody(type) }
    expect((await driver.post(type, tokenUrl, fields)).status).toBe(200)
    expect((await driver.post(type, tokenUrl, fields, basic(type))).json["error"]).toBe("invalid_client")
  })

  it("tells a dead refresh token as a bad request at 401, and a wrong secret as a wrong client", async () => {
    const dead = await refresh("nobody's")
    expect([dead.status, dead.json]).toEqual([
      401,
      { error: "invalid_request", error_description: "Refresh token is invalid" },
    ])
    const token = (await exchange()).json["refresh_token"]
    const wrong = { authorization: `Basic ${btoa("sandbox-databricks:wrong")}` }
    expect((await refresh(token, tokenUrl, wrong)).json["error"]).toBe("invalid_client")
  })

  it("keeps a refresh token for a week, and uses it up at once where it is single-use", async () => {
    const token = (await exchange()).json["refresh_token"]
    expect((await refresh(token)).json).not.toHaveProperty("refresh_token")
    await driver.control("client", { type, settings: { rotation: true } })
    expect((await refresh(token)).json).toHaveProperty("refresh_token")
    expect((await refresh(token)).status).toBe(401)
    const later = (await exchange()).json["refresh_token"]
    driver.clock.advance(7 * 86_400_000)
    expect((await refresh(later)).status).toBe(401)
  })

  it("knows tokens of one workspace in that workspace alone", async () => {
    const { access_token: access, refresh_token: token } = (await exchange()).json
    const other = "https://dbc-ffffffff-ffff.cloud.databricks.com"
    expect((await refresh(token, `${other}/oidc/v1/token`)).status).toBe(401)
    const me = await driver.call(type, meUrl, { headers: bearer(access) })
    expect(me.json).toMatchObject({ userName: "ada@example.com", active: true })
    const elsewhere = await driver.call(type, `${other}/api/2.1/jobs/list`, { headers: bearer(access) })
    expect([elsewhere.status, elsewhere.json["error_code"]]).toEqual([401, "UNAUTHENTICATED"])
  })

  it("names nobody to a token that may only run queries", async () => {
    const token = (await exchange({ ...asked, scope: "sql offline_access" })).json["access_token"]
    expect((await driver.call(type, meUrl, { headers: bearer(token) })).status).toBe(403)
  })
})
