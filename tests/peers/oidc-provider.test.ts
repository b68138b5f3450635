/** Grantry's OAuth engine against `oidc-provider`, through a catalogue entry that holds nothing but data. */
import { setTimeout as sleep } from "node:timers/promises"
import { createCatalog } from "@grantry/catalog"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type Answer, call, createApp, fetchToken, type TestApp, type TokenBody } from "../harness/api.ts"
import { formsOf, type PageSeen, TestBrowser } from "../harness/browser.ts"
import { initiate } from "../harness/connect.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { issuer, openIdConnector } from "./openid-connector.ts"
import { type OpenIdClient, type OpenIdProvider, startOpenIdProvider } from "./openid-provider.ts"

const catalog = createCatalog([
  openIdConnector("openid_basic", "Basic OpenID", "basic"),
  openIdConnector("openid_post", "Post OpenID", "post"),
])
const types = ["openid_basic", "openid_post"] as const
type Type = (typeof types)[number]

/** Characters that mean something in a form and in a Basic header (RFC 6749 section 2.3.1). */
const secrets = { openid_basic: "a:b%c+d/e&f=g?h i~j", openid_post: "k:l%m+n/o&p=q?r s~t" }
const env = {
  GRANTRY_OPENID_BASIC_CLIENT_ID: "client:basic",
  GRANTRY_OPENID_BASIC_CLIENT_SECRET: secrets.openid_basic,
  GRANTRY_OPENID_POST_CLIENT_ID: "client:post",
  GRANTRY_OPENID_POST_CLIENT_SECRET: secrets.openid_post,
}
const workspaceClient = { id: "workspace-client", secret: "the right secret of the workspace" }
const hourMs = 3_600_000

