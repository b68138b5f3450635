/** `grantry keys rotate`: every data key under the first master key, while servers go on serving. */
import type { Environment, Flags } from "./config.ts"
import { recordOperatorAct } from "./record-operator-act.ts"
import { type RewrapProgress, type RewrapResult, rewrapDataKeys } from "./vault/vault.ts"
import { withKeyRecords } from "./with-key-records.ts"

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
  onProgress: (progress: RewrapProgress) => void,
): Promise<RotationResult | undefined> {
  return withKeyRecords({ env, flags }, async (masterKeys, records) => {
    const result = await rewrapDataKeys({ masterKeys, ...records, onProgress })
    const masterKey = masterKeys.first.id
    const outcome = result.unreadable.length === 0 ? "ok" : "incomplete"
    const act = { action: "master_key.rotate", target: masterKey, outcome, count: result.rewrapped }
    await recordOperatorAct(masterKeys, records, act)
    return { masterKey, ...result }
  })
}
