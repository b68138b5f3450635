import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import { trust, whoAmI } from "../harness/user-tokens.ts"
import {
  issuerAudience,
  issuerName,
  type IssuerKey,
  newIssuerKey,
  type ScriptedIssuer,
  signToken,
  startIssuer,
} from "../harness/issuer.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"

interface ShownIssuer {
  readonly id: string
  readonly issuer: string
  readonly audience: string
  readonly jwks_url: string | null
  readonly jwks: { readonly keys: readonly Record<string, unknown>[] } | null
}

describe.each(databases)("the issuers that an app trusts, on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let key: IssuerKey
  let issuer: ScriptedIssuer
  beforeAll(async () => {
    server = await startTestServer({ database })
    key = await newIssuerKey("key-1")
  })
  afterAll(() => server.destroy())
  // A new one for each test: what is known of an address is kept.
  beforeEach(async () => {
    app = await createApp(server.url)
    issuer = await startIssuer([key])
  })
  afterEach(() => issuer.close())

  const trusted = { issuer: issuerName, audience: issuerAudience }
  const trustByUrl = () => trust(server.url, app, { ...trusted, jwks_url: issuer.jwksUrl })
  const me = (token: string) => whoAmI(server.url, app.id, { bearer: token })
  const remove = (id: string) => call(server.url, "DELETE", `/api/apps/${app.id}/identity-issuers/${id}`)
  const list = async () =>
    (
      await call<{ identity_issuers: readonly ShownIssuer[] }>(
        server.url,
        "GET",
        `/api/apps/${app.id}/identity-issuers`,
      )
    ).body.identity_issuers

  test("are shown with where their keys are, or with the keys", async () => {
    const byUrl = await trustByUrl()
    const pinned = await trust(server.url, app, {
      issuer: "https://pinned.example",
      audience: "x",
      jwks: { keys: [{ ...key.publicJwk, note: "not kept" }] },
    })
    expect(await list()).toEqual([
      {
        id: byUrl.body.id,
        ...trusted,
        jwks_url: issuer.jwksUrl,
        jwks: null,
        created_at: expect.any(String),
      },
      {
        id: pinned.body.id,
        issuer: "https://pinned.example",
        audience: "x",
        jwks_url: null,
        jwks: { keys: [key.publicJwk] },
        created_at: expect.any(String),
      },
    ])
  })

  test("count from the moment they are added until the moment they are removed", async () => {
    const token = await signToken(key)
    expect((await me(token)).status).toBe(401)
    const added = await trustByUrl()
    const first = await me(token)
    expect(first.status).toBe(200)
    expect((await remove(added.body.id)).status).toBe(200)
    expect((await me(token)).status).toBe(401)
    expect((await remove(added.body.id)).status).toBe(404)
    await trustByUrl()
    expect((await me(token)).body.id).toBe(first.body.id)
  })

  test("are asked once for all parallel requests, and not again for the next ones", async () => {
    await trustByUrl()
    const tokens = await Promise.all(
      Array.from({ length: 20 }, (_, count) => signToken(key, { claims: { sub: `user-${count}` } })),
    )
    const answers = await Promise.all(tokens.map(me))
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 200))
    expect(issuer.asked()).toBe(1)
  })

  test("may sign with a new key at once, and unknown keys make nobody ask again and again", async () => {
    await trustByUrl()
    expect((await me(await signToken(key))).status).toBe(200)
    const next = await newIssuerKey("key-2", "RS256")
    issuer.keys = [key, next]
    expect((await me(await signToken(next))).status).toBe(200)
    expect(issuer.asked()).toBe(2)
    for (let count = 0; count < 5; count += 1)
      expect((await me(await signToken(key, { header: { kid: `no-${count}` } }))).status).toBe(401)
    expect(issuer.asked()).toBe(2)
  })

  test("may leave the key's id out, with several keys", async () => {
    const other = await newIssuerKey("key-2")
    issuer.keys = [other, key]
    await trustByUrl()
    expect((await me(await signToken(key, { header: { kid: undefined } }))).status).toBe(200)
    const strange = await newIssuerKey("key-3")
    expect((await me(await signToken(strange, { header: { kid: undefined } }))).status).toBe(401)
  })

  test.each(["down", "broken", "redirect"] as const)(
    "whose keys cannot be fetched (%s) leave tokens undecided: 503, by name",
    async (mode) => {
      await trustByUrl()
      issuer.mode = mode
      const answer = await me(await signToken(key))
      expect([answer.status, answer.body.code]).toEqual([503, "IDENTITY_ISSUER_UNAVAILABLE"])
      expect(answer.body.detail).toContain(issuerName)
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0)
      expect(issuer.asked()).toBe(1)
    },
  )

  test("keep their known keys while they are down", async () => {
    await trustByUrl()
    await me(await signToken(key))
    issuer.mode = "down"
    expect((await me(await signToken(key, { claims: { sub: "user-2" } }))).status).toBe(200)
    const unknown = await newIssuerKey("key-2")
    expect((await me(await signToken(unknown))).status).toBe(503)
  })

  test("are one per issuer and audience, and at most twenty", async () => {
    await trustByUrl()
    expect(await trustByUrl()).toMatchObject({ status: 409, body: { code: "INVALID_REQUEST" } })
    const jwks = { keys: [key.publicJwk] }
    for (let count = 1; count < 20; count += 1)
      expect((await trust(server.url, app, { ...trusted, audience: `a${count}`, jwks })).status).toBe(200)
    expect((await trust(server.url, app, { ...trusted, audience: "more", jwks })).status).toBe(409)
  })

  test.each([
    [{}, "needs either jwks_url or jwks"],
    [{ jwks_url: "https://a.example", jwks: { keys: [] } }, "needs either jwks_url or jwks"],
    [{ jwks_url: "ftp://a.example/x" }, "body.jwks_url must be an http or https URL"],
    [{ jwks_url: "/jwks.json" }, "body.jwks_url must be an http or https URL"],
    [{ jwks_url: "https://u:p@a.example/x" }, "credentials"],
    [{ jwks_url: "https://a.example/x#y" }, "fragment"],
    [{ jwks_url: "http://169.254.169.254/latest" }, "may not be reached"],
    [{ jwks_url: "http://10.0.0.1/jwks" }, "may not be reached"],
    [{ jwks_url: "http://[::ffff:169.254.169.254]/" }, "may not be reached"],
    [{ jwks_url: "http://metadata.google.internal/" }, "may not be reached"],
    [{ jwks: { keys: [] } }, "at least one"],
    [{ jwks: { keys: [{ kty: "oct", k: "AAAA" }] } }, "RSA, EC and OKP"],
    [{ jwks: { keys: [{ kty: "EC", d: "secret" }] } }, "private key"],
    [{ jwks: [] }, "body.jwks"],
    [{ jwks: { keys: [], more: 1 }, issuer: "" }, "body.issuer"],
  ])("%j is refused: %s", async (body, detail) => {
    const answer = await trust(server.url, app, { ...trusted, ...body })
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toContain(detail)
    expect(await list()).toEqual([])
  })

  test("go with their app", async () => {
    await trustByUrl()
    expect((await me(await signToken(key))).status).toBe(200)
    expect((await call(server.url, "DELETE", `/api/apps/${app.id}`)).status).toBe(200)
    expect((await me(await signToken(key))).status).toBe(401)
  })
})
