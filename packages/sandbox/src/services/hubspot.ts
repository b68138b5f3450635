/** HubSpot: https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens */
import { randomBytes, randomUUID } from "node:crypto"
import type { Parameters } from "../parameters.ts"
import type { Problem, ProblemKind } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, jsonReply } from "../reply.ts"
import type { Bearer, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"

export function hubspotProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post"],
    responseTypeOptional: true,
    plausibleScope: (scope) =>
      /^(crm|cms|settings|communication_preferences|conversations|automation|marketing|account-info|oauth|content|forms|e-commerce|sales-email-read)([.\w-]*)$/.test(
        scope,
      ),
    checkAuthorization,
    mint,
    echoesRefreshToken: true,
    tokenAnswer,
    tokenProblem,
    revocationAnswer: () => emptyReply(204),
    revocationProblem: (found) =>
      tokenProblem(found.kind.startsWith("token_") ? { ...found, kind: "refresh_token_dead" } : found),
    identity,
    apiAnswer: (bearer, call) => jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

/** Every app requires `oauth`, and every request the scopes that its app requires. */
function checkAuthorization(params: Parameters): Problem | null {
  const scopes = (params.get("scope") ?? "").split(" ")
  return scopes.includes("oauth") ? null : problem("invalid_scope", "The scope oauth is required.", "scope")
}

function mint(kind: "code" | "access" | "refresh"): string {
  if (kind === "access") return `CSandbox${randomBytes(150).toString("base64url")}`
  return `na1-${randomUUID()}`
}

function hubOf(account: TestAccount): number {
  return account.number <= 2 ? 62_515 : 70_000 + account.number
}

/** The scopes are an array under the plural. */
function tokenAnswer({ account, issued }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  return jsonReply(200, {
    token_type: "bearer",
    ...(refresh ? { refresh_token: refresh.value } : {}),
    access_token: access?.value,
    hub_id: hubOf(account),
    user_id: 9_000_000 + account.number,
    scopes: access?.scopes,
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
  })
}

const statuses: { readonly [kind in ProblemKind]?: string } = {
  unknown_client: "BAD_CLIENT_ID",
  wrong_secret: "BAD_CLIENT_SECRET",
  wrong_client_authentication: "BAD_CLIENT_SECRET",
  code_unknown: "BAD_AUTH_CODE",
  code_used: "BAD_AUTH_CODE",
  code_expired: "BAD_AUTH_CODE",
  code_of_other_client: "BAD_AUTH_CODE",
  redirect_uri_mismatch: "MISMATCH_REDIRECT_URI_AUTH_CODE",
  refresh_token_dead: "BAD_REFRESH_TOKEN",
  refresh_token_reused: "BAD_REFRESH_TOKEN",
  refresh_token_of_other_client: "BAD_REFRESH_TOKEN",
}

/** OAuth's words and HubSpot's own in one body, at 400 whatever it is. */
function tokenProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status === 429 || status >= 500) return apiProblem(found)
  const body = {
    error: standardError(found.kind),
    error_description: found.detail,
    status: statuses[found.kind] ?? "BAD_REQUEST",
    message: found.detail,
    correlationId: randomUUID(),
  }
  return jsonReply(400, body, found.kind)
}

function identity({ account }: Bearer): Reply {
  return jsonReply(200, { portalId: hubOf(account), accountType: "STANDARD", uiDomain: "app.hubspot.com" })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const categories: Readonly<Record<number, string>> = { 401: "EXPIRED_AUTHENTICATION", 429: "RATE_LIMITS" }
  const category = categories[status] ?? "INTERNAL_ERROR"
  const headers: Record<string, string> = status === 429 ? { "retry-after": "30" } : {}
  const body = { status: "error", message: found.detail, correlationId: randomUUID(), category }
  return jsonReply(status, body, found.kind, headers)
}
