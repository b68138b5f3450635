/** `oidc-provider` as the operator's own, with which members sign in; and a server that knows it. */
import { generateKeyPairSync } from "node:crypto"
import { createServer } from "node:http"
import Provider from "oidc-provider"
import { type PageSeen, TestBrowser } from "../harness/browser.ts"
import { startWithOwner } from "../harness/members.ts"
import type { DatabaseKind, TestServer } from "../harness/server.ts"
import { memoryAdapters } from "./oidc-memory-adapter.ts"
import { closeServer, type Decision, listenLocally, openIdServer } from "./openid-decision.ts"

export interface Account {
  readonly email?: string
  readonly email_verified?: boolean
  readonly name?: string
}

export interface SignInProvider {
  readonly issuer: string
  /** By subject. */
  readonly accounts: Map<string, Account>
  /** Who is there, and what they do, from now on. */
  person: Decision
  close(): Promise<void>
}

export const openIdClient = { id: "grantry:members", secret: "a:b%c+d/e&f=g?h i~j" }

/** @param redirectUris asked when a sign-in begins: the server's port is known after the provider's */
async function startSignInProvider(redirectUris: () => readonly string[]): Promise<SignInProvider> {
  const issuer = await freeAddress()
  const accounts = new Map<string, Account>()
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const stored = memoryAdapters()
  const clients = { find: async () => clientMetadata(redirectUris()) }
  const provider = new Provider(issuer, {
    adapter: (name: string) =>
      typeof stored === "function" && name !== "Client"
        ? Reflect.apply(stored, undefined, [name])
        : Object.assign(Reflect.apply(memoryAdapters(), undefined, [name]), clients),
    jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "ES256" }] },
    enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
    cookies: { keys: ["only for tests"] },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_ctx, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, ...accounts.get(accountId) }),
    }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    ttl: { AccessToken: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
  })
  const state: Pick<SignInProvider, "person"> = { person: { accountId: "ada", decision: "approve" } }
  const server = openIdServer(provider, () => started.person)
  await listenLocally(server, Number(new URL(issuer).port))
  const started = Object.assign(state, { issuer, accounts, close: () => closeServer(server) })
  return started
}

/** The issuer is part of what it signs: its port must be known before it is made. */
async function freeAddress(): Promise<string> {
  const server = createServer()
  const address = await listenLocally(server)
  await closeServer(server)
  return address
}

function clientMetadata(redirectUris: readonly string[]) {
  return {
    client_id: openIdClient.id,
    client_secret: openIdClient.secret,
    redirect_uris: [...redirectUris],
    response_types: ["code"],
    grant_types: ["authorization_code"],
    id_token_signed_response_alg: "ES256",
  }
}

export interface SignInSetup {
  readonly server: TestServer
  readonly provider: SignInProvider
  close(): Promise<void>
}

export async function startSignInSetup(
  database: DatabaseKind,
  env: Readonly<Record<string, string>> = {},
): Promise<SignInSetup> {
  let running: TestServer | undefined
  const provider = await startSignInProvider(() => [`${running?.url}/sign-in/oidc/callback`])
  const server = await startWithOwner({ database, env: { ...openIdVariables(provider.issuer), ...env } })
  running = server
  return {
    server,
    provider,
    async close() {
      await server.destroy()
      await provider.close()
    },
  }
}

export function openIdVariables(issuer: string): Readonly<Record<string, string>> {
  return {
    GRANTRY_OIDC_ISSUER: issuer,
    GRANTRY_OIDC_CLIENT_ID: openIdClient.id,
    GRANTRY_OIDC_CLIENT_SECRET: openIdClient.secret,
    GRANTRY_OIDC_NAME: "Acme",
  }
}

let count = 0

/** A person whom the provider knows. */
export function newAccount({ provider }: SignInSetup, account: Account = {}): { sub: string; email: string } {
  count += 1
  const sub = `sub-${count}`
  const email = account.email ?? `colleague${count}@example.com`
  provider.accounts.set(sub, { email, email_verified: true, name: `Colleague ${count}`, ...account })
  return { sub, email }
}

/** Clicks the button, and goes wherever that leads. */
export async function signInAs(
  { provider, server }: SignInSetup,
  sub: string,
  { browser = new TestBrowser(), next = "/account" } = {},
): Promise<{ readonly browser: TestBrowser; readonly page: PageSeen }> {
  provider.person = { ...provider.person, accountId: sub }
  const page = await browser.open(`${server.url}/sign-in?next=${encodeURIComponent(next)}`)
  const href = /href="(\/sign-in\/oidc\?[^"]*)"/.exec(page.html)?.[1]
  if (href === undefined) throw new Error(`no button: ${page.html}`)
  return { browser, page: await browser.open(server.url + href.replaceAll("&amp;", "&")) }
}

/** Everything up to the redirect back to the server, which is not followed. */
export async function upToReturn(browser: TestBrowser, server: TestServer, start: string): Promise<URL> {
  let location = new URL(start)
  for (let hops = 0; hops < 10; hops += 1) {
    if (location.pathname === "/sign-in/oidc/callback" && location.origin === server.url) return location
    const seen = await browser.request(location.href)
    location = new URL(seen.headers.get("location") ?? "", location)
  }
  throw new Error(`the provider never sent the browser back: ${location.href}`)
}
