import { createHash } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import {
  authorization,
  basic,
  bearer,
  challenge,
  inBody,
  redirectUri,
  startDriver,
  verifier,
} from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "airtable"
const authorizeUrl = "https://airtable.com/oauth2/v1/authorize"
const tokenUrl = "https://airtable.com/oauth2/v1/token"
const whoami = "https://api.airtable.com/v0/meta/whoami"
const asked = {
  response_type: "code",
  scope: "data.records:read user.email:read",
  code_challenge: challenge,
  code_challenge_method: "S256",
}

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

const send = (fields: Record<string, string>, headers: Record<string, string> = basic(type)) =>
  driver.post(type, tokenUrl, fields, headers)

async function codeFields(params: Record<string, string> = asked) {
  const code = await driver.code(type, authorizeUrl, params)
  return { grant_type: "authorization_code", code, redirect_uri: redirectUri, code_verifier: verifier }
}

const exchange = async (params?: Record<string, string>) => send(await codeFields(params))
const refresh = (token: unknown) => send({ grant_type: "refresh_token", refresh_token: String(token) })

const refusedWith = async (params: Record<string, string>) => {
  const url = authorization(driver.at(type, authorizeUrl), type, { ...asked, ...params })
  const answer = await fetch(url, { redirect: "manual" })
  return new URL(answer.headers.get("location") ?? "about:blank").searchParams.get("error")
}

describe("Airtable", () => {
  it("tells both lifetimes, and a token type with a space at its end", async () => {
    const { json, status } = await exchange()
    expect(status).toBe(200)
    expect(json).toMatchObject({
      token_type: "Bearer ",
      expires_in: 3600,
      refresh_expires_in: 5_184_000,
      scope: "data.records:read user.email:read",
    })
    expect(json["access_token"]).toMatch(/^oaa/)
    expect(json["refresh_token"]).toMatch(/^oar/)
  })

  it.each([
    ["no PKCE", { code_challenge: "", code_challenge_method: "" }, "invalid_request"],
    ["plain PKCE", { code_challenge_method: "plain" }, "invalid_request"],
    ["no state", { state: "" }, "invalid_request"],
    ["a short state", { state: "0123456789abcde" }, "invalid_request"],
    ["a state of other characters", { state: "0123456789abcdef==" }, "invalid_request"],
    ["no scope", { scope: "" }, "invalid_scope"],
    ["a scope that comes twice", { scope: "user.email:read user.email:read" }, "invalid_scope"],
    ["an unknown scope", { scope: "data.records:everything" }, "invalid_scope"],
  ])("shows no consent page for %s", async (_case, params, error) => {
    expect(await refusedWith(params)).toBe(error)
  })

  it("takes HTTP Basic only", async () => {
    const fields = await codeFields()
    const inForm = await send({ ...fields, ...inBody(type) }, {})
    expect([inForm.status, inForm.json["error"]]).toEqual([401, "invalid_client"])
  })

  it.each([
    ["without a verifier", { code_verifier: "" }],
    ["with another verifier", { code_verifier: "b".repeat(43) }],
    ["with another redirect URI", { redirect_uri: "https://app.example/other" }],
  ])("uses a code up by an attempt %s", async (_case, wrong) => {
    const fields = await codeFields()
    const failed = await send({ ...fields, ...wrong })
    expect([failed.status, failed.json["error"]]).toEqual([400, "invalid_grant"])
    expect((await send(fields)).json["error"]).toBe("invalid_grant")
  })

  it("takes no tilde in a verifier, though RFC 7636 does", async () => {
    const tilde = "~".repeat(43)
    const fits = createHash("sha256").update(tilde).digest("base64url")
    const fields = await codeFields({ ...asked, code_challenge: fits })
    expect((await send({ ...fields, code_verifier: tilde })).json["error"]).toBe("invalid_grant")
  })

  it("ends the access token and the refresh token before a refresh", async () => {
    const first = (await exchange()).json
    const second = (await refresh(first["refresh_token"])).json
    const seen = async (token: unknown) =>
      (await driver.call(type, whoami, { headers: bearer(token) })).status
    expect(await seen(first["access_token"])).toBe(401)
    expect(await seen(second["access_token"])).toBe(200)
    driver.clock.advance(5000)
    expect((await refresh(first["refresh_token"])).json["error"]).toBe("invalid_grant")
    expect((await refresh(second["refresh_token"])).status).toBe(200)
  })

  it("answers a refresh that collides with another by 409 and nothing else, whatever came of the first", async () => {
    const token = (await exchange()).json["refresh_token"]
    const given = (await refresh(token)).json
    const collided = await refresh(token)
    expect([collided.status, collided.text]).toEqual([409, ""])
    expect((await refresh(given["refresh_token"])).status).toBe(200)
  })

  it("tells a collision to nobody but the client", async () => {
    const token = (await exchange()).json["refresh_token"]
    await refresh(token)
    const fields = { grant_type: "refresh_token", refresh_token: String(token) }
    expect((await send(fields, { authorization: `Basic ${btoa("sandbox-airtable:wrong")}` })).status).toBe(
      401,
    )
  })

  it("ends a refresh token that nobody used for 60 days", async () => {
    const token = (await exchange()).json["refresh_token"]
    driver.clock.advance(5_184_000_000)
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
  })

  it("names the address only to those who may see it", async () => {
    const known = (await exchange()).json["access_token"]
    const unknown = (await exchange({ ...asked, scope: "data.records:read" })).json["access_token"]
    const named = await driver.call(type, whoami, { headers: bearer(known) })
    expect(named.json).toMatchObject({ id: "usrSANDBOX0000001", email: "ada@example.com" })
    const nameless = await driver.call(type, whoami, { headers: bearer(unknown) })
    expect(nameless.json).toEqual({ id: "usrSANDBOX0000001", scopes: ["data.records:read"] })
  })
})
