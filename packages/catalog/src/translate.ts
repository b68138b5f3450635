/** Reads a provider's token answer by an entry's data and dialect, into what RFC 6749 sections 5.1 and 5.2 would say. */
import type { ConnectorDefinition, Refusal, RefusalRule, TokenFacts } from "./define.ts"
import type { TokenPhase, WireAnswer } from "./dialect.ts"
import { fillFirst, firstValueAt, isJsonObject, scalarText, valueAt } from "./json.ts"

/** What an answer says, still unchecked: whether the values are of the right kind is for the protocol client to judge. */
export type ReadAnswer =
  | {
      readonly kind: "granted"
      readonly accessToken: unknown
      readonly refreshToken: unknown
      readonly expiresIn: unknown
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

const standardRefusals: ReadonlySet<string> = new Set<Refusal>([
  "invalid_grant",
  "interaction_required",
  "invalid_client",
  "unauthorized_client",
  "invalid_request",
  "invalid_scope",
  "unsupported_grant_type",
  "rate_limited",
  "temporarily_unavailable",
])

/**
 * Reads one token answer.
 *
 * @param definition the entry whose data and dialect apply
 * @param phase which request got the answer
 * @param answer status, headers and body as they came
 */
export function readTokenAnswer(definition: ConnectorDefinition, phase: TokenPhase, answer: WireAnswer): ReadAnswer {
  const translated = definition.dialect.tokenAnswer?.(answer, phase) ?? answer
  const json = typeof translated.body === "string" ? parsedBody(translated.body) : translated.body
  const facts = definition.token
  if (!isJsonObject(json)) return withoutObject(facts, translated.status)
  const providerError = scalarText(firstValueAt(json, facts.errorPaths)) ?? null
  const accessToken = firstValueAt(json, facts.answer.accessToken)
  if (translated.status >= 400 || providerError !== null) return refusedAnswer(facts, translated.status, json, providerError)
  if (accessToken === undefined) {
    return { kind: "unreadable", status: translated.status, reason: "the answer holds no access token" }
  }
  return {
    kind: "granted",
    accessToken,
    refreshToken: firstValueAt(json, facts.answer.refreshToken),
    expiresIn: asNumber(firstValueAt(json, facts.answer.expiresIn)),
    scopes: splitScopes(firstValueAt(json, facts.answer.scope), facts.answerScopeSeparators),
    json,
  }
}

/** Config values that arrive with the token (`instance_url`, `team_id` …). */
export function configFromToken(definition: ConnectorDefinition, json: unknown): Record<string, string> {
  const values: Record<string, string> = {}
  for (const { name, path } of definition.config.fromToken) {
    const text = scalarText(valueAt(json, path))
    if (text !== undefined) values[name] = text
  }
  return values
}

/** Names the account by the token answer alone; null where that does not suffice. */
export function accountFromToken(
  definition: ConnectorDefinition,
  json: unknown,
): { id: string; label: string } | null {
  const templates = definition.identity.fromToken
  if (!templates) return null
  const id = fillFirst(templates.id, json)
  return id === undefined ? null : { id, label: fillFirst(templates.label, json) ?? id }
}

/** Form-encoded token answers (GitHub's default) are read like JSON; anything else stays text. */
function parsedBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return /^[\w.-]+=[^<>\s]*$/.test(text.trim()) ? Object.fromEntries(new URLSearchParams(text.trim())) : text
  }
}

function withoutObject(facts: TokenFacts, status: number): ReadAnswer {
  const refusal = refusalOf(facts.refusals, { status, error: null, subtype: null, description: null })
  if (status >= 400 && refusal) return { kind: "refused", refusal, providerError: null, description: null, status }
  return { kind: "unreadable", status, reason: "the answer is not a JSON object" }
}

function refusedAnswer(facts: TokenFacts, status: number, json: unknown, error: string | null): ReadAnswer {
  const description = scalarText(firstValueAt(json, facts.errorDescriptionPaths)) ?? null
  const subtype = scalarText(valueAt(json, "error_subtype")) ?? null
  const byRule = refusalOf(facts.refusals, { status, error, subtype, description })
  const refusal = byRule ?? (error !== null && standardRefusals.has(error) ? (error as Refusal) : null)
  return { kind: "refused", refusal, providerError: error, description, status }
}

interface RefusalSigns {
  readonly status: number
  readonly error: string | null
  readonly subtype: string | null
  readonly description: string | null
}

function refusalOf(rules: readonly RefusalRule[], signs: RefusalSigns): Refusal | null {
  const rule = rules.find(
    (candidate) =>
      (candidate.status === undefined || candidate.status === signs.status) &&
      (candidate.error === undefined || candidate.error === signs.error) &&
      (candidate.subtype === undefined || candidate.subtype === signs.subtype) &&
      (candidate.descriptionIncludes === undefined ||
        signs.description?.toLowerCase().includes(candidate.descriptionIncludes.toLowerCase()) === true),
  )
  return rule?.means ?? null
}

function asNumber(value: unknown): unknown {
  return typeof value === "string" && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value
}

function splitScopes(value: unknown, separators: readonly string[]): string[] | null {
  if (Array.isArray(value)) return value.filter((scope): scope is string => typeof scope === "string")
  if (typeof value !== "string") return null
  let scopes = [value]
  for (const separator of separators) scopes = scopes.flatMap((part) => part.split(separator))
  return scopes.map((scope) => scope.trim()).filter((scope) => scope !== "")
}
