/** Square: https://developer.squareup.com/docs/oauth-api/overview */
import { randomBytes } from "node:crypto"
import type { Problem, ProblemKind } from "../problems.ts"
import { problem, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Bearer, PresentedForRevocation, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

export function squareProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post"],
    plausibleScope: (scope) => /^[A-Z]+(_[A-Z]+)*_(READ|WRITE)(_[A-Z_]+)?$/.test(scope),
    redirectUriOptional: true,
    authorizationRefusal: (found) => ({
      ...standard.authorizationRefusal(found),
      description: found.kind === "access_denied" ? "user_denied" : found.detail,
    }),
    codeLifetimeS: 300,
    mint,
    subject: merchantOf,
    echoesRefreshToken: true,
    tokenAnswer,
    tokenProblem,
    checkRevocation,
    revocationAnswer: () => jsonReply(200, { success: true }),
    revocationProblem,
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

function merchantOf(account: TestAccount): string {
  return `MLSANDBOX${paddedNumber(account, 4)}`
}

function mint(kind: "code" | "access" | "refresh"): string {
  const prefixes = { code: "sq0cgp-", access: "EAAAE", refresh: "EQAAE" } as const
  return prefixes[kind] + randomBytes(36).toString("base64url")
}

/** A date, to the second, where others name a lifetime. */
function tokenAnswer({ account, issued }: TokenAnswerFacts): Reply {
  const { access, refresh } = issued[0] ?? {}
  const expiresAtMs = access?.expiresAtMs ?? null
  return jsonReply(200, {
    access_token: access?.value,
    token_type: "bearer",
    ...(expiresAtMs === null
      ? {}
      : { expires_at: new Date(expiresAtMs).toISOString().replace(/\.\d+Z$/, "Z") }),
    merchant_id: merchantOf(account),
    ...(refresh ? { refresh_token: refresh.value } : {}),
    short_lived: false,
  })
}

const notAuthorized: { readonly [kind in ProblemKind]?: string } = {
  refresh_token_dead: "Invalid refresh token",
  refresh_token_reused: "Invalid refresh token",
  refresh_token_of_other_client: "Invalid refresh token",
  code_unknown: "Authorization code not found for app [sandbox]",
  code_used: "Authorization code not found for app [sandbox]",
  code_expired: "Authorization code is expired for app [sandbox]",
  code_of_other_client: "Authorization code not found for app [sandbox]",
  unknown_client: "Not Authorized",
  wrong_secret: "Not Authorized",
  wrong_client_authentication: "Not Authorized",
}

/** Neither `error` nor `error_description`, and one type for dead grants and wrong clients. */
function tokenProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 429 || status >= 500) return apiProblem(found)
  const message = notAuthorized[found.kind]
  if (message !== undefined) return jsonReply(401, { message, type: "service.not_authorized" }, found.kind)
  return jsonReply(400, { message: found.detail, type: "bad_request" }, found.kind)
}

/** The secret comes in a scheme of Square's own, next to the client's id. */
function checkRevocation({ call, params, owner, token }: PresentedForRevocation): Problem | null {
  const secret = /^Client (\S+)$/.exec(call.headers.authorization ?? "")?.[1]
  if (secret === undefined)
    return problem("wrong_client_authentication", "The header must be Authorization: Client <secret>.")
  if (secret !== owner?.clientSecret || params.get("client_id") !== owner.clientId)
    return problem("wrong_secret", "The client id or secret is wrong.")
  return token.kind === "access" ? null : problem("token_unknown", "The access token is not known.")
}

function revocationProblem(found: Problem): Reply {
  const dead = found.kind.startsWith("token_") && found.kind !== "token_missing"
  return dead
    ? jsonReply(404, { message: "access token not found", type: "not_found" }, found.kind)
    : tokenProblem(found)
}

function identity({ account, token }: Bearer): Reply {
  if (!token.scopes.includes("MERCHANT_PROFILE_READ")) {
    return apiError(403, "AUTHENTICATION_ERROR", "INSUFFICIENT_SCOPES", "insufficient_scope")
  }
  const merchant = {
    id: merchantOf(account),
    business_name: `${account.givenName}'s Shop`,
    country: "GB",
    status: "ACTIVE",
  }
  return jsonReply(200, { merchant })
}

function apiError(status: number, category: string, code: string, outcome: string): Reply {
  const headers: Record<string, string> = status === 429 ? { "retry-after": "30" } : {}
  return jsonReply(
    status,
    { errors: [{ category, code, detail: "See the documentation." }] },
    outcome,
    headers,
  )
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 429) return apiError(429, "RATE_LIMIT_ERROR", "RATE_LIMITED", found.kind)
  if (status >= 500) return apiError(status, "API_ERROR", "SERVICE_UNAVAILABLE", found.kind)
  const codes: { readonly [kind in ProblemKind]?: string } = {
    token_expired: "ACCESS_TOKEN_EXPIRED",
    token_revoked: "ACCESS_TOKEN_REVOKED",
  }
  const code = codes[found.kind] ?? (status === 401 ? "UNAUTHORIZED" : "BAD_REQUEST")
  return apiError(status, status === 401 ? "AUTHENTICATION_ERROR" : "INVALID_REQUEST_ERROR", code, found.kind)
}
