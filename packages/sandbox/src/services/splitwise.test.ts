import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "splitwise"
const authorizeUrl = "https://secure.splitwise.com/oauth/authorize"
const tokenUrl = "https://secure.splitwise.com/oauth/token"
const api = "https://secure.splitwise.com/api/v3.0"

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function fields() {
  const code = await driver.code(type, authorizeUrl, { response_type: "code" })
  return { grant_type: "authorization_code", code, redirect_uri: redirectUri }
}

const exchange = async () => driver.post(type, tokenUrl, { ...(await fields()), ...inBody(type) })

describe("Splitwise", () => {
  it("gives a token and nothing else, which lasts", async () => {
    const { json } = await exchange()
    expect(Object.keys(json)).toEqual(["access_token", "token_type"])
    driver.clock.advance(1000 * 86_400_000)
    const me = await driver.call(type, `${api}/get_current_user`, { headers: bearer(json["access_token"]) })
    expect(me.json["user"]).toMatchObject({ id: 1_000_001, email: "ada@example.com" })
  })

  it("takes JSON as well as forms, and no HTTP Basic", async () => {
    const body = JSON.stringify({ ...(await fields()), ...inBody(type) })
    const headers = { "content-type": "application/json" }
    expect((await driver.call(type, tokenUrl, { method: "POST", headers, body })).status).toBe(200)
    expect((await driver.post(type, tokenUrl, await fields(), basic(type))).json["error"]).toBe(
      "invalid_client",
    )
  })

  it("tells a dead code at 401", async () => {
    const dead = await driver.post(type, tokenUrl, { ...(await fields()), code: "old", ...inBody(type) })
    expect([dead.status, dead.json["error"]]).toEqual([401, "invalid_grant"])
  })

  it("tells a write that failed at 200", async () => {
    const headers = bearer((await exchange()).json["access_token"])
    const failed = await driver.call(type, `${api}/create_expense`, { method: "POST", headers })
    expect([failed.status, failed.json["errors"]]).toEqual([200, { base: ["The request holds no data."] }])
  })
})
