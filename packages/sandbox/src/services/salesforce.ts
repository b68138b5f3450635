/** Salesforce: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm */
import { createHash, randomBytes } from "node:crypto"
import type { OauthClient } from "../oauth-client.ts"
import { settingNumber, switchedOn } from "../oauth-client.ts"
import type { Problem, ProblemKind } from "../problems.ts"
import { standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, jsonReply } from "../reply.ts"
import type { Bearer, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

export function salesforceProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post", "basic"],
    pkce: (client) => (switchedOn(client, "require_pkce") ? "required" : "supported"),
    settings: { ...standard.settings, ...settings },
    plausibleScope: (scope) =>
      /^([a-z]+_)+api$|^(custom_permissions|wave_api|eclair_api|pardot_api|content)$/.test(scope),
    codeLifetimeS: 900,
    mint,
    accessLifetimeS: (client) => settingNumber(client, "access_token_lifetime_s"),
    tellsLifetime: false,
    givesRefreshToken: ({ scopes }) => scopes.includes("refresh_token") || scopes.includes("offline_access"),
    // The sixth approval of a person for an app silently ends the oldest.
    maxRefreshTokens: () => 5,
    tokenAnswer,
    tokenProblem,
    revocationEnds: (_client, token) => (token.kind === "refresh" ? "token" : "presented"),
    revocationAnswer: () => emptyReply(200),
    revocationProblem,
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

const settings: ServiceProfile["settings"] = {
  access_token_lifetime_s: {
    initial: 7200,
    kind: "seconds",
    meaning: "session timeout of the organisation; not told",
  },
  rotation: { initial: false, kind: "switch", meaning: "refresh token rotation: the old one dies at once" },
  require_pkce: { initial: false, kind: "switch", meaning: "the app requires PKCE" },
}

/** Codes end in padding, which has to survive one decoding and no second. */
function mint(kind: "code" | "access" | "refresh", _part: string, _client: OauthClient): string {
  const secret = randomBytes(40).toString("base64url")
  if (kind === "code") return `aPrx${secret}==`
  return kind === "access" ? `00DSB0000000001!AR8AQ${secret}` : `5Aep861${secret}`
}

function organisationOf(account: TestAccount) {
  const name = account.number <= 2 ? "acme" : "other"
  const id = account.number <= 2 ? "00DSB0000000001EAA" : "00DSB0000000002EAA"
  return { name, id, instanceUrl: `https://${name}.my.salesforce.com` }
}

function userId(account: TestAccount): string {
  return `005SB00000${paddedNumber(account, 5).slice(-5)}AAA`
}

/** Without `expires_in`; milliseconds in a string. */
function tokenAnswer(facts: TokenAnswerFacts): Reply {
  const { account, issued, config, nowMs } = facts
  const { access, refresh } = issued[0] ?? {}
  const organisation = organisationOf(account)
  const host = config["hostname"] ?? "login.salesforce.com"
  const id = `https://${host}/id/${organisation.id}/${userId(account)}`
  return jsonReply(200, {
    access_token: access?.value,
    ...(refresh ? { refresh_token: refresh.value } : {}),
    signature: createHash("sha256").update(`${id}${nowMs}`).digest("base64"),
    scope: access?.scopes.join(" "),
    instance_url: organisation.instanceUrl,
    id,
    token_type: "Bearer",
    issued_at: String(nowMs),
  })
}

const descriptions: { readonly [kind in ProblemKind]?: string } = {
  refresh_token_dead: "expired access/refresh token",
  refresh_token_reused: "expired access/refresh token",
  refresh_token_of_other_client: "expired access/refresh token",
  code_unknown: "invalid authorization code",
  code_used: "invalid authorization code",
  code_of_other_client: "invalid authorization code",
  code_expired: "expired authorization code",
  unknown_client: "client identifier invalid",
  wrong_secret: "invalid client credentials",
}

function tokenProblem(found: Problem): Reply {
  const mismatch = found.kind === "redirect_uri_mismatch"
  const error =
    found.kind === "unknown_client" ? "invalid_client_id" : mismatch ? found.kind : standardError(found.kind)
  const status = standardStatus(found.kind) === 401 ? 400 : standardStatus(found.kind)
  const headers: Record<string, string> = found.kind === "rate_limited" ? { "retry-after": "30" } : {}
  return jsonReply(
    status,
    { error, error_description: descriptions[found.kind] ?? found.detail },
    found.kind,
    headers,
  )
}

function revocationProblem(found: Problem): Reply {
  if (!found.kind.startsWith("token_")) return tokenProblem(found)
  return jsonReply(
    400,
    { error: "unsupported_token_type", error_description: "this token is invalid" },
    found.kind,
  )
}

function identity(bearer: Bearer): Reply {
  const { account } = bearer
  const organisation = organisationOf(account)
  return jsonReply(200, {
    sub: `https://login.salesforce.com/id/${organisation.id}/${userId(account)}`,
    user_id: userId(account),
    organization_id: organisation.id,
    preferred_username: account.email,
    nickname: account.givenName.toLowerCase(),
    name: account.name,
    email: account.email,
    email_verified: true,
  })
}

/** API errors are arrays. */
function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 401) {
    const dead = { message: "Session expired or invalid", errorCode: "INVALID_SESSION_ID" }
    return jsonReply(401, [dead], found.kind)
  }
  if (status === 429)
    return jsonReply(403, [{ message: found.detail, errorCode: "REQUEST_LIMIT_EXCEEDED" }], found.kind)
  const errorCode = status === 405 ? "METHOD_NOT_ALLOWED" : "SERVER_UNAVAILABLE"
  return jsonReply(status, [{ message: found.detail, errorCode }], found.kind)
}
