import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "typeform"
const asked = { response_type: "code", scope: "offline accounts:read forms:read" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(scope = asked.scope, host = "api.typeform.com", at = host) {
  const code = await driver.code(type, `https://${host}/oauth/authorize`, { ...asked, scope })
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
  return driver.post(type, `https://${at}/oauth/token`, fields)
}

const refresh = (token: unknown, more = {}, host = "api.typeform.com") =>
  driver.post(type, `https://${host}/oauth/token`, {
    grant_type: "refresh_token",
    refresh_token: String(token),
    ...inBody(type),
    ...more,
  })

const me = (token: unknown, host: string) =>
  driver.call(type, `https://${host}/me`, { headers: bearer(token) })

describe("Typeform", () => {
  it("gives a refresh token only with offline", async () => {
    expect((await exchange()).json).toMatchObject({ expires_in: 604_800, refresh_token: expect.any(String) })
    expect((await exchange("accounts:read")).json).not.toHaveProperty("refresh_token")
  })

  it("takes no HTTP Basic", async () => {
    const code = await driver.code(type, "https://api.typeform.com/oauth/authorize", asked)
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri }
    expect(
      (await driver.post(type, "https://api.typeform.com/oauth/token", fields, basic(type))).status,
    ).toBe(401)
  })

  it("rotates refresh tokens without grace, for the granted scopes and no more", async () => {
    const token = (await exchange()).json["refresh_token"]
    expect((await refresh(token, { scope: "offline forms:write" })).json["error"]).toBe("invalid_scope")
    const renewed = await refresh(token, { scope: asked.scope })
    expect(renewed.json["scope"]).toBe(asked.scope)
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
  })

  it("has two sign-in servers that know nothing of each other", async () => {
    const crossed = await exchange(asked.scope, "api.typeform.com", "api.typeform.eu")
    expect(crossed.json["error"]).toBe("invalid_grant")
    const european = (await exchange(asked.scope, "api.typeform.eu")).json
    expect((await refresh(european["refresh_token"])).json["error"]).toBe("invalid_grant")
    expect((await refresh(european["refresh_token"], {}, "api.typeform.eu")).status).toBe(200)
  })

  it("serves two data centres by one sign-in server, and the third by its own", async () => {
    const token = (await exchange()).json["access_token"]
    expect((await me(token, "api.typeform.com")).json).toMatchObject({ email: "ada@example.com" })
    expect((await me(token, "api.eu.typeform.com")).status).toBe(200)
    const refused = await me(token, "api.typeform.eu")
    expect([refused.status, refused.json["code"]]).toEqual([401, "AUTHENTICATION_FAILED"])
  })

  it("names the person only to tokens with accounts:read", async () => {
    const token = (await exchange("offline forms:read")).json["access_token"]
    expect((await me(token, "api.typeform.com")).status).toBe(403)
  })
})
