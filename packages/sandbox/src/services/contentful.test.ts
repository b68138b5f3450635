import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { authorization, basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "contentful"
const asked = { response_type: "code", scope: "content_management_read" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(domain = "contentful.com", at = domain) {
  const code = await driver.code(type, `https://be.${domain}/oauth/authorize`, asked)
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
  return driver.post(type, `https://be.${at}/oauth/token`, fields)
}

describe("Contentful", () => {
  it.each([
    ["no scope", ""],
    ["both scopes", "content_management_read content_management_manage"],
    ["another scope", "content_delivery_read"],
  ])("shows no consent page for %s", async (_case, scope) => {
    const url = authorization(driver.at(type, "https://be.contentful.com/oauth/authorize"), type, {
      ...asked,
      scope,
    })
    const answer = await fetch(url, { redirect: "manual" })
    expect(new URL(answer.headers.get("location") ?? "").searchParams.get("error")).toBe("invalid_scope")
  })

  it("gives a code and no token to the callback, and refuses the way of the documentation", async () => {
    const url = authorization(driver.at(type, "https://be.contentful.com/oauth/authorize"), type, {
      ...asked,
      response_type: "token",
    })
    const answer = await fetch(url, { redirect: "manual" })
    expect(new URL(answer.headers.get("location") ?? "").searchParams.get("error")).toBe(
      "unsupported_response_type",
    )
    expect((await exchange()).json).toMatchObject({ scope: "content_management_read", expires_in: 2_592_000 })
  })

  it("gives no refresh token where the app is made so, and no end where the app sets none", async () => {
    const settings = { refresh_tokens: false, access_token_lifetime_s: null }
    await driver.control("client", { type, settings })
    const { json } = await exchange()
    expect(json).not.toHaveProperty("refresh_token")
    expect(json).not.toHaveProperty("expires_in")
  })

  it("keeps the code of one region from the other", async () => {
    expect((await exchange("eu.contentful.com")).status).toBe(200)
    expect((await exchange("eu.contentful.com", "contentful.com")).json["error"]).toBe("invalid_grant")
  })

  it("takes no HTTP Basic", async () => {
    const code = await driver.code(type, "https://be.contentful.com/oauth/authorize", asked)
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri }
    const refused = await driver.post(type, "https://be.contentful.com/oauth/token", fields, basic(type))
    expect([refused.status, refused.json["error"]]).toEqual([401, "invalid_client"])
  })

  it("names the person and the organisation, and tells a dead token in an envelope", async () => {
    const headers = bearer((await exchange()).json["access_token"])
    const me = await driver.call(type, "https://api.contentful.com/users/me", { headers })
    expect(me.json).toMatchObject({ sys: { type: "User" }, email: "ada@example.com" })
    const list = await driver.call(type, "https://api.contentful.com/organizations", { headers })
    expect(list.json).toMatchObject({ items: [{ sys: { id: "sandboxorganization001" } }] })
    const dead = await driver.call(type, "https://api.contentful.com/users/me", { headers: bearer("fake") })
    expect([dead.status, dead.json["sys"]]).toEqual([401, { type: "Error", id: "AccessTokenInvalid" }])
  })
})
