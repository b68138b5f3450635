/** What the operator's variables may name: `GRANTRY_<TYPE>_CLIENT_ID`. */
import type { Catalog } from "@grantry/catalog"
import type { KnownNames } from "./operator-clients.ts"

export function knownNames(catalog: Catalog): KnownNames {
  const definitions = catalog.all()
  return {
    types: definitions.map(({ type }) => type),
    families: [...new Set(definitions.flatMap(({ family }) => family ?? []))],
  }
}
