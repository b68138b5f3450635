import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "hugging_face"
const authorizeUrl = "https://huggingface.co/oauth/authorize"
const tokenUrl = "https://huggingface.co/oauth/token"
const asked = { response_type: "code", scope: "openid profile" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(scope = asked.scope, headers: Record<string, string> = basic(type), more = {}) {
  const code = await driver.code(type, authorizeUrl, { ...asked, scope })
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...more }
  return driver.post(type, tokenUrl, fields, headers)
}

const refresh = (token: unknown) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token) }, basic(type))

describe("Hugging Face", () => {
  it("gives an id token with openid, in the exchange", async () => {
    const { json } = await exchange()
    expect(json).toMatchObject({ token_type: "bearer", expires_in: 28_800, scope: "openid profile" })
    const claims = JSON.parse(
      Buffer.from(String(json["id_token"]).split(".")[1] ?? "", "base64url").toString(),
    )
    expect(claims).toMatchObject({ iss: "https://huggingface.co", aud: "sandbox-hugging_face" })
    expect((await exchange("profile")).json).not.toHaveProperty("id_token")
    expect((await refresh(json["refresh_token"])).json).not.toHaveProperty("id_token")
  })

  it("takes the client's credentials as HTTP Basic and in the body, and never none", async () => {
    expect((await exchange(asked.scope, {}, inBody(type))).status).toBe(200)
    const without = await exchange(asked.scope, {}, { client_id: "sandbox-hugging_face" })
    expect([without.status, without.json["error"]]).toEqual([400, "invalid_client"])
  })

  it("gives no refresh token where that is switched off", async () => {
    await driver.control("client", { type, settings: { refresh_tokens: false } })
    expect((await exchange()).json).not.toHaveProperty("refresh_token")
  })

  it("keeps the refresh token, or rotates it where that is switched on", async () => {
    const kept = (await exchange()).json["refresh_token"]
    expect((await refresh(kept)).json).not.toHaveProperty("refresh_token")
    expect((await refresh(kept)).status).toBe(200)
    await driver.control("client", { type, settings: { rotation: true } })
    expect((await refresh(kept)).json["refresh_token"]).not.toBe(kept)
    expect((await refresh(kept)).json["error"]).toBe("invalid_grant")
  })

  it("shows of the person what the scopes allow", async () => {
    const seen = async (scope: string) => {
      const headers = bearer((await exchange(scope)).json["access_token"])
      return (await driver.call(type, "https://huggingface.co/oauth/userinfo", { headers })).json
    }
    expect(Object.keys(await seen("openid"))).toEqual(["sub"])
    expect(await seen("openid profile email")).toMatchObject({
      preferred_username: "ada",
      email: "ada@example.com",
    })
  })
})
