/** Config values that arrive with the token (`instance_url`, `team_id` …). */
import type { ApiLookup, ConnectorDefinition, LearnedValue } from "./define.ts"
import { hostProblem, liesUnder } from "./host.ts"
import { scalarText, valueAt } from "./json.ts"
import { originProblem } from "./url.ts"

/** The values to store, and those that must not be used, with a reason that completes "The value …". */
export interface LearnedConfig {
  readonly values: Record<string, string>
  readonly refused: readonly { readonly field: string; readonly message: string }[]
}

const maxValueLength = 2048

/**
 * Reads the config values of a token answer. A value that breaks its rules is kept back and reported rather than
 * thrown: the answer may hold a rotated refresh token, which must be stored all the same.
 */
export function learnedConfig(definition: ConnectorDefinition, json: unknown): LearnedConfig {
  return learned(definition.config.fromToken, json)
}

/** The usable config values of the answer to the identity request. */
export function configFromIdentity(definition: ConnectorDefinition, json: unknown): Record<string, string> {
  return learned(definition.config.fromIdentity, json).values
}

function learned(facts: readonly LearnedValue[], json: unknown): LearnedConfig {
  const values: Record<string, string> = {}
  const refused: { field: string; message: string }[] = []
  for (const fact of facts) {
    const text = scalarText(valueAt(json, fact.path))
    if (text === undefined) continue
    const message = problemOf(fact, text)
    if (message === null) values[fact.name] = text
    else refused.push({ field: fact.name, message })
  }
  return { values, refused }
}

/** The usable config values of the answer to one of the entry's `config.fromApi`. */
export function configFromApi(lookup: ApiLookup, json: unknown): Record<string, string> {
  return learned(lookup.values, json).values
}

/** The usable config values of a token answer; see {@link learnedConfig} for those that are kept back. */
export function configFromToken(definition: ConnectorDefinition, json: unknown): Record<string, string> {
  return learnedConfig(definition, json).values
}

function problemOf({ hostSuffixes, isHost }: LearnedValue, text: string): string | null {
  if (text.length > maxValueLength) return `is longer than ${maxValueLength} characters`
  if (/\p{Cc}/u.test(text)) return "holds control characters"
  if (hostSuffixes === undefined) return null
  if (isHost !== true) return originProblem(text, hostSuffixes)
  const outside = liesUnder(text.toLowerCase(), hostSuffixes) ? null : "lies outside the provider's hosts"
  return hostProblem(text) ?? outside
}
