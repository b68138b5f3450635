/** The data keys of all workspaces. A wrapped key is read from storage once in a while, never per read. */
import type { DataKeyStore } from "../storage/stores/data-keys.ts"
import { createCurrentKeys } from "./current-keys.ts"
import type { UnwrappedDataKey } from "./data-key.ts"
import { createKeyMemory } from "./key-memory.ts"
import { defaultKeyringLimits, type KeyringLimits, type SealCounts } from "./keyring-limits.ts"
import type { MasterKeys } from "./master-keys.ts"

export interface Keyring {
  /** The key for one new seal; made when the workspace has none or its newest has served its time. */
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
  /** Throws where the first master key must not wrap anything more, e.g. because a rotation has retired it. */
  readonly beforeNewKey?: () => Promise<void>
  /** Counted up. */
  readonly counts?: SealCounts
}

const nothing = async (): Promise<void> => undefined

export function createKeyring(options: KeyringOptions): Keyring {
  const limits = { ...defaultKeyringLimits, ...options.limits }
  const memory = createKeyMemory({ ...options, limits })
  const { beforeNewKey = nothing, counts = { reserved: 0, epochs: 0 } } = options
  return {
    peek: (...key) => memory.peek(...key),
    find: async (...key) => memory.find(...key),
    current: createCurrentKeys({ ...options, limits, memory, beforeNewKey, counts }),
  }
}
