/** An app with users of its own: their tokens, the pages that they come from, their consents. */
import { type Answer, call, type TestApp, type TokenBody } from "./api.ts"
import { type PageSeen, unescape } from "./browser.ts"
import { consent, type Consent } from "./connect.ts"
import { mintToken } from "./user-tokens.ts"

export interface TestUser {
  readonly id: string
  /** The user's own token. */
  readonly token: string
}

let count = 0

/** A user of the app, whom its backend vouches for. */
export async function createUser(
  base: string,
  app: TestApp,
  claims: { readonly user_id?: string; readonly email?: string; readonly name?: string } = {},
): Promise<TestUser> {
  count += 1
  const user_id = claims.user_id ?? `user-${count}`
  return { id: user_id, token: await mintToken(base, app, user_id, claims) }
}

export async function workspaceOf(base: string): Promise<string> {
  const { body } = await call<{ workspaces: [{ id: string }] }>(base, "GET", "/api/workspace/workspaces")
  return body.workspaces[0].id
}

/** A connector of the owner's workspace. */
export async function createConnector(base: string, body: Record<string, unknown>): Promise<string> {
  count += 1
  const path = `/api/workspace/${await workspaceOf(base)}/connectors`
  const created = await call<{ id: string }>(base, "POST", path, {
    body: { name: `connector ${count}`, ...body },
  })
  if (created.status !== 200) throw new Error(`no connector: ${JSON.stringify(created.body)}`)
  return created.body.id
}

export async function allowOrigins(base: string, app: TestApp, origins: readonly string[]): Promise<void> {
  const put = await call(base, "PUT", `/api/apps/${app.id}/allowed-origins`, { body: { origins } })
  if (put.status !== 200) throw new Error(`not allowed: ${JSON.stringify(put.body)}`)
}

export async function completeBy(base: string, app: TestApp, mode: "confirm" | "verified"): Promise<void> {
  const put = await call(base, "PUT", `/api/apps/${app.id}`, { body: { connect_completion: mode } })
  if (put.status !== 200) throw new Error(`not changed: ${JSON.stringify(put.body)}`)
}

export interface InitiateBody {
  readonly redirect_url: string
  readonly connection_id: string
  readonly already_authorized: boolean
  readonly code?: string
  readonly detail?: string
}

export const userPath = (app: TestApp, connectorId: string, rest = ""): string =>
  `/api/apps/${app.id}/app-user-auth/connectors/${encodeURIComponent(connectorId)}${rest}`

/** What the app's page asks with the user's own token. */
export function initiateFor(
  base: string,
  app: TestApp,
  user: TestUser,
  connectorId: string,
  options: { readonly body?: unknown; readonly headers?: Record<string, string> } = {},
): Promise<Answer<InitiateBody>> {
  const as = { bearer: user.token }
  return call<InitiateBody>(base, "POST", userPath(app, connectorId, "/initiate"), { as, ...options })
}

/** Connects the user's own account, all the way. */
export async function connectUser(
  base: string,
  app: TestApp,
  user: TestUser,
  connectorId: string,
  choice: Consent = {},
): Promise<{ readonly page: PageSeen; readonly connectionId: string }> {
  const begun = await initiateFor(base, app, user, connectorId)
  if (begun.status !== 200) throw new Error(`nothing began: ${JSON.stringify(begun.body)}`)
  const page = await consent(begun.body.redirect_url, choice)
  if (page.status !== 200) throw new Error(`the consent failed: ${page.html}`)
  return { page, connectionId: begun.body.connection_id }
}

export function statusFor(
  base: string,
  app: TestApp,
  user: TestUser,
  connectorId: string,
): Promise<Answer<Record<string, unknown>>> {
  return call(base, "GET", userPath(app, connectorId, "/status"), { as: { bearer: user.token } })
}

/** As a backend function asks while it serves the user. */
export function tokenFor(
  base: string,
  app: TestApp,
  user: TestUser,
  connectorId: string,
): Promise<Answer<TokenBody>> {
  return call<TokenBody>(base, "GET", userPath(app, connectorId, "/token"), {
    as: { bearer: app.serviceKey },
    headers: { "on-behalf-of": `Bearer ${user.token}` },
  })
}

/** As a scheduled job asks. */
export function tokenOfUser(
  base: string,
  app: TestApp,
  userId: string,
  connectorId: string,
): Promise<Answer<TokenBody>> {
  const path = `/api/apps/${app.id}/app-user-auth/users/${encodeURIComponent(userId)}/connectors/${encodeURIComponent(connectorId)}/token`
  return call<TokenBody>(base, "GET", path, { as: { bearer: app.serviceKey } })
}

/** How the final page leads back to the app: what its script does with these is tested in a real browser. */
export interface BackSeen {
  readonly leaves: boolean
  readonly origin: string
  readonly message: Record<string, unknown>
  readonly url: URL
}

export function backOf(page: PageSeen): BackSeen | undefined {
  const [tag] = /<div\s+id="back"[^>]*>/.exec(page.html) ?? []
  const [link = ""] = /<a [^>]*id="back-link"[^>]*>/.exec(page.html) ?? []
  if (tag === undefined) return undefined
  const value = (from: string, name: string): string =>
    unescape(new RegExp(`${name}="([^"]*)"`).exec(from)?.[1] ?? "")
  return {
    leaves: value(tag, "data-leaves") === "yes",
    origin: value(tag, "data-origin"),
    message: JSON.parse(value(tag, "data-message")) as Record<string, unknown>,
    url: new URL(value(link, "href")),
  }
}
