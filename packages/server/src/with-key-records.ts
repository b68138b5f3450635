/** Work on the records of keys by a command, beside servers that may be serving. */
import { type Environment, type Flags, readCatalogDir, readConfig } from "./config.ts"
import { knownNames } from "./config/known-names.ts"
import { loadCatalog } from "./operator-catalog/load-catalog.ts"
import { type KeyRecords, openKeyRecords } from "./storage/open-key-records.ts"
import { loadOrCreateMasterKey } from "./vault/development-key.ts"
import { closeMasterKeys, type MasterKeys } from "./vault/vault.ts"

/**
 * @returns undefined where there is no database yet
 * @throws ConfigError
 */
export async function withKeyRecords<T>(
  { env, flags }: { readonly env: Environment; readonly flags: Flags },
  work: (masterKeys: MasterKeys, records: KeyRecords) => Promise<T>,
): Promise<T | undefined> {
  const config = readConfig(env, knownNames(await loadCatalog(readCatalogDir(env, flags))), flags)
  const records = await openKeyRecords(config.databaseUrl)
  if (!records) return undefined
  try {
    const masterKeys = await loadOrCreateMasterKey(config)
    try {
      return await work(masterKeys, records)
    } finally {
      await closeMasterKeys(masterKeys)
    }
  } finally {
    await records.close()
  }
}
