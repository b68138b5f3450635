import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "box"
const authorizeUrl = "https://account.box.com/api/oauth2/authorize"
const tokenUrl = "https://api.box.com/oauth2/token"
const revokeUrl = "https://api.box.com/oauth2/revoke"
const me = "https://api.box.com/2.0/users/me"
const asked = { response_type: "code", scope: "root_readonly" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(afterMs = 0) {
  const code = await driver.code(type, authorizeUrl, asked)
  driver.clock.advance(afterMs)
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
  return driver.post(type, tokenUrl, fields)
}

const refresh = (token: unknown) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token), ...inBody(type) })

describe("Box", () => {
  it("names a lifetime and no scopes", async () => {
    const { json } = await exchange()
    expect(json).toMatchObject({ token_type: "bearer", restricted_to: [], expires_in: 3600 })
    expect(json).not.toHaveProperty("scope")
  })

  it("gives a code half a minute", async () => {
    expect((await exchange(29_000)).status).toBe(200)
    const late = await exchange(30_000)
    expect([late.status, late.json["error"]]).toEqual([400, "invalid_grant"])
  })

  it("takes no HTTP Basic", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri }
    const refused = await driver.post(type, tokenUrl, fields, basic(type))
    expect([refused.status, refused.json["error"]]).toEqual([400, "invalid_client"])
  })

  it("answers a refresh that collides with another by 409 and an empty body", async () => {
    const token = (await exchange()).json["refresh_token"]
    await refresh(token)
    const collided = await refresh(token)
    expect([collided.status, collided.text]).toEqual([409, ""])
  })

  it("gives the same pair again for a used refresh token, until the pair is used by a refresh", async () => {
    const token = (await exchange()).json["refresh_token"]
    const first = (await refresh(token)).json
    driver.clock.advance(3_000_000)
    const again = await refresh(token)
    expect(again.json).toMatchObject({
      access_token: first["access_token"],
      refresh_token: first["refresh_token"],
    })
    expect((await refresh(first["refresh_token"])).status).toBe(200)
    const spent = await refresh(token)
    expect([spent.status, spent.json["error"]]).toEqual([400, "invalid_grant"])
  })

  it("gives the same pair again until the pair is used by a call", async () => {
    const token = (await exchange()).json["refresh_token"]
    const first = (await refresh(token)).json
    driver.clock.advance(2000)
    expect((await refresh(token)).status).toBe(200)
    expect((await driver.call(type, me, { headers: bearer(first["access_token"]) })).status).toBe(200)
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
    expect((await refresh(first["refresh_token"])).status).toBe(200)
  })

  it("revokes the pair by either token, and calls a dead one invalid", async () => {
    for (const name of ["refresh_token", "access_token"]) {
      const { json } = await exchange()
      const revoke = () => driver.post(type, revokeUrl, { token: String(json[name]), ...inBody(type) })
      const ended = await revoke()
      expect([ended.status, ended.text]).toEqual([200, ""])
      expect((await refresh(json["refresh_token"])).json["error"]).toBe("invalid_grant")
      expect((await driver.call(type, me, { headers: bearer(json["access_token"]) })).status).toBe(401)
      expect((await revoke()).json["error"]).toBe("invalid_token")
    }
  })

  it("says in a header that a token is dead", async () => {
    const answer = await driver.call(type, me, { headers: bearer("fake") })
    expect([answer.status, answer.text]).toEqual([401, ""])
    expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"')
  })
})
