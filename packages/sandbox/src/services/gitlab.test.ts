import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { bearer, inBody, redirectUri, startDriver } from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "gitlab"
const asked = { response_type: "code", scope: "read_user" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

const at = (host: string, path: string) => `https://${host}${path}`

async function exchange(host = "gitlab.com") {
  const code = await driver.code(type, at(host, "/oauth/authorize"), asked)
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...inBody(type) }
  return (await driver.post(type, at(host, "/oauth/token"), fields)).json
}

const refresh = (
  token: unknown,
  host = "gitlab.com",
  more: Record<string, string> = { redirect_uri: redirectUri },
) =>
  driver.post(type, at(host, "/oauth/token"), {
    grant_type: "refresh_token",
    refresh_token: String(token),
    ...inBody(type),
    ...more,
  })

const user = (token: unknown, host = "gitlab.com") =>
  driver.call(type, at(host, "/api/v4/user"), { headers: bearer(token) })

describe("GitLab", () => {
  it("ends the refresh token and the access token before with each refresh", async () => {
    const first = await exchange()
    const second = (await refresh(first["refresh_token"])).json
    expect([(await user(first["access_token"])).status, (await user(second["access_token"])).status]).toEqual(
      [401, 200],
    )
    expect(await refresh(first["refresh_token"])).toMatchObject({
      status: 400,
      json: { error: "invalid_grant" },
    })
  })

  it("leaves the tokens of another consent alone when it refreshes", async () => {
    const [one, other] = [await exchange(), await exchange()]
    await refresh(one["refresh_token"])
    expect((await user(other["access_token"])).status).toBe(200)
  })

  it("refreshes only with the redirect URI", async () => {
    const { refresh_token: token } = await exchange()
    expect(await refresh(token, "gitlab.com", {})).toMatchObject({
      status: 400,
      json: { error: "invalid_request" },
    })
    expect((await refresh(token)).status).toBe(200)
  })

  it("is another provider at every host", async () => {
    const own = await exchange("git.corp.example")
    expect((await refresh(own["refresh_token"])).json["error"]).toBe("invalid_grant")
    expect((await refresh(own["refresh_token"], "git.corp.example")).status).toBe(200)
    expect((await driver.post(type, at("git", "/oauth/token"), {})).status).toBe(404)
  })

  it("says 401 for a wrong secret, and nothing about a dead token at revocation", async () => {
    const { refresh_token: token } = await exchange()
    const wrong = { redirect_uri: redirectUri, client_secret: "wrong" }
    expect(await refresh(token, "gitlab.com", wrong)).toMatchObject({
      status: 401,
      json: { error: "invalid_client" },
    })
    const revoke = () =>
      driver.post(type, at("gitlab.com", "/oauth/revoke"), { token: String(token), ...inBody(type) })
    expect([(await revoke()).text, (await revoke()).text]).toEqual(["{}", "{}"])
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
  })
})
