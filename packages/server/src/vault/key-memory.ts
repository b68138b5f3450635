/** The data keys that this process has unwrapped. */
import type { DataKey, DataKeyStore } from "../storage/stores/data-keys.ts"
import { createBoundedMap } from "./bounded-map.ts"
import { CredentialUnreadable } from "./credential-unreadable.ts"
import { type UnwrappedDataKey, unwrapDataKey } from "./data-key.ts"
import type { KeyringLimits } from "./keyring-limits.ts"
import type { MasterKeys } from "./master-keys.ts"
import { createSingleFlight } from "./single-flight.ts"

export interface KeyMemory {
  /** Without waiting: undefined while the key is not in memory. */
  peek(workspaceId: string, id: string): UnwrappedDataKey | undefined
  /** @throws CredentialUnreadable, MasterKeyUnavailable */
  find(workspaceId: string, id: string): Promise<UnwrappedDataKey>
  /** The key of a row that was just read. @throws CredentialUnreadable, MasterKeyUnavailable */
  unwrap(stored: DataKey): Promise<UnwrappedDataKey>
}

export interface KeyMemoryOptions {
  readonly masterKeys: MasterKeys
  readonly dataKeys: Pick<DataKeyStore, "find">
  readonly now: () => number
  readonly limits: Pick<KeyringLimits, "maxKeysInMemory" | "memoryMs">
}

interface Loaded {
  readonly key: UnwrappedDataKey
  readonly loadedAt: number
}

export function createKeyMemory({ dataKeys, limits, masterKeys, now }: KeyMemoryOptions): KeyMemory {
  const loaded = createBoundedMap<Loaded>(limits.maxKeysInMemory)
  const loadOnce = createSingleFlight<UnwrappedDataKey>()

  function known(workspaceId: string, id: string): Loaded | undefined {
    const entry = loaded.get(id)
    // The id comes from a stored value: it may name another workspace's key.
    return entry?.key.workspaceId === workspaceId ? entry : undefined
  }

  function peek(workspaceId: string, id: string): UnwrappedDataKey | undefined {
    const entry = known(workspaceId, id)
    return entry && now() - entry.loadedAt < limits.memoryMs ? entry.key : undefined
  }

  async function unwrap(stored: DataKey): Promise<UnwrappedDataKey> {
    // Unwrapped once: while its row stands, a key service that is away does not take it from us.
    const key = known(stored.workspaceId, stored.id)?.key ?? (await unwrapDataKey(stored, masterKeys))
    loaded.set(key.id, { key, loadedAt: now() })
    return key
  }

  async function load(workspaceId: string, id: string): Promise<UnwrappedDataKey> {
    const stored = await dataKeys.find(workspaceId, id)
    if (stored) return unwrap(stored)
    if (known(workspaceId, id)) loaded.delete(id)
    throw new CredentialUnreadable("data_key_missing", `workspace ${workspaceId} has no data key of that id`)
  }

  return {
    peek,
    unwrap,
    async find(workspaceId, id) {
      return peek(workspaceId, id) ?? loadOnce(`${workspaceId} ${id}`, () => load(workspaceId, id))
    },
  }
}
