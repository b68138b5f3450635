/** `grantry keys rotate`: every data key under the first master key, while servers go on serving. */
import { type Environment, type Flags, readCatalogDir, readConfig } from "./config.ts"
import { knownNames } from "./config/known-names.ts"
import { loadCatalog } from "./operator-catalog/load-catalog.ts"
import { openKeyRecords } from "./storage/open-key-records.ts"
import { loadOrCreateMasterKey } from "./vault/development-key.ts"
import { closeMasterKeys, type RewrapProgress, type RewrapResult, rewrapDataKeys } from "./vault/vault.ts"

export interface RotationResult extends RewrapResult {
  /** Id of the key that wraps everything now. */
  readonly masterKey: string
}

/**
 * @returns undefined where there is no database yet
 * @throws ConfigError, MasterKeyMismatch, MasterKeyUnavailable
 */
export async function rotateMasterKey(
  env: Environment,
  flags: Flags,
  onProgress?: (progress: RewrapProgress) => void,
): Promise<RotationResult | undefined> {
  const config = readConfig(env, knownNames(await loadCatalog(readCatalogDir(env, flags))), flags)
  const records = await openKeyRecords(config.databaseUrl)
  if (!records) return undefined
  try {
    const masterKeys = await loadOrCreateMasterKey(config)
    const options = { masterKeys, ...records, ...(onProgress && { onProgress }) }
    try {
      return { masterKey: masterKeys.first.id, ...(await rewrapDataKeys(options)) }
    } finally {
      await closeMasterKeys(masterKeys)
    }
  } finally {
    await records.close()
  }
}
