/**
 * The data key for new seals. A process reserves seals by the block before it uses them, in the key's own row, so that
 * no key seals more often than it may however many processes there are and however they end; the process that finds
 * nothing left makes the next epoch.
 */
import type { DataKey, DataKeyStore } from "../storage/stores/data-keys.ts"
import { createBoundedMap } from "./bounded-map.ts"
import { newDataKey, type UnwrappedDataKey } from "./data-key.ts"
import type { KeyMemory } from "./key-memory.ts"
import type { KeyringLimits, SealCounts } from "./keyring-limits.ts"
import type { MasterKeys } from "./master-keys.ts"
import { createSingleFlight } from "./single-flight.ts"

export interface CurrentKeysOptions {
  readonly memory: KeyMemory
  readonly masterKeys: MasterKeys
  readonly dataKeys: DataKeyStore
  readonly newId: () => string
  readonly now: () => number
  readonly limits: KeyringLimits
  /** Throws where the first master key must not wrap anything more. */
  readonly beforeNewKey: () => Promise<void>
  readonly counts: SealCounts
}

interface Current {
  readonly key: UnwrappedDataKey
  checkedAt: number
  /** Reserved and not used. */
  left: number
  /** Not to be tried behind a caller before this time. */
  aheadAfter: number
}

/** A part of the block that is left when the next one is reserved: a database that is away meanwhile stops no refresh. */
const aheadShare = 16
const aheadPauseMs = 1_000

/** @returns finds the key for one seal: each call counts as one */
export function createCurrentKeys(options: CurrentKeysOptions): (ws: string) => Promise<UnwrappedDataKey> {
  const { now } = options
  const { maxAgeMs, maxKeysInMemory, maxSeals, memoryMs } = options.limits
  const block = Math.min(options.limits.sealBlock, maxSeals)
  const lowWater = Math.floor(block / aheadShare)
  const currents = createBoundedMap<Current>(maxKeysInMemory)
  const chooseOnce = createSingleFlight<Current>()
  const isOld = ({ createdAt }: { readonly createdAt: number }) => now() - createdAt >= maxAgeMs

  function take(current: Current): UnwrappedDataKey | undefined {
    if (current.left <= 0) return undefined
    current.left -= 1
    return current.key
  }

  const choose = (workspaceId: string): Promise<Current> =>
    chooseOnce(workspaceId, async () => {
      const chosen = await chooseKey(workspaceId)
      currents.set(workspaceId, chosen)
      return chosen
    })

  async function chooseKey(workspaceId: string): Promise<Current> {
    for (;;) {
      const newest = await options.dataKeys.findCurrent(workspaceId)
      const reserved = newest && !isOld(newest) ? await reserve(newest) : undefined
      const chosen = reserved ?? (await makeEpoch(workspaceId, (newest?.epoch ?? 0) + 1))
      if (chosen) return chosen
      // Another process has made that epoch: its key is the newest now.
    }
  }

  /** @returns undefined when the key is used up */
  async function reserve(newest: DataKey): Promise<Current | undefined> {
    const key = await options.memory.unwrap(newest)
    const known = currents.get(key.workspaceId)
    const current = known?.key.id === key.id ? known : { key, checkedAt: 0, left: 0, aheadAfter: 0 }
    if (current.left <= lowWater) {
      if (!(await options.dataKeys.reserveSeals(key, { count: block, budget: maxSeals }))) return undefined
      current.left += block
      options.counts.reserved += block
    }
    current.checkedAt = now()
    return current
  }

  /** @returns undefined when another process was faster */
  async function makeEpoch(workspaceId: string, epoch: number): Promise<Current | undefined> {
    const { dataKeys, masterKeys, memory, newId } = options
    await options.beforeNewKey()
    const made = await newDataKey({ id: newId(), workspaceId, epoch }, masterKeys.first, now())
    // Before it is stored: a key that does not unwrap would be in everybody's way.
    const key = await memory.unwrap(made)
    if (!(await dataKeys.insert(made, block))) return undefined
    options.counts.epochs += 1
    options.counts.reserved += block
    return { key, checkedAt: now(), left: block, aheadAfter: 0 }
  }

  function chooseBehind(workspaceId: string, current: Current): void {
    current.aheadAfter = now() + aheadPauseMs
    // What is wrong is told to the caller who can no longer do without.
    choose(workspaceId).catch(() => void (current.aheadAfter = now() + aheadPauseMs))
  }

  return async (workspaceId) => {
    const known = currents.get(workspaceId)
    const age = known ? now() - known.checkedAt : memoryMs
    if (known && age < memoryMs && !isOld(known.key)) {
      const key = take(known)
      const runsOut = known.left <= lowWater || age > memoryMs / 2
      if (runsOut && lowWater > 0 && now() >= known.aheadAfter) chooseBehind(workspaceId, known)
      if (key) return key
    }
    for (;;) {
      const key = take(await choose(workspaceId))
      if (key) return key
    }
  }
}
