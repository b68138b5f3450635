/** The token endpoint (RFC 6749 section 3.2). */
import { exchangeCode } from "./exchange-code.ts"
import type { Fault } from "./faults.ts"
import { problem } from "./problems.ts"
import { refreshTokens } from "./refresh-tokens.ts"
import type { Reply } from "./reply.ts"
import { bodyProblem, readBody } from "./request-body.ts"
import type { Sandbox } from "./sandbox.ts"
import type { ProviderCall } from "./service-profile.ts"
import type { Service } from "./service.ts"
import type { TokenOutcome } from "./token-outcome.ts"
import { refusedToken } from "./token-outcome.ts"

export function answerTokenRequest(
  sandbox: Sandbox,
  service: Service,
  call: ProviderCall,
  fault: Fault | null,
): Reply {
  const outcome = tokenOutcome(sandbox, service, call, fault)
  return outcome.kind === "granted"
    ? service.profile.tokenAnswer(outcome.facts)
    : service.profile.tokenProblem(outcome.problem, call)
}

function tokenOutcome(
  sandbox: Sandbox,
  service: Service,
  call: ProviderCall,
  fault: Fault | null,
): TokenOutcome {
  if (call.method !== "POST") return refusedToken(problem("method_not_allowed", "Token requests use POST."))
  const read = readBody(call, service.profile.tokenBodies)
  if (read.kind !== "read") return refusedToken(bodyProblem(read, service.profile.tokenBodies))
  if (fault?.name === "wrong_client")
    return refusedToken(problem("wrong_secret", "The client secret is wrong."))
  const request = { call, params: read.values, fault }
  const grantType =
    read.values.get("grant_type") ?? (service.profile.grantTypeOptional ? "authorization_code" : null)
  switch (grantType) {
    case null:
      return refusedToken(problem("missing_parameter", "grant_type is missing.", "grant_type"))
    case "authorization_code":
      return exchangeCode(sandbox, service, request)
    case "refresh_token":
      return refreshTokens(sandbox, service, request)
    default:
      return refusedToken(
        problem("unsupported_grant_type", "grant_type must be authorization_code or refresh_token."),
      )
  }
}
