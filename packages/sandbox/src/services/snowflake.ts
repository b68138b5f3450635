/** Snowflake: https://docs.snowflake.com/en/user-guide/oauth-custom */
import { randomBytes } from "node:crypto"
import { switchedOn } from "../oauth-client.ts"
import { type Parameters, parsedJson } from "../parameters.ts"
import type { Problem, ProblemKind } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import { splitScopes } from "../standard-profile.ts"
import type { TestAccount } from "../test-accounts.ts"

export function snowflakeProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["basic_raw"],
    pkce: (client) => (switchedOn(client, "enforce_pkce") ? "required" : "supported"),
    settings: { ...standard.settings, ...settings },
    plausibleScope: (scope) => roleScope.test(scope),
    checkAuthorization,
    givesRefreshToken: ({ client, scopes }) =>
      switchedOn(client, "issue_refresh_tokens") && scopes.includes("refresh_token"),
    mint,
    tokenAnswer,
    tokenProblem,
    checkApiCall,
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

/** Properties of the security integration. */
const settings: ServiceProfile["settings"] = {
  issue_refresh_tokens: { initial: true, kind: "switch", meaning: "OAUTH_ISSUE_REFRESH_TOKENS" },
  enforce_pkce: { initial: false, kind: "switch", meaning: "OAUTH_ENFORCE_PKCE" },
  refresh_token_lifetime_s: {
    initial: 7_776_000,
    kind: "seconds",
    meaning: "OAUTH_REFRESH_TOKEN_VALIDITY: 90 days at most",
  },
  rotation: { initial: false, kind: "switch", meaning: "single-use refresh tokens are required" },
}

const roleScope = /^session:role:[A-Z_][A-Z0-9_$]*$|^session:role-encoded:[A-Za-z0-9%._~-]+$/
const blockedRole = /^session:role:(ACCOUNTADMIN|SECURITYADMIN|ORGADMIN|GLOBALORGADMIN)$/

function checkAuthorization(params: Parameters): Problem | null {
  const roles = splitScopes(params.get("scope") ?? "", " ").filter((scope) => scope.startsWith("session:"))
  if (roles.length > 1) return problem("invalid_scope", "At most one role may be asked for.", "scope")
  return roles.some((scope) => blockedRole.test(scope))
    ? problem("invalid_scope", "The role is blocked for this integration.", "scope")
    : null
}

function mint(kind: "code" | "access" | "refresh"): string {
  const secret = randomBytes(40).toString("base64url")
  if (kind === "code") return randomBytes(20).toString("hex").toUpperCase()
  return kind === "access" ? `ver:1-hint:${secret}` : `ver:2-hint:1-did:1003-${secret}`
}

function userName(account: TestAccount): string {
  return account.givenName.toUpperCase()
}

/** The user's name comes with the exchange alone, scopes never. */
function tokenAnswer({ account, issued, phase }: TokenAnswerFacts): Reply {
  const { access, refresh, expiresInS } = issued[0] ?? {}
  return jsonReply(200, {
    access_token: access?.value,
    ...(refresh ? { refresh_token: refresh.value } : {}),
    token_type: "Bearer",
    expires_in: expiresInS ?? undefined,
    ...(phase === "exchange" ? { username: userName(account) } : {}),
  })
}

const messages: { readonly [kind in ProblemKind]?: string } = {
  unknown_client: "This is an invalid client.",
  wrong_secret: "This is an invalid client.",
  wrong_client_authentication: "This is an invalid client.",
  refresh_token_dead: "This is an invalid refresh token.",
  refresh_token_reused: "This is an invalid refresh token.",
  refresh_token_of_other_client: "This is an invalid refresh token.",
}

/** Everything at 400, with a message instead of a description. */
function tokenProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const message = messages[found.kind] ?? found.detail
  const body = { data: null, message, code: null, success: false, error: standardError(found.kind) }
  return jsonReply(status === 401 ? 400 : status, body, found.kind)
}

function checkApiCall(call: ProviderCall): Reply | null {
  if ((call.headers["user-agent"] ?? "") === "")
    return apiError(400, "391902", "User-Agent is missing.", "user_agent_missing")
  return call.headers["x-snowflake-authorization-token-type"] === "OAUTH"
    ? null
    : apiError(401, "390303", "Invalid OAuth access token.", "token_type_missing")
}

/** The one statement that a sandbox without tables can run. */
function identity({ account }: Bearer, call: ProviderCall): Reply {
  const body = parsedJson(call.body)
  const statement =
    typeof body === "object" && body !== null && "statement" in body ? body.statement : undefined
  if (typeof statement !== "string")
    return apiError(400, "391920", "The body holds no statement.", "unreadable_body")
  if (!/^select current_user\(\)/i.test(statement))
    return apiError(422, "001003", "SQL compilation error.", "unknown_statement")
  return jsonReply(200, {
    resultSetMetaData: { numRows: 1, format: "jsonv2", rowType: [{ name: "CURRENT_USER()", type: "text" }] },
    data: [[userName(account)]],
    code: "090001",
    sqlState: "00000",
    message: "Statement executed successfully.",
  })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (found.kind === "token_expired")
    return apiError(401, "390318", "OAuth access token expired.", found.kind)
  if (status === 401) return apiError(401, "390303", "Invalid OAuth access token.", found.kind)
  return apiError(status, "390000", found.detail, found.kind)
}

function apiError(status: number, code: string, message: string, outcome: string): Reply {
  return jsonReply(status, { code, message }, outcome)
}
