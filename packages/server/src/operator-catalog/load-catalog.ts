/** The catalogue of a server: the built-in types, and the operator's own beside them. */
import { builtInCatalog, builtInDefinitions, type Catalog, createCatalog } from "@grantry/catalog"

/**
 * @param folder absolute path of the operator's files; null: none
 * @throws ConfigError with every problem found
 */
export async function loadCatalog(folder: string | null): Promise<Catalog> {
  if (folder === null) return builtInCatalog
  // Most servers have no types of their own and start without what reads them.
  const { loadOperatorCatalog } = await import("./load-operator-catalog.ts")
  return createCatalog([...builtInDefinitions, ...loadOperatorCatalog(folder)])
}
