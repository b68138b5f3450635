import { createHash } from "node:crypto"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { bearer, challenge, inBody, redirectUri, startDriver, verifier } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "tiktok"
const authorizeUrl = "https://www.tiktok.com/v2/auth/authorize/"
const tokenUrl = "https://open.tiktokapis.com/v2/oauth/token/"
const revokeUrl = "https://open.tiktokapis.com/v2/oauth/revoke/"
const { client_id: key, client_secret: secret } = inBody(type)
const asked = { client_id: "", client_key: key, response_type: "code", scope: "user.info.basic,video.list" }
const client = { client_key: key, client_secret: secret }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(params: Record<string, string> = asked, more: Record<string, string> = {}) {
  const code = await driver.code(type, authorizeUrl, params)
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...client, ...more }
  return driver.post(type, tokenUrl, fields)
}

const refresh = (token: unknown, more: Record<string, string> = client) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token), ...more })

describe("TikTok", () => {
  it("answers with commas, the open id and two lifetimes", async () => {
    expect((await exchange()).json).toEqual({
      access_token: expect.stringMatching(/^act\./),
      expires_in: 7200,
      open_id: expect.any(String),
      refresh_expires_in: 15_552_000,
      refresh_token: expect.stringMatching(/^rft\./),
      scope: "user.info.basic,video.list",
      token_type: "Bearer",
    })
  })

  it("tells in its callback which scopes were ticked, and sends a code that a URL has to encode", async () => {
    const callback = await driver.callback(type, authorizeUrl, asked, {
      decision: "approve",
      without: ["video.list"],
    })
    expect(callback.searchParams.get("scopes")).toBe("user.info.basic")
    expect(callback.searchParams.get("code")).toMatch(/\*1!/)
  })

  it("does not know the client by client_id", async () => {
    await expect(
      driver.code(type, authorizeUrl, { ...asked, client_key: "", client_id: key }),
    ).rejects.toThrow()
    const { refresh_token: token } = (await exchange()).json
    expect((await refresh(token, inBody(type))).json["error"]).toBe("invalid_client")
    expect((await refresh(token)).json["error"]).toBeUndefined()
  })

  it("tells every refusal of the token endpoint at 200", async () => {
    const dead = await refresh("rft.unknown")
    expect([dead.status, dead.json]).toEqual([
      200,
      { error: "invalid_grant", error_description: expect.any(String), log_id: expect.any(String) },
    ])
    const wrong = await refresh("rft.unknown", { client_key: key, client_secret: "wrong" })
    expect([wrong.status, wrong.json["error"]]).toEqual([200, "invalid_client"])
  })

  it("uses a refresh token up, without grace", async () => {
    const { refresh_token: token } = (await exchange()).json
    const renewed = (await refresh(token)).json["refresh_token"]
    expect(renewed).not.toBe(token)
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
    driver.clock.advance(15_552_000_000)
    expect((await refresh(renewed)).json["error"]).toBe("invalid_grant")
  })

  it("has slashes at the end of its addresses", async () => {
    const fields = { grant_type: "refresh_token", refresh_token: "any", ...client }
    // Below the API's address, where a token is wanted.
    expect((await driver.post(type, tokenUrl.replace(/\/$/, ""), fields)).status).toBe(401)
  })

  it("ignores PKCE of a web app, and demands it of a desktop app, in hexadecimal", async () => {
    const pkce = { code_challenge: challenge, code_challenge_method: "S256" }
    expect((await exchange({ ...asked, ...pkce })).json["error"]).toBeUndefined()
    await driver.control("client", { type, settings: { desktop: true } })
    await expect(driver.code(type, authorizeUrl, asked)).rejects.toThrow()
    const standard = await exchange({ ...asked, ...pkce }, { code_verifier: verifier })
    expect(standard.json["error"]).toBe("invalid_grant")
    const hex = { ...pkce, code_challenge: createHash("sha256").update(verifier).digest("hex") }
    expect((await exchange({ ...asked, ...hex }, { code_verifier: verifier })).json["error"]).toBeUndefined()
  })

  it("answers user info field by field, and not at all without fields", async () => {
    const { access_token: token } = (await exchange()).json
    const info = (query: string) =>
      driver.call(type, `https://open.tiktokapis.com/v2/user/info/${query}`, { headers: bearer(token) })
    expect((await info("")).json["error"]).toMatchObject({ code: "invalid_params" })
    expect((await info("?fields=display_name")).json).toMatchObject({
      data: { user: { display_name: "Ada Example" } },
      error: { code: "ok" },
    })
  })

  it("revokes by a living access token and the client's key", async () => {
    const { access_token: access, refresh_token: token } = (await exchange()).json
    const revoke = (value: unknown, more = client) =>
      driver.post(type, revokeUrl, { token: String(value), ...more })
    expect((await revoke(token)).json["error"]).toBe("access_token_invalid")
    expect((await revoke(access, { ...client, client_secret: "wrong" })).json["error"]).toBe("invalid_client")
    expect([(await revoke(access)).text, (await revoke(access)).json["error"]]).toEqual([
      "",
      "access_token_invalid",
    ])
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
    const other = (await exchange()).json["access_token"]
    driver.clock.advance(7_200_000)
    expect((await revoke(other)).json["error"]).toBe("access_token_invalid")
  })
})
