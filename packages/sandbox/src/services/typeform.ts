/** Typeform, in its three data centres: https://www.typeform.com/developers/get-started/applications/ */
import { randomBytes } from "node:crypto"
import type { Problem } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import { paddedNumber } from "../test-accounts.ts"

export function typeformProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    clientAuth: ["post"],
    mint: (kind) => (kind === "access" ? "tfp_" : "") + randomBytes(32).toString("base64url"),
    givesRefreshToken: ({ scopes }) => scopes.includes("offline"),
    tokenAnswer,
    identity: (bearer, call) => ofOneSide(bearer, call, identity),
    apiAnswer: (bearer, call) =>
      ofOneSide(bearer, call, () => jsonReply(200, apiFacts(bearer, call.url.pathname))),
    apiProblem,
  }
}

/** api.typeform.eu has people, apps and tokens of its own. */
function ofOneSide(bearer: Bearer, call: ProviderCall, answer: (bearer: Bearer) => Reply): Reply {
  const isEuropean = (host: string | undefined) => host === "api.typeform.eu"
  return isEuropean(bearer.token.config["auth_host"]) === isEuropean(call.config["api_host"])
    ? answer(bearer)
    : apiProblem(problem("token_unknown", "The access token is not known."))
}

function tokenAnswer({ issued }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  return jsonReply(200, {
    access_token: access?.value,
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    ...(refresh ? { refresh_token: refresh.value } : {}),
    scope: access?.scopes.join(" "),
    token_type: "bearer",
  })
}

function identity({ account, token }: Bearer): Reply {
  if (!token.scopes.includes("accounts:read")) {
    const body = { code: "FORBIDDEN", description: "The token has no scope accounts:read." }
    return jsonReply(403, body, "scope_missing")
  }
  return jsonReply(200, {
    user_id: `01SANDBOX${paddedNumber(account, 17)}`,
    alias: account.name,
    email: account.email,
    language: "en",
  })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const codes: Readonly<Record<number, string>> = {
    401: "AUTHENTICATION_FAILED",
    429: "TOO_MANY_REQUESTS",
    503: "SERVICE_UNAVAILABLE",
  }
  const code = codes[status] ?? standardError(found.kind).toUpperCase()
  return jsonReply(status, { code, description: found.detail }, found.kind)
}
