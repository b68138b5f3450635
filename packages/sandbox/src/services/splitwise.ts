/** Splitwise: https://dev.splitwise.com/ */
import type { Problem } from "../problems.ts"
import { standardError, standardStatus } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type { Bearer, ProviderCall, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts, standardTokenProblem } from "../standard-answers.ts"

export function splitwiseProfile(standard: ServiceProfile): ServiceProfile {
  return {
    ...standard,
    tokenBodies: ["form", "json"],
    tokenAnswer,
    tokenProblem,
    identity,
    apiAnswer,
    apiProblem,
  }
}

/** Neither expiry, refresh token nor scopes. */
function tokenAnswer({ issued }: TokenAnswerFacts): Reply {
  return jsonReply(200, { access_token: issued[0]?.access.value, token_type: "bearer" })
}

/** A dead code is told at 401. */
function tokenProblem(found: Problem): Reply {
  const reply = standardTokenProblem(found)
  return standardError(found.kind) === "invalid_grant" ? { ...reply, status: 401 } : reply
}

function identity({ account }: Bearer): Reply {
  return jsonReply(200, {
    user: {
      id: 1_000_000 + account.number,
      first_name: account.givenName,
      last_name: account.familyName,
      email: account.email,
      registration_status: "confirmed",
    },
  })
}

/** A write that fails answers 200 all the same. */
function apiAnswer(bearer: Bearer, call: ProviderCall): Reply {
  const fails = call.method === "POST" && call.body === ""
  const errors = fails ? { errors: { base: ["The request holds no data."] } } : {}
  return jsonReply(200, { ...apiFacts(bearer, call.url.pathname), ...errors })
}

function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  const error = status === 401 ? "Invalid API request: you are not logged in" : found.detail
  return jsonReply(status, { error }, found.kind)
}
