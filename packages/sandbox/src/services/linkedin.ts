/** LinkedIn: https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow */
import { randomBytes } from "node:crypto"
import { settingNumber, switchedOn } from "../oauth-client.ts"
import type { Problem, ProblemKind } from "../problems.ts"
import { standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, jsonReply } from "../reply.ts"
import type { AuthorizationRefusal, Bearer, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"

export function linkedinProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post"],
    settings: {
      ...standard.settings,
      refresh_tokens: {
        initial: false,
        kind: "switch",
        meaning: "LinkedIn has approved the app for refresh tokens, as it does for some partners",
      },
      refresh_token_lifetime_s: {
        initial: 31_536_000,
        kind: "seconds",
        meaning: "life of a refresh token from the consent; refreshing does not prolong it",
      },
    },
    authorizationRefusal,
    codeLifetimeS: 1800,
    mint,
    givesRefreshToken: ({ client }) => switchedOn(client, "refresh_tokens"),
    echoesRefreshToken: true,
    tokenAnswer,
    tokenProblem,
    revocationAnswer: () => emptyReply(200),
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

/** A person's refusal has words of its own. */
function authorizationRefusal(found: Problem): AuthorizationRefusal {
  const errors: { readonly [kind in ProblemKind]?: readonly [error: string, description: string] } = {
    access_denied: ["user_cancelled_authorize", "The user cancelled the authorization"],
    invalid_scope: ["unauthorized_scope_error", found.detail],
  }
  const [error, description] = errors[found.kind] ?? [standardError(found.kind), found.detail]
  return { shownOn: "callback", error, description }
}

/** About five hundred characters. */
function mint(kind: "code" | "access" | "refresh"): string {
  const prefixes = { code: "AQT", access: "AQX", refresh: "AQV" } as const
  return prefixes[kind] + randomBytes(kind === "code" ? 90 : 350).toString("base64url")
}

function tokenAnswer({ client, issued, nowMs }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  const endsAtMs = refresh?.expiresAtMs ?? null
  const leftS =
    endsAtMs === null ? settingNumber(client, "refresh_token_lifetime_s") : (endsAtMs - nowMs) / 1000
  return jsonReply(200, {
    access_token: access?.value,
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    ...(refresh ? { refresh_token: refresh.value } : {}),
    ...(refresh && leftS !== null ? { refresh_token_expires_in: Math.floor(leftS) } : {}),
    scope: access?.scopes.join(","),
    token_type: "Bearer",
  })
}

const unlike =
  "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists"
const deadRefresh = "The provided authorization grant or refresh token is invalid, expired or revoked."

const tokenErrors: {
  readonly [kind in ProblemKind]?: readonly [status: number, error: string, words: string]
} = {
  code_unknown: [401, "invalid_request", "Unable to retrieve access token: authorization code not found"],
  code_used: [401, "invalid_request", "Unable to retrieve access token: authorization code not found"],
  code_of_other_client: [400, "invalid_redirect_uri", unlike],
  code_expired: [400, "invalid_redirect_uri", unlike],
  redirect_uri_mismatch: [400, "invalid_redirect_uri", unlike],
  refresh_token_dead: [400, "invalid_request", deadRefresh],
  refresh_token_reused: [400, "invalid_request", deadRefresh],
  refresh_token_of_other_client: [400, "invalid_request", deadRefresh],
  unknown_client: [401, "invalid_client", "Client authentication failed"],
  wrong_secret: [401, "invalid_client", "Client authentication failed"],
  wrong_client_authentication: [401, "invalid_client", "Client authentication failed"],
}

/** Dead grants are told in the words of a bad request. */
function tokenProblem(found: Problem): Reply {
  if (found.kind === "rate_limited" || found.kind === "server_error") return apiProblem(found)
  const usual = [standardStatus(found.kind), standardError(found.kind), found.detail] as const
  const [status, error, words] = tokenErrors[found.kind] ?? usual
  return jsonReply(status, { error, error_description: words }, found.kind)
}

function identity(bearer: Bearer): Reply {
  const { account, token } = bearer
  if (!token.scopes.includes("openid"))
    return jsonReply(403, { status: 403, serviceErrorCode: 100, code: "ACCESS_DENIED" }, "insufficient_scope")
  return jsonReply(200, {
    sub: `sandbox${account.number}`,
    ...(token.scopes.includes("profile")
      ? { name: account.name, given_name: account.givenName, family_name: account.familyName }
      : {}),
    ...(token.scopes.includes("email") ? { email: account.email, email_verified: true } : {}),
  })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const code =
    status === 401
      ? found.kind === "token_revoked"
        ? "REVOKED_ACCESS_TOKEN"
        : "EXPIRED_ACCESS_TOKEN"
      : "ERROR"
  return jsonReply(status, { status, serviceErrorCode: 65_600, code, message: found.detail }, found.kind)
}
