/** The token endpoint (RFC 6749 section 3.2). */
import type { Fault } from "./faults.ts"
import { problem } from "./problems.ts"
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
  const params = service.profile.tokenParams(read.values)
  const { grantTypeOptional, grantTypes } = service.profile
  const grantType = params.get("grant_type") ?? (grantTypeOptional ? "authorization_code" : null)
  if (grantType === null)
    return refusedToken(problem("missing_parameter", "grant_type is missing.", "grant_type"))
  const handle = Object.hasOwn(grantTypes, grantType) ? grantTypes[grantType] : undefined
  const known = Object.keys(grantTypes).join(" or ")
  return (
    handle?.(sandbox, service, { call, params, fault }) ??
    refusedToken(problem("unsupported_grant_type", `grant_type must be ${known}.`))
  )
}