describe.each(databases)("oidc-provider, connected through the server on %s", (database) => {
  let server: TestServer
  let provider: OpenIdProvider
  let workspaceConnectors: string
  let connectorId: string
  let app: TestApp

  beforeAll(async () => {
    const providerAddress = (_client: unknown, url: URL) => new URL(url.href.replace(issuer, provider.url))
    server = await startTestServer({ database, catalog, env, providerAddress })
    const { body } = await call<{ workspaces: [{ id: string }] }>(
      server.url,
      "GET",
      "/api/workspace/workspaces",
    )
    workspaceConnectors = `/api/workspace/${body.workspaces[0].id}/connectors`
    // The type-addressed connections belong to the operator's clients, as long as no connector has that type.
    provider = await startOpenIdProvider(operatorClients(server.url))
  })
  afterAll(async () => {
    await server.destroy()
    await provider[Symbol.asyncDispose]()
  })
  beforeEach(async () => {
    app = await createApp(server.url)
    Object.assign(provider, { decision: "approve", accessTokenLifeS: 60, tokenDelayMs: 0 })
  })

  async function connect(type: Type): Promise<Answer<TokenBody>> {
    const page = await follow(await beginConsent(type))
    expect(page).toMatchObject({ status: 200 })
    return fetchToken(server.url, app, type)
  }

  const beginConsent = async (type: Type): Promise<string> =>
    (await initiate(server.url, app, type)).redirect_url ?? ""

  async function follow(connectUrl: string): Promise<PageSeen> {
    const browser = new TestBrowser()
    const page = await browser.open(connectUrl)
    const [form] = formsOf(page)
    if (!form) throw new Error(page.html)
    return browser.submit(page, form)
  }

  /** Everything up to the redirect back to the server, which is not followed. */
  async function callbackOf(browser: TestBrowser, connectUrl: string): Promise<URL> {
    const page = await browser.open(connectUrl)
    const [form] = formsOf(page)
    if (!form) throw new Error(page.html)
    let seen = await browser.post(page, form)
    for (let hops = 0; hops < 10; hops += 1) {
      const location = new URL(seen.headers.get("location") ?? "", seen.url)
      if (location.href.startsWith(`${server.url}/api/external-auth/callback/`)) return location
      seen = await browser.request(location.href)
    }
    throw new Error(`the provider never sent the browser back: ${seen.html}`)
  }

  /** 200 as long as the provider honours the token. */
  async function userinfo(accessToken: string): Promise<number> {
    const response = await fetch(`${provider.url}/me`, { headers: { authorization: `Bearer ${accessToken}` } })
    await response.body?.cancel()
    return response.status
  }

  async function presentRefreshToken(type: Type, token: string): Promise<Response> {
    const client = { client_id: `client:${type.slice(7)}`, client_secret: secrets[type] }
    const encoded = Object.values(client).map((part) => encodeURIComponent(part))
    return fetch(`${provider.url}/token`, {
      method: "POST",
      headers:
        type === "openid_basic" ? { authorization: `Basic ${Buffer.from(encoded.join(":")).toString("base64")}` } : {},
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: token,
        ...(type === "openid_post" ? client : {}),
      }),
    })
  }

  const lastRefreshToken = (): string => String(provider.tokenRequests.at(-1)?.answer["refresh_token"])

  describe.each(types)("%s", (type) => {
    test("connects with PKCE and hands out a token that the provider accepts", async () => {
      const token = await connect(type)
      expect(token).toMatchObject({
        status: 200,
        body: {
          integration_type: type,
          account: { id: "ada", label: "ada@op.test" },
          scopes: expect.arrayContaining(["openid", "email", "offline_access"]),
          missing_scopes: [],
        },
      })
      expect(await userinfo(token.body.access_token)).toBe(200)
      const exchange = provider.tokenRequests.at(-1)
      expect(exchange).toMatchObject({ grantType: "authorization_code", status: 200 })
      // The ID token that comes along is nobody's concern.
      expect(exchange?.answer).toMatchObject({ id_token: expect.any(String), refresh_token: expect.any(String) })
    })

    test("one refresh serves fifty callers that come at once", async () => {
      const first = await connect(type)
      const before = provider.tokenRequests.length
      provider.tokenDelayMs = 100
      await moveClock(server.url, 61_000)
      const answers = await Promise.all(Array.from({ length: 50 }, () => fetchToken(server.url, app, type)))
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      const tokens = new Set(answers.map(({ body }) => body.access_token))
      expect(tokens.size).toBe(1)
      const [fresh = ""] = tokens
      expect(fresh).not.toBe(first.body.access_token)
      expect(await userinfo(fresh)).toBe(200)
      expect(provider.tokenRequests.slice(before)).toMatchObject([{ grantType: "refresh_token", status: 200 }])
    })

    test("every link of a chain of rotated refresh tokens is presented once", async () => {
      let last = (await connect(type)).body.access_token
      const before = provider.tokenRequests.length
      for (let link = 0; link < 5; link += 1) {
        await moveClock(server.url, 61_000)
        const { body, status } = await fetchToken(server.url, app, type)
        expect(status).toBe(200)
        expect(body.access_token).not.toBe(last)
        expect(await userinfo(body.access_token)).toBe(200)
        last = body.access_token
      }
      const refreshes = provider.tokenRequests.slice(before)
      expect(refreshes.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
      expect(new Set(refreshes.map(({ refreshToken }) => refreshToken)).size).toBe(5)
    })

    test("disconnecting ends the grant at the provider", async () => {
      const { body } = await connect(type)
      const refreshToken = lastRefreshToken()
      expect(await userinfo(body.access_token)).toBe(200)
      const path = `/api/apps/${app.id}/external-auth/integrations/${type}`
      expect(await call(server.url, "DELETE", path)).toMatchObject({ status: 200, body: { revoked: "revoked" } })
      expect(await userinfo(body.access_token)).toBe(401)
      const reused = await presentRefreshToken(type, refreshToken)
      expect(await reused.json()).toMatchObject({ error: "invalid_grant" })
      expect((await fetchToken(server.url, app, type)).status).toBe(404)
    })

    test("a used refresh token that comes back ends the grant, and the next refresh says so", async () => {
      await connect(type)
      const stolen = lastRefreshToken()
      await moveClock(server.url, 61_000)
      const { body } = await fetchToken(server.url, app, type)
      const reused = await presentRefreshToken(type, stolen)
      expect(await reused.json()).toMatchObject({ error: "invalid_grant" })
      expect(await userinfo(body.access_token)).toBe(401)
      await moveClock(server.url, 61_000)
      await expectReconnectRequired(type)
    })

    test("a thief who refreshes first loses what he got as soon as we refresh", async () => {
      await connect(type)
      const theft = await presentRefreshToken(type, lastRefreshToken())
      const { access_token: stolen } = (await theft.json()) as { access_token: string }
      expect(await userinfo(stolen)).toBe(200)
      await moveClock(server.url, 61_000)
      await expectReconnectRequired(type)
      expect(await userinfo(stolen)).toBe(401)
    })

    async function expectReconnectRequired(of: Type): Promise<void> {
      const refused = {
        status: 409,
        body: {
          code: "RECONNECT_REQUIRED",
          provider_error: "invalid_grant",
          detail: expect.stringMatching(/^No active connection/),
        },
      }
      expect(await fetchToken(server.url, app, of)).toMatchObject(refused)
      const asked = provider.tokenRequests.length
      expect(await fetchToken(server.url, app, of)).toMatchObject(refused)
      expect(provider.tokenRequests.length).toBe(asked)
      const again = await connect(of)
      expect(again.status).toBe(200)
      expect(await userinfo(again.body.access_token)).toBe(200)
    }
  })

  test("a token that dies by the provider's own clock is replaced by one that lives", async () => {
    provider.accessTokenLifeS = 2
    const { body } = await connect("openid_basic")
    const deadline = performance.now() + 3_000
    while ((await userinfo(body.access_token)) === 200 && performance.now() < deadline) await sleep(50)
    expect(await userinfo(body.access_token)).toBe(401)
    provider.accessTokenLifeS = 60
    // The provider counts whole seconds from before the answer left; the server counts from its own request.
    await sleep(Math.max(0, Date.parse(body.expires_at ?? "") - (await serverNow())))
    const fresh = await fetchToken(server.url, app, "openid_basic")
    expect(fresh.status).toBe(200)
    expect(await userinfo(fresh.body.access_token)).toBe(200)
  })

  /** The clock was moved by the tests before. */
  async function serverNow(): Promise<number> {
    const answer = await call<{ now: string }>(server.url, "POST", "/sandbox/_control/clock", {
      as: null,
      body: { advance_ms: 0 },
    })
    return Date.parse(answer.body.now)
  }

  describe("a callback that cannot be trusted is refused before any token request", () => {
    const forgeries: [string, (callback: URL) => void][] = [
      ["without the issuer that the provider always sends", (callback) => callback.searchParams.delete("iss")],
      ["with another issuer", (callback) => callback.searchParams.set("iss", "https://evil.test")],
      ["with an issuer that differs by a slash", (callback) => callback.searchParams.set("iss", `${issuer}/`)],
      ["at the redirect URI of another connector", moveToOtherContext],
    ]

    test.each(forgeries)("%s", async (_name, forge) => {
      const browser = new TestBrowser()
      const begun = await initiate(server.url, app, "openid_basic")
      const genuine = await callbackOf(browser, begun.redirect_url ?? "")
      expect(genuine.searchParams.get("iss")).toBe(issuer)
      const forged = new URL(genuine)
      forge(forged)
      const before = provider.tokenRequests.length
      const page = await browser.open(forged.href)
      expect(page.status).toBeGreaterThanOrEqual(400)
      expect(page.status).toBeLessThan(500)
      // The state is used up: the genuine callback comes too late.
      expect((await browser.open(genuine.href)).status).toBeGreaterThanOrEqual(400)
      expect(provider.tokenRequests.length).toBe(before)
      expect((await fetchToken(server.url, app, "openid_basic")).status).toBe(404)
      const query = new URLSearchParams({
        integration_type: "openid_basic",
        connection_id: begun.connection_id ?? "",
      })
      const status = await call(server.url, "GET", `/api/apps/${app.id}/external-auth/status?${query}`)
      expect(status.body).toEqual({ status: "FAILED" })
    })

    test("in another browser", async () => {
      const genuine = await callbackOf(new TestBrowser(), await beginConsent("openid_post"))
      const before = provider.tokenRequests.length
      expect((await new TestBrowser().open(genuine.href)).status).toBeGreaterThanOrEqual(400)
      expect(provider.tokenRequests.length).toBe(before)
    })
  })

  test("a code that comes twice is exchanged once", async () => {
    const browser = new TestBrowser()
    const genuine = await callbackOf(browser, await beginConsent("openid_post"))
    const before = provider.tokenRequests.length
    const pages = await Promise.all(Array.from({ length: 10 }, () => browser.open(genuine.href)))
    expect(pages.filter(({ status }) => status === 200).length).toBe(1)
    expect(provider.tokenRequests.length).toBe(before + 1)
    expect((await fetchToken(server.url, app, "openid_post")).status).toBe(200)
  })

  test("a person who refuses sees the provider's own words", async () => {
    provider.decision = "deny"
    const page = await follow(await beginConsent("openid_basic"))
    expect(page.status).toBe(400)
    expect(page.html).toContain("access_denied")
    expect(page.html).toContain("Ada said no")
    expect((await fetchToken(server.url, app, "openid_basic")).status).toBe(404)
  })

  describe("a workspace's own client", () => {
    const tokenPath = () => `/api/apps/${app.id}/external-auth/tokens/connectors/${connectorId}`
    const readToken = () =>
      call<TokenBody>(server.url, "GET", tokenPath(), { as: { bearer: app.serviceKey } })
    const changeSecret = (client_secret: string) =>
      call(server.url, "PUT", `${workspaceConnectors}/${connectorId}`, { body: { client_secret } })
    const readProblem = async () =>
      (await call(server.url, "GET", `${workspaceConnectors}/${connectorId}`)).body["client_problem"]

    beforeAll(async () => {
      const created = await call<{ id: string; redirect_uri: string }>(server.url, "POST", workspaceConnectors, {
        body: {
          integration_type: "openid_post",
          name: "Ours",
          client_id: workspaceClient.id,
          client_secret: workspaceClient.secret,
        },
      })
      connectorId = created.body.id
      await provider[Symbol.asyncDispose]()
      const redirectUri = created.body.redirect_uri
      const own: OpenIdClient = { ...workspaceClient, authentication: "client_secret_post", redirectUri }
      provider = await startOpenIdProvider([...operatorClients(server.url), own])
    })

    async function connectOurs(): Promise<PageSeen> {
      const begun = await initiate(server.url, app, "openid_post", { connector_id: connectorId })
      return follow(begun.redirect_url ?? "")
    }

    test("a secret that the provider rejects is the connector's trouble, never the connection's", async () => {
      expect((await connectOurs()).status).toBe(200)
      const { body } = await readToken()
      expect(await userinfo(body.access_token)).toBe(200)

      expect((await changeSecret("not what the provider knows")).status).toBe(200)
      expect((await readToken()).body.access_token).toBe(body.access_token)
      await moveClock(server.url, 61_000)
      const refused = await readToken()
      expect(refused).toMatchObject({ status: 503, body: { code: "OAUTH_CLIENT_REJECTED" } })
      expect(refused.body.detail).toContain(connectorId)
      expect(refused.headers.get("retry-after")).toMatch(/^\d+$/)
      expect(await readProblem()).toContain("invalid_client")

      expect((await changeSecret(workspaceClient.secret)).status).toBe(200)
      expect(await readProblem()).toBeNull()
      await moveClock(server.url, hourMs)
      const mended = await readToken()
      expect(mended.status).toBe(200)
      expect(await userinfo(mended.body.access_token)).toBe(200)
    })

    test("a consent with a wrong secret ends on a page that says what to check", async () => {
      await changeSecret("still wrong")
      const page = await connectOurs()
      expect(page.status).toBe(400)
      expect(page.html).toContain("invalid_client")
      expect(page.html).toContain("Check the client id and secret of this connector")
      expect(page.html).toContain(`/api/external-auth/callback/${connectorId}`)
      expect(page.html).not.toContain("still wrong")
      await changeSecret(workspaceClient.secret)
    })
  })
})

function operatorClients(serverUrl: string): OpenIdClient[] {
  const redirectUri = (type: Type) => `${serverUrl}/api/external-auth/callback/operator-${type}`
  return [
    {
      id: env.GRANTRY_OPENID_BASIC_CLIENT_ID,
      secret: secrets.openid_basic,
      authentication: "client_secret_basic",
      redirectUri: redirectUri("openid_basic"),
    },
    {
      id: env.GRANTRY_OPENID_POST_CLIENT_ID,
      secret: secrets.openid_post,
      authentication: "client_secret_post",
      redirectUri: redirectUri("openid_post"),
    },
  ]
}

function moveToOtherContext(callback: URL): void {
  callback.pathname = callback.pathname.replace("operator-openid_basic", "operator-openid_post")
}
