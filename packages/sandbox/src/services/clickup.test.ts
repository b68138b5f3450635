import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { authorization, basic, bearer, inBody, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "clickup"
const authorizeUrl = "https://app.clickup.com/api"
const tokenUrl = "https://api.clickup.com/api/v2/oauth/token"

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

const newCode = () => driver.code(type, authorizeUrl, {})
const exchange = async () => driver.post(type, tokenUrl, { code: await newCode(), ...inBody(type) })
const get = (path: string, token: unknown) =>
  driver.call(type, `https://api.clickup.com${path}`, { headers: bearer(token) })

describe("ClickUp", () => {
  it("answers a code with a token and nothing else", async () => {
    const { json } = await exchange()
    expect(Object.keys(json)).toEqual(["access_token"])
    expect(json["access_token"]).toMatch(/^\d{8}_[0-9a-f]+$/)
  })

  it("takes the parameters in the query, as a form and as JSON", async () => {
    const query = new URLSearchParams({ code: await newCode(), ...inBody(type) })
    expect((await driver.call(type, `${tokenUrl}?${query.toString()}`, { method: "POST" })).status).toBe(200)
    const asJson = await driver.call(type, tokenUrl, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code: await newCode(), ...inBody(type) }),
    })
    expect(asJson.status).toBe(200)
  })

  it("tells its errors by codes of its own", async () => {
    const fields = { code: await newCode(), ...inBody(type) }
    const wrong = await driver.post(type, tokenUrl, { ...fields, client_secret: "wrong" })
    expect([wrong.status, wrong.json["ECODE"]]).toEqual([401, "OAUTH_010"])
    expect((await driver.post(type, tokenUrl, fields)).status).toBe(200)
    const used = await driver.post(type, tokenUrl, fields)
    expect([used.status, used.json]).toEqual([400, { err: "Code already used", ECODE: "OAUTH_014" }])
    const unknown = await driver.post(type, tokenUrl, { ...fields, code: "unknown" })
    expect([unknown.status, unknown.json["ECODE"]]).toEqual([400, "OAUTH_013"])
  })

  it("takes no HTTP Basic", async () => {
    expect((await driver.post(type, tokenUrl, { code: await newCode() }, basic(type))).status).toBe(401)
  })

  it("shows an unknown client a page, and sends nobody back", async () => {
    const url = authorization(driver.at(type, authorizeUrl), type, { client_id: "nobody" })
    const page = await fetch(url, { redirect: "manual" })
    expect([page.status, page.headers.get("location")]).toEqual([400, null])
  })

  it("refreshes nothing", async () => {
    const fields = { grant_type: "refresh_token", refresh_token: "fake", ...inBody(type) }
    expect((await driver.post(type, tokenUrl, fields)).status).toBe(400)
  })

  it("names the person, and the workspace of which a call needs the id", async () => {
    const token = (await exchange()).json["access_token"]
    driver.clock.advance(31_536_000_000)
    expect((await get("/api/v2/user", token)).json).toMatchObject({
      user: { id: 80_000_001, email: "ada@example.com" },
    })
    expect((await get("/api/v2/team", token)).json).toMatchObject({ teams: [{ id: "9000000001" }] })
    expect((await get("/api/v2/user", "fake")).json).toEqual({ err: "Token not found", ECODE: "OAUTH_025" })
  })
})
