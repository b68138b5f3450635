/** Compares the scopes that were asked for with those that were granted, in the provider's own spellings. */
import type { ConnectorDefinition } from "./define.ts"

/**
 * Brings scopes to the spelling in which they are asked for.
 *
 * @param definition the entry whose aliases apply
 * @param scopes as written by a person or reported by the provider
 * @returns each scope once, in the given order
 */
export function normalizeScopes(definition: ConnectorDefinition, scopes: readonly string[]): string[] {
  const spelled = new Map<string, string>()
  for (const scope of scopes) {
    const usual = usualSpelling(definition, scope)
    const same = comparable(definition, usual)
    if (!spelled.has(same)) spelled.set(same, usual)
  }
  return [...spelled.values()]
}

function usualSpelling(definition: ConnectorDefinition, reported: string): string {
  const { scopeAliases, scopeSpelling, scopes } = definition
  const scope = withoutPrefix(reported, scopeSpelling.optionalPrefix)
  if (Object.hasOwn(scopeAliases, scope)) return scopeAliases[scope] ?? scope
  if (!scopeSpelling.ignoresCase) return scope
  const same = comparable(definition, scope)
  return scopes.find((known) => comparable(definition, known.scope) === same)?.scope ?? scope
}

function withoutPrefix(scope: string, prefix: string | null): string {
  if (prefix === null || scope.length <= prefix.length) return scope
  return scope.toLowerCase().startsWith(prefix.toLowerCase()) ? scope.slice(prefix.length) : scope
}

/** What two spellings of one scope have in common. */
function comparable({ scopeSpelling }: ConnectorDefinition, scope: string): string {
  return scopeSpelling.ignoresCase ? scope.toLowerCase() : scope
}

/**
 * What was asked for and not granted.
 *
 * @param definition the entry whose aliases and contained scopes apply
 * @param requested what the connector asked for
 * @param granted what the provider reported; null where it does not say, which RFC 6749 section 5.1 reads as "all of it"
 */
export function missingScopes(
  definition: ConnectorDefinition,
  requested: readonly string[],
  granted: readonly string[] | null,
): string[] {
  if (granted === null) return []
  const implied = withImplied(definition, normalizeScopes(definition, granted))
  const held = new Set([...implied].map((scope) => comparable(definition, scope)))
  return normalizeScopes(definition, requested).filter((scope) => !held.has(comparable(definition, scope)))
}

/** A scope may contain one that contains others; the set grows while it is walked, and each scope is walked once. */
function withImplied(definition: ConnectorDefinition, scopes: readonly string[]): ReadonlySet<string> {
  const held = new Set(scopes)
  const implied = definition.scopeImplies
  for (const scope of held) {
    if (Object.hasOwn(implied, scope)) for (const contained of implied[scope] ?? []) held.add(contained)
  }
  return held
}
