/** Google: https://developers.google.com/identity/protocols/oauth2/web-server */
import { randomBytes } from "node:crypto"
import { settingNumber } from "../oauth-client.ts"
import type { Parameters } from "../parameters.ts"
import type { Problem, ProblemKind } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type {
  AuthorizationRefusal,
  Bearer,
  Consent,
  ServiceProfile,
  TokenAnswerFacts,
} from "../service-profile.ts"
import { splitScopes } from "../standard-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

export function googleProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post", "basic"],
    pkceMethods: ["S256", "plain"],
    settings: {
      ...standard.settings,
      refresh_token_lifetime_s: testingLifetime,
      max_refresh_tokens: liveTokens,
    },
    plausibleScope: (scope) =>
      /^https:\/\/(www\.googleapis\.com\/auth\/[a-z][\w.-]*|mail\.google\.com\/)$/.test(scope),
    askedParts: (params) => [
      { part: "main", scopes: longNames(splitScopes(params.get("scope") ?? "", " ")) },
    ],
    checkAuthorization,
    authorizationRefusal,
    callbackParams: (consent) => ({
      scope: reportedScopes(consent.scopes),
      authuser: "0",
      prompt: "consent",
    }),
    mint: (kind) => prefixes[kind] + randomBytes(48).toString("base64url"),
    subject: (account) => googleId(account),
    givesRefreshToken,
    // The 101st live refresh token of an account at a client silently ends the oldest.
    maxRefreshTokens: (client) => settingNumber(client, "max_refresh_tokens"),
    tokenAnswer,
    tokenProblem,
    revocationAnswer: () => jsonReply(200, {}),
    revocationProblem,
    identity,
    apiAnswer: (bearer, call) =>
      jsonReply(200, { kind: "sandbox#resource", ...apiFacts(bearer, call.url.pathname) }),
    apiProblem,
  }
}

const testingLifetime = {
  initial: null,
  kind: "seconds",
  meaning: "life of a refresh token; 604800 for a client whose consent screen is External and in Testing",
} as const

const liveTokens = {
  initial: 100,
  kind: "count",
  meaning: "live refresh tokens of one account at this client; null: no limit",
} as const

const prefixes = { code: "4/0A", access: "ya29.a0", refresh: "1//0g" } as const

const shortNames: Readonly<Record<string, string>> = {
  email: "https://www.googleapis.com/auth/userinfo.email",
  profile: "https://www.googleapis.com/auth/userinfo.profile",
}

function longNames(scopes: readonly string[]): string[] {
  return [
    ...new Set(
      scopes.map((scope) => (Object.hasOwn(shortNames, scope) ? (shortNames[scope] ?? scope) : scope)),
    ),
  ]
}

/** In an order of Google's own. */
function reportedScopes(scopes: readonly string[]): string {
  return scopes.toSorted().join(" ")
}

function checkAuthorization(params: Parameters): Problem | null {
  if (!params.has("scope")) return problem("missing_parameter", "Missing required parameter: scope", "scope")
  if (!["online", "offline"].includes(params.get("access_type") ?? "online")) {
    return problem("invalid_parameter", "Invalid parameter value for access_type", "access_type")
  }
  const prompts = splitScopes(params.get("prompt") ?? "", " ")
  if (prompts.some((prompt) => !["none", "consent", "select_account"].includes(prompt))) {
    return problem("invalid_parameter", "Invalid parameter value for prompt", "prompt")
  }
  return prompts.includes("none")
    ? problem("interaction_required", "Nobody has consented in this browser.")
    : null
}

/** Google shows a client's mistakes on a page of its own; only decisions reach the client. */
function authorizationRefusal(found: Problem): AuthorizationRefusal {
  if (found.kind === "access_denied" || found.kind === "interaction_required") {
    return { shownOn: "callback", error: found.kind, description: null }
  }
  const error = pageErrors[found.kind] ?? standardError(found.kind)
  return { shownOn: "page", error, description: found.detail }
}

const pageErrors: { readonly [kind in ProblemKind]?: string } = {
  unknown_client: "invalid_client",
  redirect_uri_invalid: "redirect_uri_mismatch",
  redirect_uri_mismatch: "redirect_uri_mismatch",
}

