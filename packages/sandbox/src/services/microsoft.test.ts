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

const type = "outlook"
const authorizeUrl = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"
const tokenUrl = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
const graph = "https://graph.microsoft.com/"
const me = `${graph}v1.0/me`
const asked = { response_type: "code", scope: "Mail.Send offline_access openid profile User.Read" }
const hour = 3_600_000

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

async function exchange(params: Record<string, string> = asked, further: Record<string, string> = {}) {
  const code = await driver.code(type, authorizeUrl, params)
  return redeem(code, further)
}

const redeem = (code: string, further: Record<string, string> = {}, url = tokenUrl) =>
  driver.post(type, url, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    ...inBody(type),
    ...further,
  })

const refresh = (token: unknown, further: Record<string, string> = {}, url = tokenUrl) =>
  driver.post(type, url, {
    grant_type: "refresh_token",
    refresh_token: String(token),
    ...inBody(type),
    ...further,
  })

const settings = (values: Record<string, unknown>) => driver.control("client", { type, settings: values })

function claimsOf(idToken: unknown): unknown {
  return JSON.parse(Buffer.from(String(idToken).split(".")[1] ?? "", "base64url").toString())
}

describe("Microsoft's token endpoint", () => {
  it("tells the scopes of Graph and OpenID Connect, and never offline_access", async () => {
    const { status, json } = await exchange()
    expect(status).toBe(200)
    expect(json["scope"]).toBe("Mail.Send User.Read openid profile")
    expect(json["token_type"]).toBe("Bearer")
    expect(json["ext_expires_in"]).toBe(json["expires_in"])
  })

  it("names scopes with their resource where it feels like it", async () => {
    await settings({ long_scope_names: true })
    expect((await exchange()).json["scope"]).toBe(`${graph}Mail.Send ${graph}User.Read openid profile`)
  })

  it("draws the life of a token between 60 and 90 minutes", async () => {
    const lives = []
    for (let count = 0; count < 5; count += 1) lives.push(Number((await exchange()).json["expires_in"]))
    for (const life of lives) expect(life >= 3599 && life <= 5399, String(life)).toBe(true)
    expect(new Set(lives).size).toBeGreaterThan(1)
  })

  it("gives a refresh token only for offline_access, and an ID token only for openid", async () => {
    const { json } = await exchange({ ...asked, scope: "Mail.Send User.Read" })
    expect(json).not.toHaveProperty("refresh_token")
    expect(json).not.toHaveProperty("id_token")
  })

  it("gives a token for one resource: that of the first permission", async () => {
    const scope = "https://contoso.sharepoint.com/AllSites.Read Mail.Send offline_access"
    expect((await exchange({ ...asked, scope })).json["scope"]).toBe(
      "https://contoso.sharepoint.com/AllSites.Read",
    )
  })

  it("adds up what a person consented to", async () => {
    await exchange()
    const { json } = await exchange({ ...asked, scope: "Mail.Read openid" })
    expect(json["scope"]).toBe("Mail.Read Mail.Send User.Read openid profile")
  })

  it("names the tenant in the ID token, and one tenant for all personal accounts", async () => {
    const work = claimsOf((await exchange()).json["id_token"])
    expect(work).toMatchObject({
      tid: "5a4db0c5-0000-4000-8000-000000000001",
      preferred_username: "ada@example.com",
    })
    const code = await driver.code(type, authorizeUrl, asked, {
      decision: "approve",
      account: "alan@example.com",
    })
    expect(claimsOf((await redeem(code)).json["id_token"])).toMatchObject({
      tid: "9188040d-6c67-4c5b-b112-36a304b66dad",
    })
  })

  it("takes the secret in the body and as HTTP Basic, but in a form only", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri }
    const json = await driver.call(type, tokenUrl, {
      method: "POST",
      body: JSON.stringify({ ...fields, ...inBody(type) }),
      headers: { "content-type": "application/json" },
    })
    expect([json.status, json.json["error"]]).toEqual([400, "invalid_request"])
    expect((await driver.post(type, tokenUrl, fields, basic(type))).status).toBe(200)
  })

  it("demands the verifier that fits the challenge", async () => {
    const params = { ...asked, code_challenge: challenge, code_challenge_method: "S256" }
    const code = await driver.code(type, authorizeUrl, params)
    const without = await redeem(code)
    expect([without.status, without.json["error"], without.json["error_codes"]]).toEqual([
      400,
      "invalid_grant",
      [501481],
    ])
    expect((await redeem(code, { code_verifier: "b".repeat(43) })).json["error_codes"]).toEqual([501481])
    expect((await redeem(code, { code_verifier: verifier })).status).toBe(200)
  })
})

