/** GitHub: https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps */
import type { ConnectorDefinition } from "@grantry/catalog"
import { randomBytes } from "node:crypto"
import type { OauthClient } from "../oauth-client.ts"
import { settingNumber, switchedOn } from "../oauth-client.ts"
import type { Problem, ProblemKind } from "../problems.ts"
import { standardError } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, formReply, jsonReply } from "../reply.ts"
import type {
  AuthorizationRefusal,
  Bearer,
  ProviderCall,
  ServiceProfile,
  TokenAnswerFacts,
} from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import { splitScopes } from "../standard-profile.ts"

export function githubProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post"],
    grantTypeOptional: true,
    responseTypeOptional: true,
    settings: { ...standard.settings, ...settings },
    plausibleScope: (scope) => furtherScopes.has(scope),
    authorizationRefusal,
    askedParts: (params) => [{ part: "main", scopes: splitScopes(params.get("scope") ?? "", " ") }],
    // installation_id and setup_action come only while a GitHub App is being installed.
    callbackParams: () => ({}),
    mint,
    accessLifetimeS: (client) => (expires(client) ? settingNumber(client, "access_token_lifetime_s") : null),
    refreshLifetimeS: (client) => settingNumber(client, "refresh_token_lifetime_s"),
    givesRefreshToken: ({ client }) => expires(client),
    rotates: expires,
    // A GitHub App's refresh ends the access token before at once; an OAuth App has ten tokens per person.
    maxAccessTokens: (client) => (expires(client) ? 1 : settingNumber(client, "max_access_tokens")),
    tokenAnswer,
    tokenProblem,
    revocationAnswer: () => emptyReply(204),
    revocationProblem,
    alsoAt: enterpriseAddresses,
    furtherRevocations: [
      { method: "DELETE", url: "https://api.github.com/applications/{client_id}/token", ends: "token" },
      { method: "DELETE", url: "https://api.github.com/applications/{client_id}/grant", ends: "grant" },
    ],
    checkApiCall,
    identity,
    apiAnswer: (bearer, call) =>
      jsonReply(200, apiFacts(bearer, call.url.pathname), "ok", scopesHeader(bearer)),
    apiProblem,
  }
}

/** GitHub Enterprise Server has its API below a path, companies with data residency below a host of their own. */
function enterpriseAddresses(template: string): string[] {
  const api = "https://api.github.com"
  if (!template.startsWith(api)) return []
  return ["https://{hostname}/api/v3", "https://api.{hostname}"].map(
    (own) => own + template.slice(api.length),
  )
}

const settings: ServiceProfile["settings"] = {
  expiring_tokens: {
    initial: false,
    kind: "switch",
    meaning: "behave like a GitHub App with expiring user tokens instead of an OAuth App",
  },
  max_access_tokens: {
    initial: 10,
    kind: "count",
    meaning: "live tokens of one person at an OAuth App; null: no limit",
  },
  access_token_lifetime_s: { initial: 28_800, kind: "seconds", meaning: "life of an expiring access token" },
  refresh_token_lifetime_s: { initial: 15_897_600, kind: "seconds", meaning: "life of a refresh token" },
}

function expires(client: OauthClient): boolean {
  return switchedOn(client, "expiring_tokens")
}

const furtherScopes: ReadonlySet<string> = new Set(
  (
    "user user:follow repo:status repo_deployment repo:invite security_events write:repo_hook read:repo_hook " +
    "write:org admin:public_key write:public_key read:public_key admin:org_hook delete_repo write:packages " +
    "delete:packages admin:gpg_key write:gpg_key read:gpg_key codespace read:project read:audit_log"
  ).split(" "),
)

function authorizationRefusal(found: Problem): AuthorizationRefusal {
  const words = "The user has denied your application access."
  const description = found.kind === "access_denied" ? words : found.detail
  const pageOnly = found.kind === "redirect_uri_mismatch" || found.kind === "redirect_uri_invalid"
  const error = pageOnly ? "redirect_uri_mismatch" : standardError(found.kind)
  return { shownOn: "callback", error, description }
}

function mint(kind: "code" | "access" | "refresh", _part: string, client: OauthClient): string {
  if (kind === "code") return randomBytes(10).toString("hex")
  const prefix = kind === "refresh" ? "ghr_" : expires(client) ? "ghu_" : "gho_"
  return prefix + randomBytes(kind === "refresh" ? 38 : 18).toString("hex")
}

/** Form-encoded unless the request accepts JSON. */
function inAskedFormat(
  call: ProviderCall,
  fields: Readonly<Record<string, string | number>>,
  outcome: string,
): Reply {
  if (call.headers.accept?.includes("application/json") === true) return jsonReply(200, fields, outcome)
  return formReply(
    200,
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)])),
    outcome,
  )
}

