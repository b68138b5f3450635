/** Reads a provider's token answer by an entry's data and dialect, into what RFC 6749 sections 5.1 and 5.2 would say. */
import type { ConnectorDefinition, Refusal, RefusalRule, TokenFacts } from "./define.ts"
import type { TokenPhase, WireAnswer, WireRequest } from "./dialect.ts"
import type { JsonObject } from "./json.ts"
import { firstTextAt, firstValueAt, isJsonObject, parseJson, scalarText, valueAt } from "./json.ts"

/** What an answer says, still unchecked: whether the values are of the right kind is for the protocol client to judge. */
export type ReadAnswer =
  | {
      readonly kind: "granted"
      readonly accessToken: unknown
      readonly refreshToken: unknown
      readonly expiresIn: unknown
      /** Milliseconds since 1970, where the answer names the moment of expiry; null where it does not. */
      readonly expiresAtMs: number | null
      /** null: the answer does not say. */
      readonly scopes: readonly string[] | null
      /** The answer's JSON, for config values and identity. */
      readonly json: unknown
    }
  | {
      readonly kind: "refused"
      /** null: the provider's code means nothing that the catalogue knows. */
      readonly refusal: Refusal | null
      readonly providerError: string | null
      readonly description: string | null
      readonly status: number
    }
  | { readonly kind: "unreadable"; readonly status: number; readonly reason: string }

/** Codes of RFC 6749 sections 4.1.2.1 and 5.2, RFC 8628 section 3.5 and OpenID Connect Core section 3.1.2.6. */
const standardRefusals: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ["invalid_grant", "invalid_grant"],
  ["interaction_required", "interaction_required"],
  ["login_required", "interaction_required"],
  ["consent_required", "interaction_required"],
  ["account_selection_required", "interaction_required"],
  ["invalid_client", "invalid_client"],
  ["unauthorized_client", "unauthorized_client"],
  ["invalid_request", "invalid_request"],
  ["invalid_scope", "invalid_scope"],
  ["unsupported_grant_type", "unsupported_grant_type"],
  ["slow_down", "rate_limited"],
  ["rate_limited", "rate_limited"],
  ["server_error", "temporarily_unavailable"],
  ["temporarily_unavailable", "temporarily_unavailable"],
])

/**
 * Reads one token answer.
 *
 * @param definition the entry whose data and dialect apply
 * @param phase which request got the answer
 * @param answer status, headers and body as they came
 * @param request what was asked; null where it is not known
 * @returns the grant, the refusal, or why the answer is neither; a grant needs a 2xx status and an access token
 */
export function readTokenAnswer(
  definition: ConnectorDefinition,
  phase: TokenPhase,
  answer: WireAnswer,
  request: WireRequest | null = null,
): ReadAnswer {
  const seen = typeof answer.body === "string" ? { ...answer, body: parsedBody(answer.body) } : answer
  const { status, body } = definition.dialect.tokenAnswer?.(seen, phase, request) ?? seen
  const json = typeof body === "string" ? parsedBody(body) : body
  if (!isJsonObject(json)) return withoutObject(definition.token, status)
  const providerError = firstTextAt(json, definition.token.errorPaths) ?? null
  if (status >= 400 || providerError !== null || saysFailure(definition, json)) {
    return refusedAnswer(definition.token, status, json, providerError)
  }
  return grantedAnswer(definition, phase, status, json)
}

/** Whether an answer calls itself a failure by the entry's `api.successPath`. */
export function saysFailure(definition: ConnectorDefinition, json: unknown): boolean {
  const path = definition.api.successPath
  return path !== null && valueAt(json, path) === false
}

/** Form-encoded answers (GitHub's default) are read like JSON; anything else stays text. */
export function parsedBody(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return /^[\w.-]+=[^<>\s]*$/.test(text.trim())
      ? Object.fromEntries(new URLSearchParams(text.trim()))
      : text
  }
}

