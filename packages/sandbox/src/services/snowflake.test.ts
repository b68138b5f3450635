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

const type = "snowflake"
const home = "https://myorg-myaccount.snowflakecomputing.com"
const statements = `${home}/api/v2/statements`
const asked = { response_type: "code", scope: "refresh_token" }
const oauth = { "x-snowflake-authorization-token-type": "OAUTH", "content-type": "application/json" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

const code = (params: Record<string, string> = asked, host = home) =>
  driver.code(type, `${host}/oauth/authorize`, params)

async function exchange(
  params: Record<string, string> = asked,
  host = home,
  more: Record<string, string> = {},
) {
  const fields = {
    grant_type: "authorization_code",
    code: await code(params, host),
    redirect_uri: redirectUri,
  }
  return driver.post(type, `${host}/oauth/token-request`, { ...fields, ...more }, basic(type))
}

const refresh = (token: unknown, host = home) =>
  driver.post(
    type,
    `${host}/oauth/token-request`,
    { grant_type: "refresh_token", refresh_token: String(token) },
    basic(type),
  )

const run = (token: unknown, statement: string, headers: Record<string, string> = oauth) =>
  driver.call(type, statements, {
    method: "POST",
    headers: { ...headers, ...bearer(token) },
    body: JSON.stringify({ statement }),
  })

describe("Snowflake", () => {
  it("gives ten minutes, the user's name with the exchange alone, and never the scopes", async () => {
    const { json } = await exchange()
    expect(json).toMatchObject({ token_type: "Bearer", expires_in: 600, username: "ADA" })
    expect(Object.keys((await refresh(json["refresh_token"])).json)).toEqual([
      "access_token",
      "token_type",
      "expires_in",
    ])
    expect(json).not.toHaveProperty("scope")
  })

  it("gives a refresh token for its scope alone, where the integration issues them", async () => {
    expect((await exchange({ ...asked, scope: "session:role:ANALYST" })).json).not.toHaveProperty(
      "refresh_token",
    )
    await driver.control("client", { type, settings: { issue_refresh_tokens: false } })
    expect((await exchange()).json).not.toHaveProperty("refresh_token")
  })

  it("takes one role, in capitals and not a blocked one", async () => {
    expect((await exchange({ ...asked, scope: "refresh_token session:role:ANALYST" })).status).toBe(200)
    for (const scope of [
      "session:role:A session:role:B",
      "session:role:analyst",
      "session:role:ACCOUNTADMIN",
      "session:role:ORGADMIN",
    ]) {
      await expect(code({ ...asked, scope: `refresh_token ${scope}` }), scope).rejects.toThrow(
        "no consent page",
      )
    }
  })

  it("takes the client's secret as HTTP Basic alone", async () => {
    const fields = {
      grant_type: "authorization_code",
      code: await code(),
      redirect_uri: redirectUri,
      ...inBody(type),
    }
    const refused = await driver.post(type, `${home}/oauth/token-request`, fields)
    expect([refused.status, refused.json]).toEqual([
      400,
      {
        data: null,
        message: "This is an invalid client.",
        code: null,
        success: false,
        error: "invalid_client",
      },
    ])
  })

  it("has no token endpoint at /oauth/token", async () => {
    expect((await driver.post(type, `${home}/oauth/token`, {})).status).toBe(404)
  })

  it("tells a dead refresh token with a message instead of a description", async () => {
    const dead = await refresh("nobody's")
    expect([dead.status, dead.json["error"], dead.json["message"]]).toEqual([
      400,
      "invalid_grant",
      "This is an invalid refresh token.",
    ])
  })

  it("keeps a refresh token for ninety days from the consent, and rotates it where that is required", async () => {
    const token = (await exchange()).json["refresh_token"]
    driver.clock.advance(89 * 86_400_000)
    expect((await refresh(token)).status).toBe(200)
    driver.clock.advance(86_400_000)
    expect((await refresh(token)).status).toBe(400)
    await driver.control("client", { type, settings: { rotation: true } })
    const single = (await exchange()).json["refresh_token"]
    expect((await refresh(single)).json).toHaveProperty("refresh_token")
    expect((await refresh(single)).status).toBe(400)
  })

  it("demands PKCE where the integration enforces it, and takes S256 alone", async () => {
    await driver.control("client", { type, settings: { enforce_pkce: true } })
    await expect(code()).rejects.toThrow("no consent page")
    await expect(
      code({ ...asked, code_challenge: verifier, code_challenge_method: "plain" }),
    ).rejects.toThrow()
    const pkce = { ...asked, code_challenge: challenge, code_challenge_method: "S256" }
    expect((await exchange(pkce)).json["error"]).toBe("invalid_grant")
    expect((await exchange(pkce, home, { code_verifier: verifier })).status).toBe(200)
  })

  it("knows accounts with regions and in China apart, and none elsewhere", async () => {
    const regional = "https://xy12345.eu-central-1.snowflakecomputing.com"
    const china = "https://myorg-myaccount.snowflakecomputing.cn"
    const token = (await exchange(asked, regional)).json["refresh_token"]
    expect((await refresh(token, regional)).status).toBe(200)
    expect((await refresh((await exchange(asked, china)).json["refresh_token"])).status).toBe(400)
    for (const host of [
      "my_account.snowflakecomputing.com",
      "snowflakecomputing.com",
      "a.snowflakecomputing.com.evil.example",
    ])
      expect((await driver.call(type, `https://${host}/oauth/authorize`)).status, host).toBe(404)
  })

  it("runs a statement for a token that is named as OAuth's", async () => {
    const token = (await exchange()).json["access_token"]
    expect((await run(token, "SELECT CURRENT_USER() AS username")).json["data"]).toEqual([["ADA"]])
    expect((await run(token, "SELECT 1")).status).toBe(422)
    expect(
      (await run(token, "SELECT CURRENT_USER()", { "content-type": "application/json" })).json["code"],
    ).toBe("390303")
    driver.clock.advance(600_000)
    expect((await run(token, "SELECT CURRENT_USER()")).json["code"]).toBe("390318")
  })
})
