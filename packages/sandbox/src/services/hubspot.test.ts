import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "hubspot"
const authorizeUrl = "https://app.hubspot.com/oauth/authorize"
const tokenUrl = "https://api.hubapi.com/oauth/2026-03/token"
const asked = { scope: "oauth crm.objects.contacts.read" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange() {
  const code = await driver.code(type, authorizeUrl, asked)
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
  return driver.post(type, tokenUrl, fields)
}

const refresh = (token: unknown, more: Record<string, string> = inBody(type)) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token), ...more })

describe("HubSpot", () => {
  it("answers the scopes as an array under the plural, with the account's number", async () => {
    const { json } = await exchange()
    expect(json).toMatchObject({
      scopes: ["oauth", "crm.objects.contacts.read"],
      hub_id: 62_515,
      expires_in: 1800,
    })
    expect(json).not.toHaveProperty("scope")
    expect(String(json["access_token"]).length).toBeGreaterThan(200)
  })

  it("repeats the refresh token", async () => {
    const { refresh_token: token } = (await exchange()).json
    expect((await refresh(token)).json["refresh_token"]).toBe(token)
  })

  it("says refusals at 400 in both vocabularies", async () => {
    expect(await refresh("na1-unknown")).toMatchObject({
      status: 400,
      json: { error: "invalid_grant", status: "BAD_REFRESH_TOKEN", message: expect.any(String) },
    })
    const { refresh_token: token } = (await exchange()).json
    expect(await refresh(token, { ...inBody(type), client_secret: "wrong" })).toMatchObject({
      status: 400,
      json: { error: "invalid_client", status: "BAD_CLIENT_SECRET" },
    })
  })

  it("takes credentials in the body alone, and no consent without the scope oauth", async () => {
    const { refresh_token: token } = (await exchange()).json
    const fields = { grant_type: "refresh_token", refresh_token: String(token) }
    expect((await driver.post(type, tokenUrl, fields, basic(type))).json["error"]).toBe("invalid_client")
    await expect(driver.code(type, authorizeUrl, { scope: "tickets" })).rejects.toThrow()
  })

  it("ends a person's every connection with one refresh token", async () => {
    const [one, other] = [(await exchange()).json, (await exchange()).json]
    const fields = { token: String(one["refresh_token"]), ...inBody(type) }
    expect((await driver.post(type, `${tokenUrl}/revoke`, fields)).status).toBe(204)
    expect((await refresh(other["refresh_token"])).json["error"]).toBe("invalid_grant")
    expect((await driver.post(type, `${tokenUrl}/revoke`, fields)).status).toBe(400)
  })

  it("says too many calls in the API's own shape", async () => {
    await driver.control("faults", { type, fault: "rate_limited", endpoint: "refresh" })
    expect(await refresh("any")).toMatchObject({
      status: 429,
      json: { status: "error", category: "RATE_LIMITS" },
    })
  })
})
