import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "calendly"
const authorizeUrl = "https://auth.calendly.com/oauth/authorize"
const tokenUrl = "https://auth.calendly.com/oauth/token"
const revokeUrl = "https://auth.calendly.com/oauth/revoke"
const me = "https://api.calendly.com/users/me"
const asked = { response_type: "code", scope: "users:read event_types:read" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(params: Record<string, string> = asked, account = "ada@example.com") {
  const code = await driver.code(type, authorizeUrl, params, { decision: "approve", account })
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri }
  return driver.post(type, tokenUrl, fields, basic(type))
}

const refresh = (token: unknown) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token) }, basic(type))

describe("Calendly", () => {
  it("names person and organisation by URLs, in exchange and refresh alike", async () => {
    const { json } = await exchange()
    const named = {
      owner: "https://api.calendly.com/users/SANDBOX000000001",
      organization: "https://api.calendly.com/organizations/SANDBOX000000001",
      scope: "users:read event_types:read",
      expires_in: 7200,
    }
    expect(json).toMatchObject(named)
    expect((await refresh(json["refresh_token"])).json).toMatchObject(named)
  })

  it("takes the client's credentials in the body too", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
    expect((await driver.post(type, tokenUrl, fields)).status).toBe(200)
  })

  it("takes a refresh token once", async () => {
    const token = (await exchange()).json["refresh_token"]
    const renewed = (await refresh(token)).json
    const reused = await refresh(token)
    expect([reused.status, reused.json["error"]]).toEqual([400, "invalid_grant"])
    expect((await refresh(renewed["refresh_token"])).status).toBe(200)
  })

  it("gives a person eight tokens a minute, over all grants, and others theirs", async () => {
    let token = (await exchange()).json["refresh_token"]
    for (let count = 1; count < 8; count += 1) token = (await refresh(token)).json["refresh_token"]
    const ninth = await refresh(token)
    expect([ninth.status, ninth.headers.get("x-ratelimit-reset")]).toEqual([429, "60"])
    expect((await exchange()).status).toBe(429)
    expect((await exchange(asked, "grace@example.com")).status).toBe(200)
    driver.clock.advance(60_000)
    expect((await refresh(token)).status).toBe(200)
  })

  it("shows the profile only to tokens that may read it", async () => {
    const profile = async (scope: string) => {
      const token = (await exchange({ ...asked, scope })).json["access_token"]
      return driver.call(type, me, { headers: bearer(token) })
    }
    const read = await profile("users:read")
    expect(read.json).toMatchObject({ resource: { email: "ada@example.com" } })
    expect((await profile("default")).status).toBe(200)
    const refused = await profile("event_types:read")
    expect([refused.status, refused.json["title"]]).toEqual([403, "Permission Denied"])
  })

  it("revokes with the client's credentials in the body, and calls a dead token no error", async () => {
    const { json } = await exchange()
    const token = String(json["refresh_token"])
    expect((await driver.post(type, revokeUrl, { token })).status).toBe(401)
    expect((await driver.post(type, revokeUrl, inBody(type))).json["error"]).toBe("invalid_token")
    expect((await driver.post(type, revokeUrl, { token, ...inBody(type) })).status).toBe(200)
    expect((await driver.post(type, revokeUrl, { token, ...inBody(type) })).status).toBe(200)
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
    expect((await driver.call(type, me, { headers: bearer(json["access_token"]) })).status).toBe(401)
  })
})
