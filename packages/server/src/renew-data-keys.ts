/** `grantry keys new-epoch`: what is sealed from now on is sealed with new data keys. */
import type { Environment, Flags } from "./config.ts"
import { newId } from "./random.ts"
import { recordOperatorAct } from "./record-operator-act.ts"
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
  return withKeyRecords({ env, flags }, async (masterKeys, records) => {
    const ids = { newId: () => newId("dk"), now: Date.now }
    const result = await startNewEpoch({ masterKeys, ...records, ...ids, onProgress })
    const act = { action: "data_keys.renew", target: masterKeys.first.id, outcome: "ok", count: result.made }
    await recordOperatorAct(masterKeys, records, act)
    return result
  })
}
