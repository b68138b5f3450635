/** Box: https://developer.box.com/guides/authentication/tokens/refresh */
import { randomBytes } from "node:crypto"
import type { Token } from "../grants.ts"
import type { Problem, ProblemKind } from "../problems.ts"
import { problem, standardError, standardStatus } from "../problems.ts"
import type { ReusedToken } from "../refused-refresh.ts"
import { collision, refreshUnlessRefused } from "../refused-refresh.ts"
import type { Reply } from "../reply.ts"
import { emptyReply, jsonReply } from "../reply.ts"
import type { Bearer, ServiceProfile, TokenAnswerFacts } from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"

const refreshLifetimeS = 5_184_000

export function boxProfile(standard: ServiceProfile): ServiceProfile {
  const presented = new WeakSet<Token>()
  const seen = <T>(bearer: Bearer, answer: T): T => {
    presented.add(bearer.token)
    return answer
  }
  return {
    ...standard,
    clientAuth: ["post"],
    grantTypes: {
      ...standard.grantTypes,
      refresh_token: refreshUnlessRefused((reused) => collision(reused, 1) ?? spent(reused, presented)),
    },
    settings: {
      ...standard.settings,
      refresh_token_lifetime_s: {
        initial: refreshLifetimeS,
        kind: "seconds",
        meaning: "life of a refresh token; every refresh gives a new one",
      },
    },
    codeLifetimeS: 30,
    mint: () => randomBytes(24).toString("base64url"),
    // As long as the new pair is unused; `spent` tells when it is not.
    reuseGraceS: () => refreshLifetimeS,
    reuseRepeats: true,
    tokenAnswer,
    tokenProblem,
    revocationProblem: (found) => (found.kind.startsWith("token_") ? deadToken(found) : tokenProblem(found)),
    identity: (bearer) => seen(bearer, identity(bearer)),
    apiAnswer: (bearer, call) => seen(bearer, jsonReply(200, apiFacts(bearer, call.url.pathname))),
    apiProblem,
  }
}

/** A used refresh token gives its pair again until one of the two has been used. */
function spent({ successors }: ReusedToken, presented: WeakSet<Token>): Problem | null {
  const isUsed = successors.some((token) => token.usedAtMs !== null || presented.has(token))
  return isUsed ? problem("refresh_token_reused", "The refresh token was used before.") : null
}

/** No scopes. */
function tokenAnswer({ issued }: TokenAnswerFacts): Reply {
  const { access, expiresInS, refresh } = issued[0] ?? {}
  return jsonReply(200, {
    access_token: access?.value,
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    restricted_to: [],
    ...(refresh ? { refresh_token: refresh.value } : {}),
    token_type: "bearer",
  })
}

const descriptions: { readonly [kind in ProblemKind]?: string } = {
  refresh_token_dead: "Invalid refresh token",
  refresh_token_reused: "Refresh token has expired",
  refresh_token_of_other_client: "Invalid refresh token",
}

/** 400 for all of RFC 6749's errors; a collision has no body. */
function tokenProblem(found: Problem): Reply {
  if (found.kind === "refresh_collision") return emptyReply(409, found.kind)
  const status = standardStatus(found.kind) === 401 ? 400 : standardStatus(found.kind)
  const headers: Record<string, string> = status === 429 ? { "retry-after": "30" } : {}
  const body = {
    error: standardError(found.kind),
    error_description: descriptions[found.kind] ?? found.detail,
  }
  return jsonReply(status, body, found.kind, headers)
}

function deadToken(found: Problem): Reply {
  return jsonReply(400, { error: "invalid_token", error_description: found.detail }, found.kind)
}

function identity({ account }: Bearer): Reply {
  const id = String(11_000_000_000 + account.number)
  return jsonReply(200, { type: "user", id, name: account.name, login: account.email, status: "active" })
}

/** 401 without a body: the header tells. */
function apiProblem(found: Problem): Reply {
  const status = standardStatus(found.kind)
  if (status !== 401) {
    const headers: Record<string, string> = status === 429 ? { "retry-after": "30" } : {}
    const body = { type: "error", status, code: standardError(found.kind), message: found.detail }
    return jsonReply(status, body, found.kind, headers)
  }
  const reply = emptyReply(401, found.kind)
  const challenge = `Bearer realm="Service", error="invalid_token", error_description="${found.detail}"`
  return { ...reply, headers: { ...reply.headers, "www-authenticate": challenge } }
}
