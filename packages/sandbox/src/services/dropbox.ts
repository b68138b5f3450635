/** Dropbox: https://developers.dropbox.com/oauth-guide */
import { randomBytes } from "node:crypto"
import type { Parameters } from "../parameters.ts"
import { bodyFormat, parsedJson } from "../parameters.ts"
import type { Problem, ProblemKind } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply, textReply } from "../reply.ts"
import type { Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

export function dropboxProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post", "basic"],
    secretOptionalWithPkce: () => true,
    pkceMethods: ["S256", "plain"],
    plausibleScope: (scope) =>
      /^(sharing|files|team|events|members|groups|sessions|openid|email|profile)[a-z_.]*$/.test(scope),
    checkAuthorization,
    mint,
    givesRefreshToken: ({ params }) => params.get("token_access_type") === "offline",
    tokenAnswer,
    tokenProblem,
    revocationAnswer: () => jsonReply(200, null),
    revocationProblem: apiProblem,
    checkApiCall,
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

function checkAuthorization(params: Parameters): Problem | null {
  const accessType = params.get("token_access_type")
  if (accessType === undefined || ["online", "offline", "legacy"].includes(accessType)) return null
  return problem(
    "invalid_parameter",
    "token_access_type must be online, offline or legacy.",
    "token_access_type",
  )
}

/** Access tokens are more than a thousand characters long. */
function mint(kind: "code" | "access" | "refresh"): string {
  if (kind === "access") return `sl.u.A${randomBytes(780).toString("base64url")}`
  return randomBytes(kind === "code" ? 32 : 48).toString("base64url")
}

function accountId(account: TestAccount): string {
  return `dbid:AAH${paddedNumber(account, 32)}`
}

function tokenAnswer(facts: TokenAnswerFacts): Reply {
  const { access, refresh, expiresInS } = facts.issued[0] ?? {}
  const renewed = { access_token: access?.value, token_type: "bearer", expires_in: expiresInS ?? undefined }
  if (facts.phase === "refresh") return jsonReply(200, renewed)
  return jsonReply(200, {
    ...renewed,
    ...(refresh ? { refresh_token: refresh.value } : {}),
    scope: access?.scopes.join(" "),
    uid: String(10_000 + facts.account.number),
    account_id: accountId(facts.account),
  })
}

const descriptions: { readonly [kind in ProblemKind]?: string } = {
  refresh_token_dead: "refresh token is invalid or revoked",
  refresh_token_reused: "refresh token is invalid or revoked",
  refresh_token_of_other_client: "refresh token is invalid or revoked",
  code_unknown: "code doesn't exist or has expired",
  code_used: "code has already been used",
  code_expired: "code has expired (within the last hour)",
  unknown_client: "Invalid client_id or client_secret",
  wrong_secret: "Invalid client_id or client_secret",
}

function tokenProblem(found: Problem): Reply {
  const status = standardStatus(found.kind) === 401 ? 400 : standardStatus(found.kind)
  const headers: Record<string, string> = found.kind === "rate_limited" ? { "retry-after": "30" } : {}
  const body = {
    error_description: descriptions[found.kind] ?? found.detail,
    error: standardError(found.kind),
  }
  return jsonReply(status, body, found.kind, headers)
}

/** A JSON content type with an empty body is an error; nothing at all, or the JSON text null, is right. */
function checkApiCall(call: ProviderCall): Reply | null {
  if (bodyFormat(call.headers["content-type"]) !== "json" || parsedJson(call.body) !== undefined) return null
  const name = call.url.pathname.replace(/^\/2\//, "")
  const text = `Error in call to API function "${name}": request body: could not decode input as JSON`
  return textReply(400, text, "unreadable_body")
}

function identity(bearer: Bearer): Reply {
  const { account } = bearer
  return jsonReply(200, {
    account_id: accountId(account),
    name: {
      given_name: account.givenName,
      surname: account.familyName,
      familiar_name: account.givenName,
      display_name: account.name,
      abbreviated_name: account.givenName.slice(0, 1) + account.familyName.slice(0, 1),
    },
    email: account.email,
    email_verified: true,
    disabled: false,
    locale: "en",
    is_paired: false,
    account_type: { ".tag": "basic" },
  })
}

const apiTags: { readonly [kind in ProblemKind]?: string } = {
  token_missing: "invalid_access_token",
  token_unknown: "invalid_access_token",
  token_revoked: "invalid_access_token",
  token_expired: "expired_access_token",
  rate_limited: "too_many_requests",
}

function apiProblem(found: Problem): Reply {
  const tag = apiTags[found.kind]
  const status = standardStatus(found.kind)
  if (tag === undefined) return textReply(status, found.detail, found.kind)
  const headers: Record<string, string> = status === 429 ? { "retry-after": "30" } : {}
  return jsonReply(status, { error_summary: `${tag}/..`, error: { ".tag": tag } }, found.kind, headers)
}
