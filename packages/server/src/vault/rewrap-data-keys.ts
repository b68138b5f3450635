/** `grantry keys rotate`: wraps every data key under the first master key, while servers go on reading. */
import type { DataKey, DataKeyStore } from "../storage/stores/data-keys.ts"
import type { MetaStore } from "../storage/stores/meta.ts"
import { CredentialUnreadable } from "./credential-unreadable.ts"
import { rewrapDataKey } from "./data-key.ts"
import type { MasterKeys } from "./master-keys.ts"
import { knownMasterKeyIds, retireMasterKeys, verifyMasterKeys } from "./verify-master-keys.ts"

export interface RewrapOptions {
  readonly masterKeys: MasterKeys
  readonly dataKeys: DataKeyStore
  readonly meta: MetaStore
  readonly batchSize?: number
}

export interface RewrapResult {
  readonly rewrapped: number
  /** Ids of data keys that no configured master key unwraps; they stay as they are. */
  readonly unreadable: readonly string[]
  /** Ids of master keys that wrap nothing any more and may leave the configuration. */
  readonly retired: readonly string[]
}

/** @throws MasterKeyMismatch when the configured keys are not those of this database */
export async function rewrapDataKeys(options: RewrapOptions): Promise<RewrapResult> {
  const { masterKeys, meta } = options
  await verifyMasterKeys(masterKeys, meta)
  const { rewrapped, unreadable } = await rewrapAll(options)
  const stillNeeded = new Set([masterKeys.first.id, ...unreadable.map((key) => key.masterKeyId)])
  const retired = (await knownMasterKeyIds(meta)).filter((id) => !stillNeeded.has(id))
  await retireMasterKeys(retired, meta)
  return { rewrapped, unreadable: unreadable.map((key) => key.id), retired }
}

async function rewrapAll({ masterKeys, dataKeys, batchSize = 200 }: RewrapOptions) {
  const unreadable = new Map<string, DataKey>()
  let rewrapped = 0
  for (;;) {
    // Those that do not unwrap stay in the list: the limit leaves room for others behind them.
    const listed = await dataKeys.listWrappedByOthers(masterKeys.first.id, batchSize + unreadable.size)
    const batch = listed.filter((key) => !unreadable.has(key.id))
    if (batch.length === 0) return { rewrapped, unreadable: [...unreadable.values()] }
    for (const key of batch) {
      const next = tryRewrap(key, masterKeys)
      if (!next) unreadable.set(key.id, key)
      // False: another rotation was faster.
      else if (await dataKeys.rewrap(key, next)) rewrapped++
    }
  }
}

function tryRewrap(key: DataKey, masterKeys: MasterKeys): DataKey | undefined {
  try {
    return rewrapDataKey(key, masterKeys, masterKeys.first)
  } catch (error) {
    if (error instanceof CredentialUnreadable) return undefined
    throw error
  }
}
