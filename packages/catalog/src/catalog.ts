/** The entries that a server knows, and how to find one. */
import type { ConnectorDefinition } from "./define.ts"
import { definitions } from "./index.gen.ts"
import { nearestNames } from "./nearest.ts"

/** One item of `available-integrations`: what anybody may know of an entry. */
export interface PublicConnector {
  readonly integration_type: string
  readonly display_name: string
  readonly description: string
  readonly connection_config_fields: readonly PublicConfigField[]
}

/** A value that has to be given before consent. */
export interface PublicConfigField {
  readonly name: string
  readonly display_name: string
  readonly description: string
  readonly placeholder: string
  readonly required: boolean
  readonly validation_pattern: string
  readonly validation_error: string
}

export interface Catalog {
  /** The entry of a connector type; its name must match to the letter. */
  readonly byType: (type: string) => ConnectorDefinition | undefined
  /** Every entry, sorted by type. */
  readonly all: () => readonly ConnectorDefinition[]
  /** The nearest known types to a misspelt one, best first; 3 at most unless told. */
  readonly nearest: (type: string, limit?: number) => readonly string[]
  /** The family whose OAuth client also serves a type; null for one that stands alone or is unknown. */
  readonly familyOf: (type: string) => string | null
  /** The types of a family, sorted. */
  readonly typesOf: (family: string) => readonly string[]
  readonly publicView: (definition: ConnectorDefinition) => PublicConnector
}

/**
 * Makes a catalogue of the given entries.
 *
 * @param entries an operator's own may follow {@link builtInDefinitions}
 * @throws RangeError when two entries have one type
 */
export function createCatalog(entries: readonly ConnectorDefinition[]): Catalog {
  const byType = new Map<string, ConnectorDefinition>()
  for (const entry of entries) {
    if (byType.has(entry.type)) throw new RangeError(`two catalogue entries have the type "${entry.type}"`)
    byType.set(entry.type, entry)
  }
  const sorted = Object.freeze([...entries].sort((one, other) => (one.type < other.type ? -1 : 1)))
  const names = sorted.map(({ type, displayName }) => ({ name: type, alsoKnownAs: displayName }))
  return Object.freeze({
    byType: (type: string) => byType.get(type),
    all: () => sorted,
    nearest: (type: string, limit = 3) => nearestNames(type, names, limit),
    familyOf: (type: string) => byType.get(type)?.family ?? null,
    typesOf: (family: string) => sorted.filter((entry) => entry.family === family).map((entry) => entry.type),
    publicView,
  })
}

/** What anybody may know of an entry. */
export function publicView({ type, displayName, description, config }: ConnectorDefinition): PublicConnector {
  return {
    integration_type: type,
    display_name: displayName,
    description,
    // A self-hosted provider's host belongs to the OAuth client: nobody gives it with a connection.
    connection_config_fields: config.asked
      .filter((field) => !field.selfHosted)
      .map((field) => ({
        name: field.name,
        display_name: field.displayName,
        description: field.description,
        placeholder: field.placeholder,
        required: field.required,
        validation_pattern: field.pattern,
        validation_error: field.patternError,
      })),
  }
}

/** The entries that come with the product. */
export const builtInDefinitions: readonly ConnectorDefinition[] = definitions

/** The catalogue of the entries that come with the product. */
export const builtInCatalog: Catalog = createCatalog(definitions)
