/** Wrike: https://developers.wrike.com/oauth-20-authorization/ */
import type { Parameters } from "../parameters.ts"
import type { Problem } from "../problems.ts"
import { problem, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { AskedPart, Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import { splitScopes } from "../standard-profile.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

export function wrikeProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    askedParts,
    // Of the access token that went before, too.
    refreshEndsAccess: true,
    tokenAnswer,
    identity: (bearer, call) => atHome(bearer, call) ?? contacts(bearer, call),
    apiAnswer: (bearer, call) => atHome(bearer, call) ?? jsonReply(200, apiFacts(bearer, call.url.pathname)),
    apiProblem,
  }
}

function askedParts(params: Parameters): AskedPart[] {
  return [{ part: "main", scopes: splitScopes(params.get("scope") ?? "wsReadWrite", ",") }]
}

/** The test accounts live in two data centres. */
function hostOf(account: TestAccount): string {
  return account.number % 2 === 1 ? "app-eu.wrike.com" : "www.wrike.com"
}

/** Scopes are never told. */
function tokenAnswer({ account, issued }: TokenAnswerFacts): Reply {
  const { access, refresh, expiresInS } = issued[0] ?? {}
  return jsonReply(200, {
    access_token: access?.value,
    ...(refresh ? { refresh_token: refresh.value } : {}),
    token_type: "bearer",
    host: hostOf(account),
    expires_in: expiresInS ?? undefined,
  })
}

/** Another data centre does not know the account. */
function atHome({ account }: Bearer, call: ProviderCall): Reply | null {
  return call.url.hostname === hostOf(account)
    ? null
    : apiProblem(problem("token_unknown", "The account lives in another data centre."))
}

function contacts({ account }: Bearer, call: ProviderCall): Reply {
  if (call.url.searchParams.get("me") !== "true")
    return apiProblem(problem("invalid_parameter", "The sandbox lists nobody but me.", "me"))
  const profile = { accountId: "IEAAAAAA", email: account.email, role: "User", external: false }
  const person = {
    id: `KUAA${paddedNumber(account, 4)}`,
    firstName: account.givenName,
    lastName: account.familyName,
    type: "Person",
    profiles: [profile],
    me: true,
  }
  return jsonReply(200, { kind: "contacts", data: [person] })
}

/** The API says errorDescription where OAuth says error_description. */
function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const errors: Readonly<Record<number, string>> = {
    401: "not_authorized",
    429: "rate_limit_exceeded",
    503: "server_error",
  }
  return jsonReply(
    status,
    { errorDescription: found.detail, error: errors[status] ?? "invalid_request" },
    found.kind,
  )
}
