/** Reads the answer to a revocation request (RFC 7009 section 2.2, and those who leave it). */
import type { ConnectorDefinition } from "./define.ts"
import type { WireAnswer } from "./dialect.ts"
import { firstTextAt } from "./json.ts"
import { parsedBody, refusedAnswer, saysFailure } from "./translate.ts"

/**
 * `ended`: dead now; `already_dead`: it was before; `try_later`: the provider was too busy or broken to say;
 * `refused`: the provider did not end it, and asking again will not change that.
 */
export type RevocationOutcome = "ended" | "already_dead" | "try_later" | "refused"

/**
 * Says what became of the presented token.
 *
 * @param definition the entry that was asked
 * @param answer status and body as they came
 */
export function revocationOutcome(
  definition: ConnectorDefinition,
  answer: Pick<WireAnswer, "status" | "body">,
): RevocationOutcome {
  const { status, body } = answer
  const json = typeof body === "string" ? parsedBody(body) : body
  const error = firstTextAt(json, definition.token.errorPaths) ?? null
  const dead = definition.revocation?.alreadyDead.some(
    (sign) => sign.status === status && (sign.error === undefined || sign.error === error),
  )
  if (dead === true) return "already_dead"
  if (status >= 200 && status < 300 && error === null && !saysFailure(definition, json)) return "ended"
  const { refusal } = refusedAnswer(definition.token, status, json, error)
  return refusal === "rate_limited" || refusal === "temporarily_unavailable" ? "try_later" : "refused"
}
