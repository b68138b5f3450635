/** The token endpoint (RFC 6749 section 3.2). */
import { exchangeCode } from "./exchange-code.ts"
import type { Fault } from "./faults.ts"
import type { BodyFormat, Parameters, ReadParameters } from "./parameters.ts"
import { bodyFormat, readJson, readPairs } from "./parameters.ts"
import type { Problem } from "./problems.ts"
import { problem } from "./problems.ts"
import { refreshTokens } from "./refresh-tokens.ts"
import type { Reply } from "./reply.ts"
import type { Sandbox } from "./sandbox.ts"
import type { ProviderCall, TokenAnswerFacts } from "./service-profile.ts"
import type { Service } from "./service.ts"

export interface TokenRequest {
  readonly call: ProviderCall
  readonly params: Parameters
  readonly fault: Fault | null
}

/** Facts for an answer, or what is wrong. */
export type TokenOutcome =
  | { readonly kind: "granted"; readonly facts: TokenAnswerFacts }
  | { readonly kind: "refused"; readonly problem: Problem }

export function answerTokenRequest(sandbox: Sandbox, service: Service, call: ProviderCall, fault: Fault | null): Reply {
  const outcome = tokenOutcome(sandbox, service, call, fault)
  return outcome.kind === "granted"
    ? service.profile.tokenAnswer(outcome.facts)
    : service.profile.tokenProblem(outcome.problem, call)
}

function tokenOutcome(sandbox: Sandbox, service: Service, call: ProviderCall, fault: Fault | null): TokenOutcome {
  if (call.method !== "POST") return refusedToken(problem("method_not_allowed", "Token requests use POST."))
  const read = readBody(call, service.profile.tokenBodies)
  if (read.kind !== "read") return refusedToken(bodyProblem(read, service.profile.tokenBodies))
  if (fault?.name === "wrong_client") return refusedToken(problem("wrong_secret", "The client secret is wrong."))
  const request = { call, params: read.values, fault }
  const grantType = read.values.get("grant_type") ?? (service.profile.grantTypeOptional ? "authorization_code" : null)
  switch (grantType) {
    case null:
      return refusedToken(problem("missing_parameter", "grant_type is missing.", "grant_type"))
    case "authorization_code":
      return exchangeCode(sandbox, service, request)
    case "refresh_token":
      return refreshTokens(sandbox, service, request)
    default:
      return refusedToken(problem("unsupported_grant_type", "grant_type must be authorization_code or refresh_token."))
  }
}

export function refusedToken(found: Problem): TokenOutcome {
  return { kind: "refused", problem: found }
}

/** Reads a body that must be in one of the given formats; `other` where it is in none of them. */
export function readBody(call: ProviderCall, formats: readonly BodyFormat[]): ReadParameters | { readonly kind: "other" } {
  const format = bodyFormat(call.headers["content-type"])
  if (format === "form" && formats.includes(format)) return readPairs(new URLSearchParams(call.body))
  return format === "json" && formats.includes(format) ? readJson(call.body) : { kind: "other" }
}

export function bodyProblem(
  read: Exclude<ReturnType<typeof readBody>, { readonly kind: "read" }>,
  formats: readonly BodyFormat[],
): Problem {
  switch (read.kind) {
    case "repeated":
      return problem("repeated_parameter", `${read.name.slice(0, 100)} is sent more than once.`)
    case "unreadable":
      return problem("invalid_parameter", read.reason.slice(0, 200))
    case "other":
      return problem("unsupported_content_type", `The body must be ${formats.map(contentTypeOf).join(" or ")}.`)
  }
}

function contentTypeOf(format: BodyFormat): string {
  return format === "form" ? "application/x-www-form-urlencoded" : "application/json"
}
