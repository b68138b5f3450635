import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import {
  basic,
  bearer,
  challenge,
  inBody,
  redirectUri,
  startDriver,
  verifier,
} from "../../test-support/driver.ts"
import type { Driver } from "../../test-support/driver.ts"

const type = "linear"
const authorizeUrl = "https://linear.app/oauth/authorize"
const tokenUrl = "https://api.linear.app/oauth/token"
const graphql = "https://api.linear.app/graphql"
const asked = { response_type: "code", scope: "read,write", prompt: "consent" }

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(params: Record<string, string> = asked, more: Record<string, string> = inBody(type)) {
  const code = await driver.code(type, authorizeUrl, params)
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...more }
  return driver.post(type, tokenUrl, fields)
}

const refresh = (token: unknown, headers: Record<string, string> = basic(type)) =>
  driver.post(type, tokenUrl, { grant_type: "refresh_token", refresh_token: String(token) }, headers)

const ask = (token: unknown, query: unknown) =>
  driver.call(type, graphql, {
    method: "POST",
    headers: { ...bearer(token), "content-type": "application/json" },
    body: JSON.stringify({ query }),
  })

describe("Linear", () => {
  it("is asked with commas and answers with spaces, or with an array to old apps", async () => {
    expect((await exchange()).json).toMatchObject({ scope: "read write", expires_in: 86_399 })
    await expect(driver.code(type, authorizeUrl, { ...asked, scope: "read write" })).rejects.toThrow()
    await driver.control("client", { type, settings: { scope_array: true } })
    expect((await exchange()).json["scope"]).toEqual(["read", "write"])
  })

  it("gives a refresh that comes again within half an hour the same answer again, and later none", async () => {
    const { refresh_token: token } = (await exchange()).json
    const first = (await refresh(token)).json
    driver.clock.advance(1_799_000)
    expect((await refresh(token)).json).toMatchObject({
      access_token: first["access_token"],
      refresh_token: first["refresh_token"],
    })
    driver.clock.advance(2000)
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
    expect((await refresh(first["refresh_token"])).status).toBe(200)
  })

  it("needs no secret where PKCE proved the client, and one where it did not", async () => {
    const pkce = { code_challenge: challenge, code_challenge_method: "S256" }
    const { client_id: id } = inBody(type)
    const proved = await exchange({ ...asked, ...pkce }, { client_id: id, code_verifier: verifier })
    expect(proved.status).toBe(200)
    expect((await exchange(asked, { client_id: id })).json["error"]).toBe("invalid_client")
  })

  it("revokes by the token alone, once", async () => {
    const { refresh_token: token } = (await exchange()).json
    const revoke = () => driver.post(type, "https://api.linear.app/oauth/revoke", { token: String(token) })
    expect([(await revoke()).status, (await revoke()).status]).toEqual([200, 400])
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
  })

  it("answers GraphQL what the query names, and nothing to a request without one", async () => {
    const { access_token: token } = (await exchange()).json
    expect((await ask(token, "{ viewer { id email } }")).json["data"]).toEqual({
      viewer: expect.objectContaining({ email: "ada@example.com" }),
    })
    expect((await ask(token, "")).status).toBe(400)
    expect((await ask("unknown", "{ viewer { id } }")).json).toMatchObject({
      errors: [{ extensions: { code: "AUTHENTICATION_ERROR" } }],
    })
  })

  it("says too many calls at 400, in the words of GraphQL", async () => {
    await driver.control("faults", { type, fault: "rate_limited", endpoint: "refresh" })
    expect(await refresh("any")).toMatchObject({
      status: 400,
      json: { errors: [{ extensions: { code: "RATELIMITED" } }] },
    })
  })
})
