/** A server whose catalogue knows `oidc-provider` alone, and the provider itself. */
import { createCatalog } from "@grantry/catalog"
import { type Answer, call, createApp, fetchToken, type TestApp, type TokenBody } from "../harness/api.ts"
import { formsOf, type PageSeen, TestBrowser } from "../harness/browser.ts"
import { initiate } from "../harness/connect.ts"
import { type DatabaseKind, startTestServer, type TestServer } from "../harness/server.ts"
import { issuer, openIdConnector } from "./openid-connector.ts"
import { type OpenIdClient, type OpenIdProvider, startOpenIdProvider } from "./openid-provider.ts"

export const openIdTypes = ["openid_basic", "openid_post"] as const
export type OpenIdType = (typeof openIdTypes)[number]

/** The operator's clients; their characters mean something in forms and in Basic headers (RFC 6749 section 2.3.1). */
const operatorClients: Readonly<Record<OpenIdType, Omit<OpenIdClient, "redirectUri">>> = {
  openid_basic: { id: "client:basic", secret: "a:b%c+d/e&f=g?h i~j", authentication: "client_secret_basic" },
  openid_post: { id: "client:post", secret: "k:l%m+n/o&p=q?r s~t", authentication: "client_secret_post" },
}

interface WorkspaceClient {
  readonly connectorId: string
  /** Path of its connector. */
  readonly path: string
}

export interface OpenIdSetup extends AsyncDisposable {
  readonly server: TestServer
  readonly provider: OpenIdProvider
  /** Of a workspace's own client, beside the operator's. */
  readonly workspaceClient: WorkspaceClient
}

export const workspaceSecret = "the right secret of the workspace"

export async function startOpenIdSetup(database: DatabaseKind): Promise<OpenIdSetup> {
  const catalog = createCatalog([
    openIdConnector("openid_basic", "Basic OpenID", "basic"),
    openIdConnector("openid_post", "Post OpenID", "post"),
    openIdConnector("openid_workspace", "Workspace OpenID", "post"),
  ])
  // The provider starts last: it has to know the redirect URIs.
  let providerUrl = issuer
  const providerAddress = (_client: unknown, url: URL) => new URL(url.href.replace(issuer, providerUrl))
  const server = await startTestServer({ database, catalog, providerAddress, env: operatorVariables() })
  const { client, workspaceClient } = await registerWorkspaceClient(server.url)
  const provider = await startOpenIdProvider([
    ...openIdTypes.map((type) => ({
      ...operatorClients[type],
      redirectUri: `${server.url}/api/external-auth/callback/operator-${type}`,
    })),
    client,
  ])
  providerUrl = provider.url
  return {
    server,
    provider,
    workspaceClient,
    async [Symbol.asyncDispose]() {
      await server.destroy()
      await provider[Symbol.asyncDispose]()
    },
  }
}

function operatorVariables(): Record<string, string> {
  const variables = openIdTypes.flatMap((type) => {
    const name = `GRANTRY_${type.toUpperCase()}_CLIENT`
    const { id, secret } = operatorClients[type]
    return [[`${name}_ID`, id] as const, [`${name}_SECRET`, secret] as const]
  })
  return Object.fromEntries(variables)
}

async function registerWorkspaceClient(
  base: string,
): Promise<{ client: OpenIdClient; workspaceClient: WorkspaceClient }> {
  const list = await call<{ workspaces: [{ id: string }] }>(base, "GET", "/api/workspace/workspaces")
  const connectors = `/api/workspace/${list.body.workspaces[0].id}/connectors`
  const id = "workspace-client"
  const created = await call<{ id: string; redirect_uri: string }>(base, "POST", connectors, {
    body: {
      integration_type: "openid_workspace",
      name: "Ours",
      client_id: id,
      client_secret: workspaceSecret,
    },
  })
  const redirectUri = created.body.redirect_uri
  return {
    client: { id, secret: workspaceSecret, authentication: "client_secret_post", redirectUri },
    workspaceClient: { connectorId: created.body.id, path: `${connectors}/${created.body.id}` },
  }
}

/** What every test starts from. */
export async function freshApp({ provider, server }: OpenIdSetup): Promise<TestApp> {
  Object.assign(provider, { decision: "approve", accessTokenLifeS: 60, tokenDelayMs: 0 })
  return createApp(server.url)
}

/** Connects the app's shared account, all the way to its first token. */
export async function connectOpenId(
  { server }: OpenIdSetup,
  app: TestApp,
  type: OpenIdType,
): Promise<Answer<TokenBody>> {
  const page = await consentTo((await initiate(server.url, app, type)).redirect_url)
  if (page.status !== 200) throw new Error(`the consent failed: ${page.html}`)
  return fetchToken(server.url, app, type)
}

/** The person clicks on the connect page; what the provider asks is answered there. */
export async function consentTo(connectUrl: string | null): Promise<PageSeen> {
  const browser = new TestBrowser()
  return browser.submit(...(await connectPage(browser, connectUrl)))
}

/** Everything up to the redirect back to the server, which is not followed. */
export async function callbackOf(
  { server }: OpenIdSetup,
  browser: TestBrowser,
  connectUrl: string | null,
): Promise<URL> {
  let seen = await browser.post(...(await connectPage(browser, connectUrl)))
  for (let hops = 0; hops < 10; hops += 1) {
    const location = new URL(seen.headers.get("location") ?? "", seen.url)
    if (location.href.startsWith(`${server.url}/api/external-auth/callback/`)) return location
    seen = await browser.request(location.href)
  }
  throw new Error(`the provider never sent the browser back: ${seen.html}`)
}

async function connectPage(browser: TestBrowser, connectUrl: string | null) {
  const page = await browser.open(connectUrl ?? "")
  const [form] = formsOf(page)
  if (!form) throw new Error(`no form on the connect page: ${page.html}`)
  return [page, form] as const
}

/** 200 as long as the provider honours the token. */
export async function userinfoStatus({ provider }: OpenIdSetup, accessToken: string): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` }
  const response = await fetch(`${provider.url}/me`, { headers })
  await response.body?.cancel()
  return response.status
}

/** What the provider answers to somebody else who holds the refresh token and the client's credentials. */
export async function presentRefreshToken(
  { provider }: OpenIdSetup,
  type: OpenIdType,
  refreshToken: string,
): Promise<Record<string, unknown>> {
  const { authentication, id, secret } = operatorClients[type]
  const basic = Buffer.from([id, secret].map(encodeURIComponent).join(":")).toString("base64")
  const isBasic = authentication === "client_secret_basic"
  const response = await fetch(`${provider.url}/token`, {
    method: "POST",
    headers: isBasic ? { authorization: `Basic ${basic}` } : {},
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      ...(isBasic ? {} : { client_id: id, client_secret: secret }),
    }),
  })
  return (await response.json()) as Record<string, unknown>
}

/** The one that the provider handed out last. */
export function lastRefreshToken({ provider }: OpenIdSetup): string {
  return String(provider.tokenRequests.at(-1)?.answer["refresh_token"])
}
