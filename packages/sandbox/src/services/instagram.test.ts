import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "instagram"
const authorizeUrl = "https://www.instagram.com/oauth/authorize"
const tokenUrl = "https://api.instagram.com/oauth/access_token"
const graph = "https://graph.instagram.com"
const asked = { response_type: "code", scope: "instagram_business_basic,instagram_business_manage_messages" }
const hourMs = 3_600_000

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

const query = (params: Record<string, unknown>) =>
  new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)])).toString()

async function shortLived() {
  const code = await driver.code(type, authorizeUrl, asked)
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
  return driver.post(type, tokenUrl, fields)
}

const firstToken = (json: unknown): unknown => {
  const data: unknown = typeof json === "object" && json !== null && "data" in json ? json.data : []
  const first: unknown = Array.isArray(data) ? data[0] : undefined
  return typeof first === "object" && first !== null && "access_token" in first
    ? first.access_token
    : undefined
}

const lengthen = (token: unknown, secret = inBody(type).client_secret) =>
  driver.call(
    type,
    `${graph}/access_token?${query({ grant_type: "ig_exchange_token", client_secret: secret, access_token: token })}`,
  )

const renew = (token: unknown) =>
  driver.call(
    type,
    `${graph}/refresh_access_token?${query({ grant_type: "ig_refresh_token", access_token: token })}`,
  )

async function longLived(): Promise<unknown> {
  return (await lengthen(firstToken((await shortLived()).json))).json["access_token"]
}

describe("Instagram", () => {
  it("answers the exchange in data[0], with permissions joined by commas and no lifetime", async () => {
    const { json } = await shortLived()
    expect(json).toEqual({
      data: [
        {
          access_token: expect.stringMatching(/^IGAA/),
          user_id: "17841400000000001",
          permissions: "instagram_business_basic,instagram_business_manage_messages",
        },
      ],
    })
  })

  it("can be switched to the flat answer, whose id no JavaScript number holds", async () => {
    await driver.control("client", { type, settings: { flat_answers: true } })
    const { json, text } = await shortLived()
    expect(text).toContain('"user_id":17841400000000001')
    expect(json["permissions"]).toEqual(["instagram_business_basic", "instagram_business_manage_messages"])
  })

  it("ends its callback in #_, which is no part of the code", async () => {
    expect((await driver.callback(type, authorizeUrl, asked)).hash).toBe("#_")
  })

  it("lets a short-lived token die after an hour, and a long-lived one after sixty days", async () => {
    const token = firstToken((await shortLived()).json)
    const { json } = await lengthen(token)
    expect(json).toEqual({ access_token: expect.any(String), token_type: "bearer", expires_in: 5_184_000 })
    const me = (value: unknown) =>
      driver.call(type, `${graph}/me?fields=user_id,username`, { headers: bearer(value) })
    driver.clock.advance(hourMs)
    expect([(await me(token)).status, (await me(json["access_token"])).status]).toEqual([400, 200])
    driver.clock.advance(60 * 24 * hourMs)
    expect((await me(json["access_token"])).json["error"]).toMatchObject({ code: 190 })
  })

  it("lengthens a living short-lived token for the right secret only", async () => {
    const token = firstToken((await shortLived()).json)
    expect((await lengthen(token, "wrong")).json["error"]).toMatchObject({ code: 101 })
    expect((await lengthen("IGAAunknown")).json["error"]).toMatchObject({ code: 190 })
    const long = (await lengthen(token)).json["access_token"]
    expect((await lengthen(long)).status).toBe(400)
    driver.clock.advance(hourMs)
    expect((await lengthen(token)).json["error"]).toMatchObject({ code: 190 })
  })

  it("renews a long-lived token from its first day to its last, and never a short-lived one", async () => {
    expect((await renew(firstToken((await shortLived()).json))).status).toBe(400)
    const token = await longLived()
    driver.clock.advance(24 * hourMs - 1)
    expect((await renew(token)).json["error"]).toMatchObject({ code: 100 })
    driver.clock.advance(1)
    const renewed = (await renew(token)).json
    expect(renewed).toMatchObject({ expires_in: 5_184_000, permissions: asked.scope })
    expect(renewed["access_token"]).not.toBe(token)
    driver.clock.advance(59 * 24 * hourMs)
    expect((await renew(token)).json["error"]).toMatchObject({ code: 190 })
    expect((await renew(renewed["access_token"])).status).toBe(200)
  })

  it("renews by GET alone, and knows no refresh tokens at its token endpoint", async () => {
    const token = await longLived()
    driver.clock.advance(24 * hourMs)
    const url = `${graph}/refresh_access_token?${query({ grant_type: "ig_refresh_token", access_token: token })}`
    expect((await driver.call(type, url, { method: "POST" })).status).toBeGreaterThanOrEqual(400)
    const fields = { grant_type: "refresh_token", refresh_token: String(token), ...inBody(type) }
    expect((await driver.post(type, tokenUrl, fields)).status).toBe(400)
  })

  it("tells wrong credentials and used codes in words of its own, at 400", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
    const wrong = await driver.post(type, tokenUrl, { ...fields, client_secret: "wrong" })
    expect([wrong.status, wrong.json]).toEqual([
      400,
      { error_type: "OAuthException", code: 400, error_message: "Error validating client secret." },
    ])
    await driver.post(type, tokenUrl, fields)
    expect((await driver.post(type, tokenUrl, fields)).json).toMatchObject({
      error_type: "OAuthException",
      error_message: "Matching code was not found or was already used",
    })
  })

  it("takes the access token in the query as well", async () => {
    const token = await longLived()
    expect(
      (await driver.call(type, `${graph}/me?fields=username&${query({ access_token: token })}`)).json,
    ).toEqual({
      username: "ada",
    })
  })
})
