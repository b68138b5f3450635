/** The data keys that this process has unwrapped. A wrapped key is read from storage once in a while, never per read. */
import type { DataKeyStore } from "../storage/stores/data-keys.ts"
import { createBoundedMap } from "./bounded-map.ts"
import { CredentialUnreadable } from "./credential-unreadable.ts"
import { newDataKey, type UnwrappedDataKey, unwrapDataKey } from "./data-key.ts"
import type { MasterKeys } from "./master-keys.ts"
import { createSingleFlight } from "./single-flight.ts"

export interface Keyring {
  /** The key for a new seal; made when the workspace has none or its newest has served its time. */
  current(workspaceId: string): Promise<UnwrappedDataKey>
  /** @throws CredentialUnreadable when the workspace has no such key or no master key unwraps it */
  find(workspaceId: string, id: string): Promise<UnwrappedDataKey>
  /** Without waiting: undefined while the key is not in memory. */
  peek(workspaceId: string, id: string): UnwrappedDataKey | undefined
}

export interface KeyringOptions {
  readonly masterKeys: MasterKeys
  readonly dataKeys: DataKeyStore
  readonly newId: () => string
  readonly now: () => number
  readonly limits?: Partial<KeyringLimits>
}

export interface KeyringLimits {
  readonly maxKeysInMemory: number
  /** A deleted data key stops opening, and another replica's newer one is noticed, within this time. */
  readonly memoryMs: number
  /**
   * NIST SP 800-38D allows 2^32 random nonces under one key. Each replica counts only its own, so the limit leaves
   * room for sixteen of them; the age covers what was counted before a restart.
   */
  readonly maxSeals: number
  readonly maxAgeMs: number
}

const defaultLimits: KeyringLimits = {
  maxKeysInMemory: 10_000,
  memoryMs: 10 * 60_000,
  maxSeals: 2 ** 28,
  maxAgeMs: 365 * 86_400_000,
}

interface Loaded {
  readonly key: UnwrappedDataKey
  readonly loadedAt: number
}

interface Current extends Loaded {
  seals: number
}

export function createKeyring({ masterKeys, dataKeys, newId, now, limits }: KeyringOptions): Keyring {
  const { maxKeysInMemory, memoryMs, maxSeals, maxAgeMs } = { ...defaultLimits, ...limits }
  const loaded = createBoundedMap<Loaded>(maxKeysInMemory)
  const currents = createBoundedMap<Current>(maxKeysInMemory)
  const loadOnce = createSingleFlight<UnwrappedDataKey>()
  const chooseOnce = createSingleFlight<Current>()

  const isRecent = (entry: Loaded) => now() - entry.loadedAt < memoryMs
  const isSpent = (key: UnwrappedDataKey, seals: number) =>
    seals >= maxSeals || now() - key.createdAt >= maxAgeMs

  function peek(workspaceId: string, id: string): UnwrappedDataKey | undefined {
    const entry = loaded.get(id)
    // The id comes from a stored value: it may name another workspace's key.
    return entry && entry.key.workspaceId === workspaceId && isRecent(entry) ? entry.key : undefined
  }

  async function load(workspaceId: string, id: string): Promise<UnwrappedDataKey> {
    const stored = await dataKeys.find(workspaceId, id)
    if (!stored)
      throw new CredentialUnreadable(
        "data_key_missing",
        `workspace ${workspaceId} has no data key of that id`,
      )
    return remember(unwrapDataKey(stored, masterKeys))
  }

  function remember(key: UnwrappedDataKey): UnwrappedDataKey {
    loaded.set(key.id, { key, loadedAt: now() })
    return key
  }

  async function findNewest(workspaceId: string): Promise<UnwrappedDataKey | undefined> {
    const stored = await dataKeys.findCurrent(workspaceId)
    return stored && (peek(workspaceId, stored.id) ?? remember(unwrapDataKey(stored, masterKeys)))
  }

  async function choose(workspaceId: string, previous: Current | undefined): Promise<Current> {
    const sealsOf = (key: UnwrappedDataKey) => (key.id === previous?.key.id ? previous.seals : 0)
    let newest = await findNewest(workspaceId)
    if (!newest || isSpent(newest, sealsOf(newest))) {
      await dataKeys.insert(newDataKey({ id: newId(), workspaceId }, masterKeys.first, now()))
      // Another replica may have made one at the same time: both go on with the newest.
      newest = await findNewest(workspaceId)
      if (!newest) throw new Error(`the data key just made for workspace ${workspaceId} is not there`)
    }
    const current = { key: newest, loadedAt: now(), seals: sealsOf(newest) }
    currents.set(workspaceId, current)
    return current
  }

  return {
    peek,
    async find(workspaceId, id) {
      return peek(workspaceId, id) ?? loadOnce(`${workspaceId} ${id}`, () => load(workspaceId, id))
    },
    async current(workspaceId) {
      const known = currents.get(workspaceId)
      const usable = known && isRecent(known) && !isSpent(known.key, known.seals)
      const current = usable ? known : await chooseOnce(workspaceId, () => choose(workspaceId, known))
      current.seals++
      return current.key
    },
  }
}
