/** One emulated service: its entry, its behaviour and its addresses. */
import type { ConnectorDefinition } from "@grantry/catalog"
import type { AddressPattern } from "./address-pattern.ts"
import { addressPatterns } from "./address-pattern.ts"
import type { ServiceProfile } from "./service-profile.ts"
import { bentProfile } from "./services/index.ts"
import { standardProfile } from "./standard-profile.ts"

export interface Service {
  readonly definition: ConnectorDefinition
  readonly profile: ServiceProfile
  /** Types of one family share clients and grants, as they do at the provider. */
  readonly realm: string
  readonly knownScopes: ReadonlySet<string>
  readonly addresses: readonly AddressPattern[]
}

export function createServices(catalog: readonly ConnectorDefinition[]): ReadonlyMap<string, Service> {
  return new Map(catalog.map((definition) => [definition.type, createService(definition, catalog)]))
}

function createService(definition: ConnectorDefinition, catalog: readonly ConnectorDefinition[]): Service {
  const realm = realmOf(definition)
  const profile = bentProfile(standardProfile(definition), definition)
  const relatives = catalog.filter((entry) => realmOf(entry) === realm)
  const knownScopes = new Set(relatives.flatMap(scopesOf))
  return { definition, profile, realm, knownScopes, addresses: addressPatterns(definition, profile) }
}

function realmOf(definition: ConnectorDefinition): string {
  return definition.family ?? definition.type
}

function scopesOf(definition: ConnectorDefinition): string[] {
  const { alwaysScopes, defaultScopes } = definition.authorize
  const aliases = [
    ...Object.entries(definition.scopeAliases),
    ...Object.entries(definition.scopeImplies),
  ].flat(2)
  return [...definition.scopes.map((fact) => fact.scope), ...alwaysScopes, ...defaultScopes, ...aliases]
}

/** What a scope allows, in plain words, as far as the catalogue knows. */
export function scopeMeaning(service: Service, scope: string): string | null {
  return service.definition.scopes.find((fact) => fact.scope === scope)?.meaning ?? null
}
