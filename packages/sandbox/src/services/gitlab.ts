/** GitLab: https://docs.gitlab.com/api/oauth2/ */
import { randomBytes } from "node:crypto"
import type { OauthClient } from "../oauth-client.ts"
import type { Parameters } from "../parameters.ts"
import type { Problem } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply, textReply } from "../reply.ts"
import type { Bearer, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"

export function gitlabProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post", "basic"],
    secretOptionalWithPkce: () => false,
    plausibleScope: (scope) => /^(sudo|admin_mode|ai_features|manage_runner|read_service_ping)$/.test(scope),
    mint: () => randomBytes(32).toString("hex"),
    checkRefresh,
    refreshEndsAccess: true,
    tokenAnswer,
    tokenProblem,
    revocationAnswer: () => jsonReply(200, {}),
    // RFC 7009 section 2.2: an unknown token is not worth an error.
    revocationProblem: (found) =>
      found.kind.startsWith("token_") && found.kind !== "token_missing"
        ? jsonReply(200, {}, found.kind)
        : tokenProblem(found),
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

/** A refresh repeats the redirect URI of the consent. */
function checkRefresh(params: Parameters, client: OauthClient): Problem | null {
  const redirectUri = params.get("redirect_uri")
  if (redirectUri === undefined)
    return problem("missing_parameter", "Missing required parameter: redirect_uri.", "redirect_uri")
  return client.redirectUris && !client.redirectUris.includes(redirectUri)
    ? problem("redirect_uri_mismatch", dead, "redirect_uri")
    : null
}

const dead =
  "The grant is invalid, expired, revoked, meant for another redirect URI, or was given to another client."

function tokenAnswer({ issued, nowMs }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  return jsonReply(200, {
    access_token: access?.value,
    token_type: "Bearer",
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    ...(refresh ? { refresh_token: refresh.value } : {}),
    scope: access?.scopes.join(" "),
    created_at: Math.floor(nowMs / 1000),
  })
}

function tokenProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 429) return textReply(429, "Retry later\n", found.kind, { "retry-after": "30" })
  const error = standardError(found.kind)
  const description = error === "invalid_grant" ? dead : found.detail
  return jsonReply(status, { error, error_description: description }, found.kind)
}

function identity({ account }: Bearer): Reply {
  return jsonReply(200, {
    id: 1000 + account.number,
    username: account.givenName.toLowerCase(),
    name: account.name,
    state: "active",
    email: account.email,
  })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 429) return textReply(429, "Retry later\n", found.kind, { "retry-after": "30" })
  if (found.kind === "token_missing" || status !== 401) {
    return jsonReply(status, { message: status === 401 ? "401 Unauthorized" : found.detail }, found.kind)
  }
  const words = found.kind === "token_expired" ? "Token is expired." : "Token was revoked."
  return jsonReply(401, { error: "invalid_token", error_description: words }, found.kind)
}
