/** What a token request leads to. */
import type { Fault } from "./faults.ts"
import type { Parameters } from "./parameters.ts"
import type { Problem } from "./problems.ts"
import type { ProviderCall, TokenAnswerFacts } from "./service-profile.ts"

export interface TokenRequest {
  readonly call: ProviderCall
  readonly params: Parameters
  readonly fault: Fault | null
}

/** Facts for an answer, or what is wrong. */
export type TokenOutcome =
  | { readonly kind: "granted"; readonly facts: TokenAnswerFacts }
  | { readonly kind: "refused"; readonly problem: Problem }

export function refusedToken(found: Problem): TokenOutcome {
  return { kind: "refused", problem: found }
}
