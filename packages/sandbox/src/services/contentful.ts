/** Contentful: https://www.contentful.com/developers/docs/extensibility/oauth/ */
import { randomBytes } from "node:crypto"
import { switchedOn } from "../oauth-client.ts"
import type { Parameters } from "../parameters.ts"
import type { Problem } from "../problems.ts"
import { problem, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

export function contentfulProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post"],
    settings: {
      ...standard.settings,
      refresh_tokens: {
        initial: true,
        kind: "switch",
        meaning: "grants come with refresh tokens, which the documentation does not promise",
      },
    },
    checkAuthorization,
    mint: (kind) => (kind === "access" ? "CFPAT-" : "") + randomBytes(32).toString("base64url"),
    givesRefreshToken: ({ client }) => switchedOn(client, "refresh_tokens"),
    tokenAnswer,
    identity,
    apiAnswer,
    apiProblem,
  }
}

/** One scope exactly. */
function checkAuthorization(params: Parameters): Problem | null {
  const scope = params.get("scope") ?? ""
  return /^content_management_(manage|read)$/.test(scope)
    ? null
    : problem("invalid_scope", "Exactly one of the two scopes must be asked for.", "scope")
}

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

function identity({ account }: Bearer): Reply {
  return jsonReply(200, {
    sys: { type: "User", id: `sandboxuser${paddedNumber(account, 11)}` },
    firstName: account.givenName,
    lastName: account.familyName,
    email: account.email,
    activated: true,
  })
}

function apiAnswer(bearer: Bearer, call: ProviderCall): Reply {
  return call.url.host.startsWith("api.") && call.url.pathname === "/organizations"
    ? jsonReply(200, { sys: { type: "Array" }, total: 1, items: [organizationOf(bearer.account)] })
    : jsonReply(200, apiFacts(bearer, call.url.pathname))
}

/** Ada and Grace work for one organisation. */
function organizationOf(account: TestAccount) {
  const [id, name] =
    account.number <= 2 ? ["sandboxorganization001", "Example Ltd"] : ["sandboxorganization002", "Other Ltd"]
  return { sys: { type: "Organization", id }, name }
}

/** The management API's envelope. */
function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const ids: Readonly<Record<number, string>> = { 401: "AccessTokenInvalid", 429: "RateLimitExceeded" }
  const body = { sys: { type: "Error", id: ids[status] ?? "ServerError" }, message: found.detail }
  const headers: Record<string, string> = status === 429 ? { "x-contentful-ratelimit-reset": "1" } : {}
  return jsonReply(status, body, found.kind, headers)
}
