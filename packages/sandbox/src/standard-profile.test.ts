/** A service whose data suffices: no file of the sandbox knows it. */
import { builtInDefinitions, defineConnector } from "@grantry/catalog"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import {
  authorization,
  basic,
  bearer,
  challenge,
  inBody,
  redirectUri,
  startDriver,
  state,
  verifier,
} from "../test-support/driver.ts"
import type { Driver } from "../test-support/driver.ts"

const type = "acme"
const acme = defineConnector({
  type,
  displayName: "Acme",
  description: "A service that nobody has.",
  authorize: {
    url: "https://{tenant}.acme.example/authorize",
    pkce: "required",
    alwaysScopes: ["offline_access"],
    defaultScopes: ["read"],
    extraParams: { audience: "api" },
    issuer: "https://acme.example",
    issParameter: "required",
  },
  token: {
    url: "https://{tenant}.acme.example/token",
    clientAuth: "basic",
    lifetimeS: 3600,
    answerScopeSeparators: [","],
  },
  refresh: { rotates: true, reuseGraceS: 60 },
  revocation: {
    url: "https://{tenant}.acme.example/revoke",
    tokens: ["refresh_token"],
    auth: "basic",
    ends: "token",
  },
  identity: {
    fromToken: { id: ["{user.id}"], label: ["{user.email}"] },
    request: {
      method: "GET",
      url: "https://api.acme.example/me",
      headers: {},
      id: ["{data.id}"],
      label: ["{data.mail}"],
    },
  },
  config: {
    asked: [
      {
        name: "tenant",
        displayName: "Tenant",
        description: "Tenant",
        pattern: "^[a-z]+$",
        patternError: "letters",
      },
    ],
    fromToken: [
      { name: "api_url", path: "urls.api", hostSuffixes: ["acme.example"] },
      { name: "shard", path: "urls.shard", hostSuffixes: ["acme.example"], isHost: true },
    ],
    fromIdentity: [{ name: "plan", path: "data.plan" }],
    fromCallback: [{ name: "realm", param: "realmId" }],
  },
  api: { baseUrls: ["https://api.acme.example/v1"] },
  scopes: [{ scope: "read", meaning: "read things" }],
  setup: { registerUrl: "https://acme.example", documentationUrl: "https://acme.example", pitfalls: [] },
  samples: [],
})

const authorizeUrl = "https://red.acme.example/authorize"
const tokenUrl = "https://red.acme.example/token"
const asked = {
  response_type: "code",
  scope: "read offline_access",
  code_challenge: challenge,
  code_challenge_method: "S256",
}

