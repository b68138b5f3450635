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
  /** Called after each batch, and once before the first. */
  readonly onProgress?: (progress: RewrapProgress) => void
}

export interface RewrapProgress {
  /** By whoever; with those that cannot be read. */
  readonly done: number
  readonly total: number
}

export interface RewrapResult {
  readonly rewrapped: number
  /** Ids of data keys that no configured master key unwraps; they stay as they are. */
  readonly unreadable: readonly string[]
  /** Ids of master keys that wrap nothing any more and may leave the configuration. */
  readonly retired: readonly string[]
}

/** How many keys are in the hands of key services at a time. */
const atOnce = 8

/** @throws MasterKeyMismatch when the configured keys are not those of this database; MasterKeyUnavailable */
export async function rewrapDataKeys(options: RewrapOptions): Promise<RewrapResult> {
  const { masterKeys, meta } = options
  await verifyMasterKeys(masterKeys, meta)
  const { rewrapped, unreadable } = await rewrapAll(options)
  const stillNeeded = new Set([masterKeys.first.id, ...unreadable.map((key) => key.masterKeyId)])
  const retired = (await knownMasterKeyIds(meta)).filter((id) => !stillNeeded.has(id))
  await retireMasterKeys(retired, meta)
  return { rewrapped, unreadable: unreadable.map((key) => key.id), retired }
}

async function rewrapAll(options: RewrapOptions) {
  const { batchSize = 200, dataKeys, masterKeys, onProgress } = options
  const unreadable = new Map<string, DataKey>()
  const total = await dataKeys.countWrappedByOthers(masterKeys.first.id)
  let rewrapped = 0
  for (let done = 0; ;) {
    onProgress?.({ done, total: Math.max(done, total) })
    // Those that do not unwrap stay in the list: the limit leaves room for others behind them.
    const listed = await dataKeys.listWrappedByOthers(masterKeys.first.id, batchSize + unreadable.size)
    const batch = listed.filter((key) => !unreadable.has(key.id))
    if (batch.length === 0) return { rewrapped, unreadable: [...unreadable.values()] }
    for (let start = 0; start < batch.length; start += atOnce) {
      const part = batch.slice(start, start + atOnce)
      const outcomes = await Promise.all(part.map((key) => rewrapOne(options, key)))
      rewrapped += outcomes.filter((outcome) => outcome === "rewrapped").length
      for (const [index, key] of part.entries()) {
        if (outcomes[index] === "unreadable") unreadable.set(key.id, key)
      }
    }
    done += batch.length
  }
}

async function rewrapOne({ dataKeys, masterKeys }: RewrapOptions, key: DataKey) {
  const next = await tryRewrap(key, masterKeys)
  if (!next) return "unreadable"
  // False: another rotation was faster.
  return (await dataKeys.rewrap(key, next)) ? "rewrapped" : "passed over"
}

async function tryRewrap(key: DataKey, masterKeys: MasterKeys): Promise<DataKey | undefined> {
  try {
    return await rewrapDataKey(key, masterKeys, masterKeys.first)
  } catch (error) {
    if (error instanceof CredentialUnreadable) return undefined
    throw error
  }
}
