/** `grantry keys new-epoch`: a new data key for every workspace, while servers go on; what is sealed stays as it is. */
import type { DataKey, DataKeyStore } from "../storage/stores/data-keys.ts"
import type { MetaStore } from "../storage/stores/meta.ts"
import { newDataKey } from "./data-key.ts"
import type { MasterKeys } from "./master-keys.ts"
import { verifyMasterKeys } from "./verify-master-keys.ts"

export interface NewEpochOptions {
  readonly masterKeys: MasterKeys
  readonly dataKeys: DataKeyStore
  readonly meta: MetaStore
  readonly newId: () => string
  readonly now: () => number
  readonly onProgress?: (made: number) => void
}

export interface NewEpochs {
  /** How many workspaces have a new data key. */
  readonly made: number
}

const batchSize = 200

/** @throws MasterKeyMismatch, MasterKeyUnavailable */
export async function startNewEpoch(options: NewEpochOptions): Promise<NewEpochs> {
  const { dataKeys, masterKeys, meta, now, onProgress } = options
  await verifyMasterKeys(masterKeys, meta)
  const startedAt = now()
  for (let made = 0; ;) {
    const batch = await dataKeys.listCurrentBefore(startedAt, batchSize)
    if (batch.length === 0) return { made }
    for (const key of batch) {
      // A server that was faster has made one as new as ours.
      if (await dataKeys.insert(await successorOf(key, options), 0)) made += 1
    }
    onProgress?.(made)
  }
}

async function successorOf({ epoch, workspaceId }: DataKey, options: NewEpochOptions): Promise<DataKey> {
  const { masterKeys, newId, now } = options
  return newDataKey({ id: newId(), workspaceId, epoch: epoch + 1 }, masterKeys.first, now())
}