let driver: Driver
beforeAll(async () => {
  driver = await startDriver({ catalog: [...builtInDefinitions, acme] })
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(params: Record<string, string> = asked, further: Record<string, string> = {}) {
  const code = await driver.code(type, authorizeUrl, params)
  const fields = {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...further,
  }
  return driver.post(type, tokenUrl, fields, basic(type))
}

const refresh = (token: unknown, url = tokenUrl) =>
  driver.post(type, url, { grant_type: "refresh_token", refresh_token: String(token) }, basic(type))

describe("a service without a file of its own", () => {
  it("answers in the places that its entry names", async () => {
    const { json } = await exchange()
    expect(json).toMatchObject({
      expires_in: 3600,
      scope: "read,offline_access",
      user: { id: "sandbox-1", email: "ada@example.com" },
      urls: { api: "https://sandbox.acme.example", shard: "sandbox.acme.example" },
    })
    const named = await driver.call(type, "https://api.acme.example/me", {
      headers: bearer(json["access_token"]),
    })
    expect(named.json).toEqual({
      data: { id: "sandbox-1", mail: "ada@example.com", plan: "sandbox-plan" },
    })
    const api = await driver.call(type, "https://api.acme.example/v1/things", {
      headers: bearer(json["access_token"]),
    })
    expect(api.json).toMatchObject({ account: "ada@example.com", scopes: ["read", "offline_access"] })
  })

  it("sends back its issuer and the values that its callback brings", async () => {
    const callback = await driver.callback(type, authorizeUrl, asked)
    expect(callback.searchParams.get("iss")).toBe("https://acme.example")
    expect(callback.searchParams.get("realmId")).toBe("sandbox-realm")
  })

  it("gives no refresh token where offline_access is not asked for or not given", async () => {
    expect((await exchange({ ...asked, scope: "read" })).json).not.toHaveProperty("refresh_token")
    const code = await driver.code(type, authorizeUrl, asked, {
      decision: "approve",
      without: ["offline_access"],
    })
    const fields = {
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }
    expect((await driver.post(type, tokenUrl, fields, basic(type))).json).not.toHaveProperty("refresh_token")
  })

  it("lets a used refresh token work during its grace and not a moment longer", async () => {
    const token = (await exchange()).json["refresh_token"]
    expect((await refresh(token)).status).toBe(200)
    driver.clock.advance(59_999)
    expect((await refresh(token)).status).toBe(200)
    driver.clock.advance(1)
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
  })

  it("counts the grace from the first use, not from the last", async () => {
    const token = (await exchange()).json["refresh_token"]
    await refresh(token)
    driver.clock.advance(40_000)
    await refresh(token)
    driver.clock.advance(40_000)
    expect((await refresh(token)).status).toBe(400)
  })

  it("ends the grant on reuse once that is switched on", async () => {
    await driver.control("client", { type, settings: { reuse_ends_grant: true, reuse_grace_s: 0 } })
    const token = (await exchange()).json["refresh_token"]
    const renewed = (await refresh(token)).json["refresh_token"]
    await refresh(token)
    expect((await refresh(renewed)).json["error"]).toBe("invalid_grant")
  })

  it("ends refresh tokens whose own life is over", async () => {
    await driver.control("client", { type, settings: { refresh_token_lifetime_s: 100 } })
    const token = (await exchange()).json["refresh_token"]
    driver.clock.advance(100_000)
    expect((await refresh(token)).json["error"]).toBe("invalid_grant")
  })

  it("refuses a refresh token at another tenant", async () => {
    const token = (await exchange()).json["refresh_token"]
    expect((await refresh(token, "https://blue.acme.example/token")).json["error"]).toBe("invalid_grant")
    expect((await refresh(token)).status).toBe(200)
  })

  it("has no tenants whose name the entry does not allow", async () => {
    expect((await refresh("x", "https://red9.acme.example/token")).status).toBe(404)
  })

  it("takes credentials as HTTP Basic alone, form-encoded as RFC 6749 says", async () => {
    await driver.control("client", { type, client_id: "a b:c", client_secret: "p%+&: ä" })
    const code = await driver.code(type, authorizeUrl, { ...asked, client_id: "a b:c" })
    const fields = {
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }
    const header = (id: string, secret: string) => ({
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
    })
    const encoded = (text: string) => new URLSearchParams({ v: text }).toString().slice(2)
    const inTheBody = { ...fields, client_id: "a b:c", client_secret: "p%+&: ä" }
    expect((await driver.post(type, tokenUrl, inTheBody)).json["error"]).toBe("invalid_client")
    expect((await driver.post(type, tokenUrl, fields, header("a b:c", "p%+&: ä"))).json["error"]).toBe(
      "invalid_client",
    )
    expect(
      (await driver.post(type, tokenUrl, fields, header(encoded("a b:c"), encoded("p%+&: ä")))).status,
    ).toBe(200)
  })

  it("refuses credentials that come twice", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    const fields = {
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...inBody(type),
    }
    expect((await driver.post(type, tokenUrl, fields, basic(type))).json["error"]).toBe("invalid_client")
  })

  it("revokes what came of the token, and answers a dead one with 200 (RFC 7009)", async () => {
    const { access_token: access, refresh_token: token } = (await exchange()).json
    const revoke = () =>
      driver.post(type, "https://red.acme.example/revoke", { token: String(token) }, basic(type))
    expect([(await revoke()).status, (await revoke()).status]).toEqual([200, 200])
    const named = await driver.call(type, "https://api.acme.example/me", { headers: bearer(access) })
    expect(named.status).toBe(401)
    expect(named.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"')
  })

  it("revokes with client authentication only", async () => {
    const token = (await exchange()).json["refresh_token"]
    expect(
      (await driver.post(type, "https://red.acme.example/revoke", { token: String(token) })).status,
    ).toBe(401)
    expect((await refresh(token)).status).toBe(200)
  })

  it("binds a refresh token to its client, for refreshing and for revoking", async () => {
    await driver.control("client", { type, client_id: "other", client_secret: "other-secret" })
    const other = { authorization: `Basic ${Buffer.from("other:other-secret").toString("base64")}` }
    const token = String((await exchange()).json["refresh_token"])
    const fields = { grant_type: "refresh_token", refresh_token: token }
    expect((await driver.post(type, tokenUrl, fields, other)).json["error"]).toBe("invalid_grant")
    await driver.post(type, "https://red.acme.example/revoke", { token }, other)
    expect((await refresh(token)).status).toBe(200)
  })

  it("takes no refresh token for an access token", async () => {
    const token = (await exchange()).json["refresh_token"]
    const answer = await driver.call(type, "https://api.acme.example/me", { headers: bearer(token) })
    expect(answer.status).toBe(401)
  })

  it("takes a code for ten minutes, for one redirect URI, and once; a second use takes back what the first gave", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    const fields = {
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }
    const other = await driver.post(
      type,
      tokenUrl,
      { ...fields, redirect_uri: `${redirectUri}/` },
      basic(type),
    )
    expect(other.json["error"]).toBe("invalid_grant")
    driver.clock.advance(599_999)
    const given = await driver.post(type, tokenUrl, fields, basic(type))
    expect(given.status).toBe(200)
    expect((await driver.post(type, tokenUrl, fields, basic(type))).json["error"]).toBe("invalid_grant")
    expect((await refresh(given.json["refresh_token"])).json["error"]).toBe("invalid_grant")
    const late = await driver.code(type, authorizeUrl, asked)
    driver.clock.advance(600_000)
    expect((await driver.post(type, tokenUrl, { ...fields, code: late }, basic(type))).json["error"]).toBe(
      "invalid_grant",
    )
  })

  it.each([
    ["no response type", { response_type: "" }, "invalid_request"],
    ["another response type", { response_type: "token" }, "unsupported_response_type"],
    ["no PKCE", { code_challenge: "", code_challenge_method: "" }, "invalid_request"],
    ["plain PKCE", { code_challenge_method: "plain" }, "invalid_request"],
    ["a challenge without a method, which means plain", { code_challenge_method: "" }, "invalid_request"],
    ["an unknown scope", { scope: "read rule_the_world" }, "invalid_scope"],
  ])("sends %s back to the client as an error", async (_case, params, error) => {
    const url = authorization(driver.at(type, authorizeUrl), type, { ...asked, ...params })
    const answer = await fetch(url, { redirect: "manual" })
    const callback = new URL(answer.headers.get("location") ?? "")
    expect([callback.searchParams.get("error"), callback.searchParams.get("state")]).toEqual([error, state])
    expect(callback.href.startsWith(redirectUri)).toBe(true)
  })
})