/** Asked for with spaces, reported with commas; a GitHub App's tokens have no scopes. */
function tokenAnswer(facts: TokenAnswerFacts): Reply {
  const issued = facts.issued[0]
  if (!issued) return jsonReply(500, { error: "server_error" }, "server_error")
  const { access, refresh, expiresInS } = issued
  const lifetimeS = settingNumber(facts.client, "refresh_token_lifetime_s")
  const fields = {
    access_token: access.value,
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    ...(refresh ? { refresh_token: refresh.value } : {}),
    ...(refresh && lifetimeS !== null ? { refresh_token_expires_in: lifetimeS } : {}),
    token_type: "bearer",
    scope: expires(facts.client) ? "" : normalized(access.scopes, facts.definition).join(","),
  }
  return inAskedFormat(facts.call, fields, "ok")
}

/** What a wider scope contains is left out. */
function normalized(scopes: readonly string[], definition: ConnectorDefinition): string[] {
  const contained = new Set(scopes.flatMap((scope) => containedScopes(scope, definition)))
  return scopes.filter((scope) => !contained.has(scope))
}

function containedScopes(scope: string, definition: ConnectorDefinition): string[] {
  const implied = Object.hasOwn(definition.scopeImplies, scope) ? (definition.scopeImplies[scope] ?? []) : []
  return implied.flatMap((inner) => [inner, ...containedScopes(inner, definition)])
}

const tokenErrors: { readonly [kind in ProblemKind]?: readonly [error: string, description: string] } = {
  unknown_client: [
    "incorrect_client_credentials",
    "The client_id and/or client_secret passed are incorrect.",
  ],
  wrong_secret: ["incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."],
  wrong_client_authentication: [
    "incorrect_client_credentials",
    "The client_id and/or client_secret passed are incorrect.",
  ],
  code_unknown: ["bad_verification_code", "The code passed is incorrect or expired."],
  code_expired: ["bad_verification_code", "The code passed is incorrect or expired."],
  code_used: ["bad_verification_code", "The code passed is incorrect or expired."],
  code_of_other_client: ["bad_verification_code", "The code passed is incorrect or expired."],
  refresh_token_dead: ["bad_refresh_token", "The refresh token passed is incorrect or expired."],
  refresh_token_reused: ["bad_refresh_token", "The refresh token passed is incorrect or expired."],
  refresh_token_of_other_client: ["bad_refresh_token", "The refresh token passed is incorrect or expired."],
  redirect_uri_mismatch: [
    "redirect_uri_mismatch",
    "The redirect_uri MUST match the registered callback URL for this application.",
  ],
}

/** Every failure of the token endpoint has status 200. */
function tokenProblem(found: Problem, call: ProviderCall): Reply {
  if (found.kind === "rate_limited" || found.kind === "server_error") return apiProblem(found)
  const [error, description] = tokenErrors[found.kind] ?? [standardError(found.kind), found.detail]
  return inAskedFormat(call, { error, error_description: description, error_uri: errorUri }, found.kind)
}

const errorUri =
  "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/"

function revocationProblem(found: Problem): Reply {
  if (found.kind === "unknown_client" || found.kind.startsWith("wrong_")) {
    return jsonReply(401, { message: "Bad credentials" }, found.kind)
  }
  return jsonReply(found.kind === "token_missing" ? 422 : 404, { message: "Not Found" }, found.kind)
}

/** GitHub turns away requests without a User-Agent. */
function checkApiCall(call: ProviderCall): Reply | null {
  const message =
    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header."
  return (call.headers["user-agent"] ?? "") === "" ? jsonReply(403, { message }, "user_agent_missing") : null
}

function identity(bearer: Bearer): Reply {
  const { account } = bearer
  const body = {
    login: account.givenName.toLowerCase(),
    id: 1_000_000 + account.number,
    node_id: `U_sandbox${account.number}`,
    type: "User",
    name: account.name,
    email: account.email,
  }
  return jsonReply(200, body, "ok", scopesHeader(bearer))
}

function scopesHeader(bearer: Bearer): Record<string, string> {
  return { "x-oauth-scopes": bearer.token.scopes.join(", ") }
}

function apiProblem(found: Problem): Reply {
  if (found.kind === "rate_limited") {
    const message = "You have exceeded a secondary rate limit."
    return jsonReply(429, { message }, found.kind, { "retry-after": "30" })
  }
  if (found.kind === "server_error") return jsonReply(503, { message: "Service Unavailable" }, found.kind)
  if (found.kind === "method_not_allowed") return jsonReply(405, { message: found.detail }, found.kind)
  const message = found.kind === "token_missing" ? "Requires authentication" : "Bad credentials"
  return jsonReply(401, { message, status: "401" }, found.kind)
}
