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
  const aliases = definition.scopeAliases
  return [
    ...new Set(scopes.map((scope) => (Object.hasOwn(aliases, scope) ? (aliases[scope] ?? scope) : scope))),
  ]
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
  const held = withImplied(definition, normalizeScopes(definition, granted))
  return normalizeScopes(definition, requested).filter((scope) => !held.has(scope))
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