describe("Microsoft's refresh tokens", () => {
  it("roll with every use, and the one before stays good", async () => {
    const first = (await exchange()).json["refresh_token"]
    const second = (await refresh(first)).json["refresh_token"]
    expect(second).not.toBe(first)
    expect((await refresh(second)).status).toBe(200)
    expect((await refresh(first)).status).toBe(200)
  })

  it("die after 90 days, each on its own day", async () => {
    const first = (await exchange()).json["refresh_token"]
    driver.clock.advance(60 * 24 * hour)
    const second = (await refresh(first)).json["refresh_token"]
    driver.clock.advance(31 * 24 * hour)
    const dead = await refresh(first)
    expect([dead.status, dead.json]).toMatchObject([
      400,
      { error: "invalid_grant", error_codes: [700082], suberror: "bad_token" },
    ])
    expect((await refresh(second)).status).toBe(200)
  })

  it("take no scope beyond those granted", async () => {
    const token = (await exchange()).json["refresh_token"]
    const more = await refresh(token, { scope: "Mail.Read" })
    expect([more.status, more.json["error"]]).toEqual([400, "invalid_scope"])
    expect((await refresh(token, { scope: "Mail.Send offline_access" })).status).toBe(200)
  })

  it("are of no use at another tenant", async () => {
    const token = (await exchange()).json["refresh_token"]
    expect((await refresh(token, {}, tokenUrl.replace("common", "contoso.com"))).status).toBe(400)
    expect((await refresh(token)).status).toBe(200)
  })

  it("wait for the person while a rule demands a second factor", async () => {
    const token = (await exchange()).json["refresh_token"]
    await settings({ require_mfa: true })
    const asked = await refresh(token)
    expect([asked.status, asked.json]).toMatchObject([
      400,
      { error: "interaction_required", error_codes: [50076], suberror: "basic_action" },
    ])
    await settings({ require_mfa: false })
    expect((await refresh(token)).status).toBe(200)
  })
})

