/** The identity endpoint and the one API resource of a service: both answer a live access token. */
import { findBearer } from "./bearer.ts"
import { problem } from "./problems.ts"
import type { Reply } from "./reply.ts"
import type { Sandbox } from "./sandbox.ts"
import type { ProviderCall } from "./service-profile.ts"
import type { Service } from "./service.ts"

export function answerIdentity(sandbox: Sandbox, service: Service, call: ProviderCall): Reply {
  const { profile } = service
  if (!profile.identityMethods.includes(call.method)) {
    const methods = profile.identityMethods.join(" or ")
    return profile.apiProblem(problem("method_not_allowed", `This address takes ${methods}.`), call)
  }
  const refusal = profile.checkApiCall(call)
  if (refusal) return refusal
  const found = findBearer(sandbox, service, call)
  return found.kind === "bearer"
    ? profile.identity(found.bearer, call)
    : profile.apiProblem(found.problem, call)
}

export function answerApiCall(sandbox: Sandbox, service: Service, call: ProviderCall): Reply {
  const { profile } = service
  const refusal = profile.checkApiCall(call)
  if (refusal) return refusal
  const found = findBearer(sandbox, service, call)
  return found.kind === "bearer"
    ? profile.apiAnswer(found.bearer, call)
    : profile.apiProblem(found.problem, call)
}
