/** SECURITY.md line 12: which tokens are an app user's, and that nothing inside a token sends us anywhere. */
import { createHmac } from "node:crypto"
import { exportSPKI, importJWK } from "jose"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createApp, type TestApp } from "../harness/api.ts"
import { mintToken, trust, whoAmI } from "../harness/user-tokens.ts"
import {
  issuerAudience,
  issuerName,
  type IssuerKey,
  newIssuerKey,
  type ScriptedIssuer,
  signToken,
  startIssuer,
  type TokenChange,
} from "../harness/issuer.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { withStorage } from "./with-storage.ts"

const now = () => Math.floor(Date.now() / 1000)
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")

describe.each(databases)("tokens of app users, on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let sibling: TestApp
  let key: IssuerKey
  let attacker: IssuerKey
  let issuer: ScriptedIssuer
  let trap: ScriptedIssuer

  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
    sibling = await createApp(server.url, "sibling")
    key = await newIssuerKey("key-1")
    attacker = await newIssuerKey("key-1")
    issuer = await startIssuer([key])
    trap = await startIssuer([attacker])
    const body = { issuer: issuerName, audience: issuerAudience, jwks_url: issuer.jwksUrl }
    await trust(server.url, app, body)
    await trust(server.url, sibling, { ...body, audience: "sibling" })
  })
  afterAll(async () => {
    await server.destroy()
    await issuer.close()
    await trap.close()
  })

  const status = async (token: string, appId = app.id) =>
    (await whoAmI(server.url, appId, { bearer: token })).status

  test.each(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"])(
    "a good one is taken, signed with %s",
    async (alg) => {
      const other = await newIssuerKey(`key-${alg}`, alg)
      const name = `https://${alg}.example`
      const jwks = { keys: [other.publicJwk] }
      expect((await trust(server.url, app, { issuer: name, audience: "a", jwks })).status).toBe(200)
      expect(await status(await signToken(other, { claims: { iss: name, aud: ["b", "a"] } }))).toBe(200)
    },
  )

  const bad: readonly (readonly [string, TokenChange])[] = [
    ["expired", { claims: { exp: now() - 61 } }],
    ["without exp", { claims: { exp: undefined } }],
    ["with exp as text", { claims: { exp: "9999999999" } }],
    ["not valid yet", { claims: { nbf: now() + 120 } }],
    ["of another audience", { claims: { aud: "other" } }],
    ["of a longer audience", { claims: { aud: `${issuerAudience}s` } }],
    ["without an audience", { claims: { aud: undefined } }],
    ["with an audience that only holds it", { claims: { aud: { [issuerAudience]: true } } }],
    ["of another issuer", { claims: { iss: "https://other.example" } }],
    ["of the issuer with a slash", { claims: { iss: `${issuerName}/` } }],
    ["of the issuer in capitals", { claims: { iss: issuerName.toUpperCase() } }],
    ["without an issuer", { claims: { iss: undefined } }],
    ["with a list of issuers", { claims: { iss: [issuerName] } }],
    ["without a subject", { claims: { sub: undefined } }],
    ["with an empty subject", { claims: { sub: "" } }],
    ["with a number as its subject", { claims: { sub: 7 } }],
    ["with a line break in its subject", { claims: { sub: "a\nb" } }],
    ["with an endless subject", { claims: { sub: "a".repeat(256) } }],
    ["longer than 8 kB", { claims: { padding: "x".repeat(8_192) } }],
    ["that says it is a service token", { header: { typ: "grantry-service+jwt" } }],
    ["that says Grantry made it", { header: { typ: "grantry-user+jwt" } }],
    [
      "with an unknown critical header",
      { header: { crit: ["https://example.com/x"], "https://example.com/x": 1 } },
    ],
    ["with a key that the issuer does not have", { header: { kid: "key-9" } }],
  ]
  test.each(bad)("one %s is refused", async (_, change) => {
    const token = await signToken(key, change)
    const answer = await whoAmI(server.url, app.id, { bearer: token })
    expect([answer.status, answer.body.code, answer.body.detail]).toEqual([
      401,
      "UNAUTHORIZED",
      "Unauthorized",
    ])
  })

  test("one that expired less than a minute ago is taken, for clocks that differ", async () => {
    expect(await status(await signToken(key, { claims: { exp: now() - 30 } }))).toBe(200)
  })

  test.each(["jku", "x5u"])(
    "one whose %s names other keys is refused, and nobody asks there",
    async (name) => {
      const before = trap.asked()
      expect(await status(await signToken(attacker, { header: { [name]: trap.jwksUrl } }))).toBe(401)
      expect(await status(await signToken(key, { header: { [name]: trap.jwksUrl } }))).toBe(401)
      expect(trap.asked()).toBe(before)
    },
  )

  test("one that brings its own key is refused", async () => {
    expect(await status(await signToken(attacker, { header: { jwk: attacker.publicJwk } }))).toBe(401)
    expect(await status(await signToken(key, { header: { jwk: key.publicJwk } }))).toBe(401)
    expect(await status(await signToken(key, { header: { x5c: ["AAAA"] } }))).toBe(401)
  })

  test("one signed by somebody else under the same key id is refused", async () => {
    expect(await status(await signToken(attacker))).toBe(401)
  })

  test("unsigned ones and altered ones are refused", async () => {
    const [header = "", payload = "", signature = ""] = (await signToken(key)).split(".")
    const richer = encode({ iss: issuerName, aud: issuerAudience, sub: "admin", exp: now() + 600 })
    for (const token of [
      `${encode({ alg: "none" })}.${payload}.`,
      `${encode({ alg: "none" })}.${payload}.${signature}`,
      `${encode({ alg: "None", kid: key.kid })}.${payload}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${richer}.${signature}`,
      `${header}.${payload}.${signature}AA`,
      `${header}.${payload}`,
      `${header}.${payload}.${signature}.${signature}.${signature}`,
      `${encode("text")}.${payload}.${signature}`,
      `${header}.${encode([1])}.${signature}`,
      `....`,
      "eyJ",
    ])
      expect([token, await status(token)]).toEqual([token, 401])
  })

  test("a public key is no HMAC secret", async () => {
    const pem = await exportSPKI((await importJWK(key.publicJwk, "ES256")) as CryptoKey)
    for (const [alg, digest] of [
      ["HS256", "sha256"],
      ["HS512", "sha512"],
    ] as const) {
      for (const secret of [pem, JSON.stringify(key.publicJwk)]) {
        const signed = `${encode({ alg, kid: key.kid })}.${encode({ iss: issuerName, aud: issuerAudience, sub: "u", exp: now() + 600 })}`
        const token = `${signed}.${createHmac(digest, secret).update(signed).digest("base64url")}`
        expect(await status(token)).toBe(401)
      }
    }
  })

  test("one app's token is worth nothing in another, whose issuer is the same", async () => {
    const token = await signToken(key)
    expect(await status(token)).toBe(200)
    expect(await status(token, sibling.id)).toBe(401)
    const theirs = await signToken(key, { claims: { aud: "sibling" } })
    expect(await status(theirs, sibling.id)).toBe(200)
    expect(await status(theirs)).toBe(401)
  })

  test("a user of an issuer cannot take the id of one whom the app named", async () => {
    const minted = await whoAmI(server.url, app.id, { bearer: await mintToken(server.url, app, "user-1") })
    const vouched = await whoAmI(server.url, app.id, { bearer: await signToken(key) })
    expect(minted.body.id).toBe("user-1")
    expect(vouched.body).toMatchObject({ email: "ann@example.com", full_name: "Ann", role: "user" })
    expect(vouched.body.id).toMatch(/^iss_[\w-]{22}:user-1$/)
  })

  test("a token in a query string or another scheme is none", async () => {
    const token = await signToken(key)
    const path = `${server.url}/api/apps/${app.id}/entities/User/me`
    expect((await fetch(`${path}?access_token=${token}`)).status).toBe(401)
    for (const authorization of [token, `Token ${token}`, `Basic ${token}`, `Bearer  ${token}`])
      expect((await fetch(path, { headers: { authorization } })).status).toBe(401)
  })

  test("what was refused for a known app stands in the audit with the reason, without the token", async () => {
    const token = await signToken(key, { claims: { aud: "audited" } })
    for (let count = 0; count < 3; count += 1) await status(token)
    await status(token, "app_none")
    const events = await withStorage(server, async ({ accounts, audit }) => {
      const owner = await accounts.findMemberByEmail("owner@localhost")
      const [workspace] = await accounts.listWorkspaces(owner?.id ?? "")
      return audit.list(workspace?.id ?? "", { action: "app_user.refuse", limit: 200 })
    })
    expect(events.filter(({ outcome }) => outcome === "claim_aud")).toContainEqual(
      expect.objectContaining({ appId: app.id, target: app.id, actor: "app_user:unverified" }),
    )
    expect(new Set(events.map(({ appId }) => appId)).has("app_none")).toBe(false)
    expect(JSON.stringify(events)).not.toContain(token.slice(0, 40))
  })
})