describe("Microsoft's refusals", () => {
  it("tell a wrong secret with 401 and an unknown app with 400", async () => {
    const token = (await exchange()).json["refresh_token"]
    const wrong = await refresh(token, { client_secret: "wrong" })
    expect([wrong.status, wrong.json]).toMatchObject([
      401,
      { error: "invalid_client", error_codes: [7000215] },
    ])
    const unknown = await refresh(token, { client_id: "nobody" })
    expect([unknown.status, unknown.json]).toMatchObject([
      400,
      { error: "unauthorized_client", error_codes: [700016] },
    ])
  })

  it("tell a code that comes twice, and a redirect URI that differs as invalid_client", async () => {
    const code = await driver.code(type, authorizeUrl, asked)
    const differing = await redeem(code, { redirect_uri: "https://app.example/other" })
    expect([differing.status, differing.json]).toMatchObject([
      401,
      { error: "invalid_client", error_codes: [500112] },
    ])
    expect((await redeem(code)).status).toBe(200)
    expect((await redeem(code)).json).toMatchObject({ error: "invalid_grant", error_codes: [54005] })
  })

  it("carry the number at the head of the description, and the trail at its end", async () => {
    const { json } = await refresh("1.AXkAunknown")
    expect(json["error_description"]).toMatch(
      /^AADSTS700082: .* Trace ID: .* Correlation ID: .* Timestamp: .*Z$/,
    )
    expect(json["error_uri"]).toBe("https://login.microsoftonline.com/error?code=700082")
  })

  it("show a client's faults on a page and send the person's decision back", async () => {
    const url = authorization(driver.at(type, authorizeUrl), type, { ...asked, client_id: "nobody" })
    const page = await fetch(url, { redirect: "manual" })
    expect([page.status, page.headers.get("location")]).toEqual([400, null])
    const denied = await driver.callback(type, authorizeUrl, asked, { decision: "deny" })
    expect(denied.searchParams.get("error")).toBe("access_denied")
    expect(denied.searchParams.get("error_description")).toMatch(/^AADSTS65004: /)
  })

  it.each([
    ["a missing scope", { scope: "" }],
    [".default beside a permission", { scope: `${graph}.default Mail.Send` }],
    ["a scope that cannot be one", { scope: "mail:send" }],
    ["an unknown response_mode", { response_mode: "cookie" }],
    ["an unknown prompt", { prompt: "please" }],
    ["a silent sign-in without a session", { prompt: "none" }],
  ])("show no consent page for %s", async (_, params) => {
    await expect(driver.code(type, authorizeUrl, { ...asked, ...params })).rejects.toThrow("no consent page")
  })

  it("know no tenant that cannot be one", async () => {
    const url = authorization(driver.at(type, authorizeUrl.replace("common", "no_tenant")), type, asked)
    expect((await fetch(url, { redirect: "manual" })).status).toBe(404)
  })
})

describe("Microsoft Graph", () => {
  it("names the account to a token that holds User.Read, in any case, and to no other", async () => {
    const { access_token: token } = (await exchange({ ...asked, scope: "openid user.read" })).json
    expect((await driver.call(type, me, { headers: bearer(token) })).json).toMatchObject({
      displayName: "Ada Example",
      userPrincipalName: "ada@example.com",
    })
    const grace = { decision: "approve", account: "grace@example.com" } as const
    const code = await driver.code(type, authorizeUrl, { ...asked, scope: "Mail.Send" }, grace)
    const { access_token: without } = (await redeem(code)).json
    const refused = await driver.call(type, me, { headers: bearer(without) })
    expect([refused.status, refused.json]).toMatchObject([
      403,
      { error: { code: "Authorization_RequestDenied" } },
    ])
  })

  it("nests its errors", async () => {
    const dead = await driver.call(type, me, { headers: bearer("dead") })
    expect([dead.status, dead.json]).toMatchObject([401, { error: { code: "InvalidAuthenticationToken" } }])
  })

  it("tells the main host of SharePoint to a token that reads sites", async () => {
    const root = `${graph}v1.0/sites/root`
    const { access_token: token } = (await exchange({ ...asked, scope: "Sites.Read.All" })).json
    expect((await driver.call(type, root, { headers: bearer(token) })).json).toMatchObject({
      siteCollection: { hostname: "contoso.sharepoint.com" },
    })
    const grace = { decision: "approve", account: "grace@example.com" } as const
    const code = await driver.code(type, authorizeUrl, { ...asked, scope: "Sites.Selected" }, grace)
    const { access_token: narrow } = (await redeem(code)).json
    expect((await driver.call(type, root, { headers: bearer(narrow) })).status).toBe(403)
  })

  it("has nothing that revokes a grant", async () => {
    const { refresh_token: token } = (await exchange()).json
    const url = "https://login.microsoftonline.com/common/oauth2/v2.0/revoke"
    expect((await driver.post(type, url, { token: String(token), ...inBody(type) })).status).toBe(404)
    expect((await refresh(token)).status).toBe(200)
  })
})