function grantedAnswer(
  { token, refresh }: ConnectorDefinition,
  phase: TokenPhase,
  status: number,
  json: JsonObject,
): ReadAnswer {
  const paths = (phase === "refresh" ? refresh?.answer : null) ?? token.answer
  const accessToken = firstValueAt(json, paths.accessToken)
  if (status < 200 || status > 299)
    return { kind: "unreadable", status, reason: "the status is not one of success" }
  if (accessToken === undefined)
    return { kind: "unreadable", status, reason: "the answer holds no access token" }
  return {
    kind: "granted",
    accessToken,
    refreshToken: firstValueAt(json, paths.refreshToken),
    expiresIn: asNumber(firstValueAt(json, paths.expiresIn)),
    expiresAtMs: asInstant(firstValueAt(json, paths.expiresAt)),
    scopes: splitScopes(firstValueAt(json, paths.scope), token.answerScopeSeparators),
    json,
  }
}

function withoutObject(facts: TokenFacts, status: number): ReadAnswer {
  const refusal = refusalOf(facts.refusals, { status, error: null, subtypes: [], description: null })
  if (status >= 400 && refusal)
    return { kind: "refused", refusal, providerError: null, description: null, status }
  return { kind: "unreadable", status, reason: "the answer is not a JSON object" }
}

/** Reads a refusal by the entry's rules, else by the standard's codes. */
export function refusedAnswer(
  facts: TokenFacts,
  status: number,
  json: unknown,
  error: string | null,
): Extract<ReadAnswer, { kind: "refused" }> {
  const description = firstTextAt(json, facts.errorDescriptionPaths) ?? null
  const subtypes = facts.errorSubtypePaths.flatMap((path) => scalarText(valueAt(json, path)) ?? [])
  const refusal = refusalOf(facts.refusals, { status, error, subtypes, description })
  return { kind: "refused", refusal, providerError: error, description, status }
}

interface RefusalSigns {
  readonly status: number
  readonly error: string | null
  readonly subtypes: readonly string[]
  readonly description: string | null
}

function refusalOf(rules: readonly RefusalRule[], signs: RefusalSigns): Refusal | null {
  const byMoment = refusalOfMoment(signs.status)
  const rule = rules.find((candidate) => matches(candidate, signs, byMoment !== null))
  const standard = signs.error === null ? null : (standardRefusals.get(signs.error) ?? null)
  return rule?.means ?? byMoment ?? standard
}

/** RFC 6585 section 4 and RFC 9110 section 15.6: the provider cannot judge the request now. */
function refusalOfMoment(status: number): Refusal | null {
  if (status === 429) return "rate_limited"
  return status >= 500 ? "temporarily_unavailable" : null
}

function matches(rule: RefusalRule, signs: RefusalSigns, mustNameStatus: boolean): boolean {
  if (rule.status === undefined ? mustNameStatus : rule.status !== signs.status) return false
  if (rule.error !== undefined && rule.error !== signs.error) return false
  if (rule.subtype !== undefined && !signs.subtypes.includes(rule.subtype)) return false
  if (rule.descriptionIncludes === undefined) return true
  return signs.description?.toLowerCase().includes(rule.descriptionIncludes.toLowerCase()) === true
}

function asNumber(value: unknown): unknown {
  return typeof value === "string" && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value
}

/** An ISO 8601 date, or seconds since 1970 (milliseconds where the number is too large for that). */
function asInstant(value: unknown): number | null {
  const number = asNumber(value)
  if (typeof number === "number") return number > 1e11 ? number : number * 1000
  const parsed = typeof value === "string" ? Date.parse(value) : Number.NaN
  return Number.isNaN(parsed) ? null : parsed
}

function splitScopes(value: unknown, separators: readonly string[]): string[] | null {
  if (!Array.isArray(value) && typeof value !== "string") return null
  let scopes = [value].flat().filter((scope): scope is string => typeof scope === "string")
  for (const separator of separators) scopes = scopes.flatMap((part) => part.split(separator))
  return scopes.map((scope) => scope.trim()).filter((scope) => scope !== "")
}