/** Offline access, and then on the first consent or when consent is asked for again. */
function givesRefreshToken(consent: Consent): boolean {
  const prompts = splitScopes(consent.params.get("prompt") ?? "", " ")
  return consent.params.get("access_type") === "offline" && (consent.isFirst || prompts.includes("consent"))
}

function tokenAnswer(facts: TokenAnswerFacts): Reply {
  const issued = facts.issued[0]
  if (!issued) return jsonReply(500, { error: "internal_failure" }, "server_error")
  const { access, refresh, expiresInS } = issued
  return jsonReply(200, {
    access_token: access.value,
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    ...(refresh && facts.phase === "exchange" ? { refresh_token: refresh.value } : {}),
    scope: reportedScopes(access.scopes),
    token_type: "Bearer",
    ...(access.scopes.includes("openid") ? { id_token: idToken(facts, access.scopes) } : {}),
  })
}

/** Shaped like an ID token and signed by nobody: nothing in the sandbox is worth a key. */
function idToken(facts: TokenAnswerFacts, scopes: readonly string[]): string {
  const { account, client, nowMs } = facts
  const issuedAtS = Math.floor(nowMs / 1000)
  const claims = {
    iss: "https://accounts.google.com",
    azp: client.clientId,
    aud: client.clientId,
    ...profileOf(account, scopes),
    iat: issuedAtS,
    exp: issuedAtS + 3600,
  }
  return [{ alg: "RS256", kid: "sandbox", typ: "JWT" }, claims, "not-signed"].map(base64urlJson).join(".")
}

function base64urlJson(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url")
}

function googleId(account: TestAccount): string {
  return `1${paddedNumber(account, 20)}`
}

function profileOf(account: TestAccount, scopes: readonly string[]): Readonly<Record<string, unknown>> {
  const names = { name: account.name, given_name: account.givenName, family_name: account.familyName }
  return {
    sub: googleId(account),
    ...(scopes.includes("https://www.googleapis.com/auth/userinfo.profile") ? names : {}),
    ...(scopes.includes("https://www.googleapis.com/auth/userinfo.email")
      ? { email: account.email, email_verified: true }
      : {}),
  }
}

const descriptions: { readonly [kind in ProblemKind]?: string } = {
  refresh_token_dead: "Token has been expired or revoked.",
  refresh_token_reused: "Token has been expired or revoked.",
  refresh_token_of_other_client: "Bad Request",
  code_unknown: "Malformed auth code.",
  code_expired: "Bad Request",
  code_used: "Bad Request",
  code_of_other_client: "Bad Request",
  unknown_client: "The OAuth client was not found.",
  wrong_secret: "Unauthorized",
  redirect_uri_mismatch: "Bad Request",
}

function tokenProblem(found: Problem): Reply {
  const error = found.kind === "redirect_uri_mismatch" ? "redirect_uri_mismatch" : standardError(found.kind)
  const body = { error, error_description: descriptions[found.kind] ?? found.detail }
  const headers: Record<string, string> = found.kind === "rate_limited" ? { "retry-after": "30" } : {}
  return jsonReply(standardStatus(found.kind), body, found.kind, headers)
}

function revocationProblem(found: Problem): Reply {
  const dead = found.kind.startsWith("token_")
  const body = dead
    ? { error: "invalid_token", error_description: "Token expired or revoked" }
    : { error: standardError(found.kind), error_description: found.detail }
  return jsonReply(dead ? 400 : standardStatus(found.kind), body, found.kind)
}

/** Without an OpenID scope the account is not told. */
function identity(bearer: Bearer): Reply {
  const known = ["openid", ...Object.values(shortNames)].some((scope) => bearer.token.scopes.includes(scope))
  if (known) return jsonReply(200, profileOf(bearer.account, bearer.token.scopes))
  const body = {
    error: "insufficient_scope",
    error_description: "Request had insufficient authentication scopes.",
  }
  return jsonReply(403, body, "insufficient_scope")
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const words: Readonly<Record<number, string>> = {
    401: "UNAUTHENTICATED",
    405: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
  }
  const message = status === 401 ? "Request had invalid authentication credentials." : found.detail
  const headers: Record<string, string> = status === 401 ? { "www-authenticate": "Bearer" } : {}
  const error = { code: status, message, status: words[status] ?? "UNAVAILABLE" }
  return jsonReply(status, { error }, found.kind, headers)
}
