/** Refreshes that a provider turns down for what else happened to the same refresh token. */
import { authenticateClient } from "./client-authentication.ts"
import type { Grant, Token } from "./grants.ts"
import { grantOf, tokensOf } from "./grants.ts"
import type { Problem } from "./problems.ts"
import { problem } from "./problems.ts"
import { refreshTokens } from "./refresh-tokens.ts"
import type { Sandbox } from "./sandbox.ts"
import type { GrantHandler } from "./service-profile.ts"
import type { Service } from "./service.ts"
import type { TokenOutcome, TokenRequest } from "./token-outcome.ts"
import { refusedToken } from "./token-outcome.ts"

/** A refresh token that is presented again, and what came of it the first time. */
export interface ReusedToken {
  readonly usedAtMs: number
  readonly nowMs: number
  readonly grant: Grant
  /** Tokens of the same code that were given since. */
  readonly successors: readonly Token[]
}

/**
 * Refreshes as RFC 6749 section 6 says, but asks first what a second presentation means. A fault that stands for a
 * reuse goes before that.
 *
 * @param judge what is wrong with a refresh token that was used before; null where nothing is
 */
export function refreshUnlessRefused(judge: (reused: ReusedToken) => Problem | null): GrantHandler {
  return (sandbox, service, request) => {
    const reused = request.fault?.name === "refresh_reuse" ? null : reusedToken(sandbox, service, request)
    const wrong = reused && judge(reused)
    return wrong
      ? refusedAfterAuthentication(sandbox, service, request, wrong)
      : refreshTokens(sandbox, service, request)
  }
}

/** The provider is still at work on the first presentation, or was a moment ago. */
export function collision({ nowMs, usedAtMs }: ReusedToken, withinS: number): Problem | null {
  return nowMs < usedAtMs + withinS * 1000
    ? problem("refresh_collision", "The refresh token was presented a moment ago.")
    : null
}

function reusedToken(sandbox: Sandbox, service: Service, { params }: TokenRequest): ReusedToken | null {
  const token = sandbox.store.tokens.get(params.get("refresh_token") ?? "")
  const grant = token && grantOf(sandbox.store, token)
  if (!token || !grant || token.kind !== "refresh" || grant.realm !== service.realm) return null
  const { chain, usedAtMs, value } = token
  if (usedAtMs === null || token.revoked) return null
  const successors = tokensOf(sandbox.store, grant).filter(
    (other) => other.chain === chain && other.value !== value && other.issuedAtMs >= usedAtMs,
  )
  return { usedAtMs, nowMs: sandbox.clock.now(), grant, successors }
}

/** Nobody but the client learns what became of its tokens. */
function refusedAfterAuthentication(
  sandbox: Sandbox,
  service: Service,
  { call, params }: TokenRequest,
  wrong: Problem,
): TokenOutcome {
  const check = { params, withPkce: false, ways: service.profile.clientAuth }
  const authenticated = authenticateClient(sandbox, service, call, check)
  return refusedToken(authenticated.kind === "refused" ? authenticated.problem : wrong)
}
