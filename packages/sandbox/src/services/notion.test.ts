import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { basic, bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "notion"
const authorizeUrl = "https://api.notion.com/v1/oauth/authorize"
const tokenUrl = "https://api.notion.com/v1/oauth/token"
const asked = { response_type: "code", owner: "user" }
const version = { "notion-version": "2022-06-28" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

const send = (url: string, value: unknown, headers: Record<string, string> = basic(type)) =>
  driver.call(type, url, {
    method: "POST",
    body: JSON.stringify(value),
    headers: { "content-type": "application/json", ...headers },
  })

async function exchange() {
  const code = await driver.code(type, authorizeUrl, asked)
  return send(tokenUrl, { grant_type: "authorization_code", code, redirect_uri: redirectUri })
}

const refresh = (token: unknown) => send(tokenUrl, { grant_type: "refresh_token", refresh_token: token })

describe("Notion", () => {
  it("names the workspace and the owner, and neither expiry nor scope", async () => {
    const { json } = await exchange()
    expect(json).toMatchObject({
      token_type: "bearer",
      workspace_name: "Ada's Workspace",
      owner: { user: { person: { email: "ada@example.com" } } },
    })
    expect(json).not.toHaveProperty("expires_in")
    expect(json).not.toHaveProperty("scope")
  })

  it("shows no consent page without owner=user", async () => {
    await expect(driver.code(type, authorizeUrl, { response_type: "code" })).rejects.toThrow(
      "no consent page",
    )
  })

  it("takes neither a form nor credentials in the body", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri }
    const form = await driver.post(type, tokenUrl, fields, basic(type))
    expect([form.status, form.json["error"]]).toEqual([400, "invalid_request"])
    const body = await send(tokenUrl, { ...fields, ...inBody(type) }, {})
    expect([body.status, body.json["error"]]).toEqual([401, "invalid_client"])
    expect((await send(tokenUrl, fields)).status).toBe(200)
  })

  it("rotates refresh tokens without grace", async () => {
    const token = (await exchange()).json["refresh_token"]
    const renewed = await refresh(token)
    expect(renewed.json["refresh_token"]).toMatch(/^nrt_/)
    const reused = await refresh(token)
    expect([reused.status, reused.json["error"]]).toEqual([400, "invalid_grant"])
    expect((await refresh(renewed.json["refresh_token"])).status).toBe(200)
  })

  it("demands its version header on the API", async () => {
    const { access_token: token } = (await exchange()).json
    const me = "https://api.notion.com/v1/users/me"
    const without = await driver.call(type, me, { headers: bearer(token) })
    expect([without.status, without.json["code"]]).toEqual([400, "missing_version"])
    const named = await driver.call(type, me, { headers: { ...bearer(token), ...version } })
    expect(named.json).toMatchObject({ object: "user", bot: { workspace_name: "Ada's Workspace" } })
    const dead = await driver.call(type, me, { headers: { ...bearer("ntn_dead"), ...version } })
    expect(dead.json).toMatchObject({ object: "error", status: 401, code: "unauthorized" })
  })

  it("names the same account in the token answer and at its identity endpoint", async () => {
    const { json } = await exchange()
    const me = await driver.call(type, "https://api.notion.com/v1/users/me", {
      headers: { ...bearer(json["access_token"]), ...version },
    })
    expect(me.json).toMatchObject({ bot: { workspace_id: json["workspace_id"], owner: json["owner"] } })
  })

  it("revokes with client authentication and tells a dead token at 400", async () => {
    const { access_token: token, refresh_token: renewal } = (await exchange()).json
    const revokeUrl = "https://api.notion.com/v1/oauth/revoke"
    expect((await send(revokeUrl, { token }, {})).status).toBe(401)
    expect((await send(revokeUrl, { token })).status).toBe(200)
    expect((await send(revokeUrl, { token })).status).toBe(400)
    expect((await refresh(renewal)).json["error"]).toBe("invalid_grant")
  })
})
