/** `grantry keys new-epoch`: what is sealed from now on is sealed with new data keys. */
import type { Environment, Flags } from "./config.ts"
import { newId } from "./random.ts"
import { type NewEpochs, startNewEpoch } from "./vault/vault.ts"
import { withKeyRecords } from "./with-key-records.ts"

/**
 * @param onProgress told how many workspaces have a new data key
 * @returns undefined where there is no database yet
 * @throws ConfigError, MasterKeyMismatch, MasterKeyUnavailable
 */
export async function renewDataKeys(
  env: Environment,
  flags: Flags,
  onProgress: (made: number) => void,
): Promise<NewEpochs | undefined> {
  return withKeyRecords({ env, flags }, (masterKeys, { dataKeys, meta }) =>
    startNewEpoch({ masterKeys, dataKeys, meta, newId: () => newId("dk"), now: Date.now, onProgress }),
  )
}
