/**
 * Seals secrets so that the ciphertext is good for one field of one record only. The keyring knows the keys, the
 * associated data says where the value belongs.
 */
import type { KeyObject } from "node:crypto"
import { CredentialUnreadable } from "./credential-unreadable.ts"
import { decrypt, encrypt } from "./gcm.ts"
import { createKeyring, type KeyringOptions } from "./keyring.ts"
import { type PlacedValue, placeValue } from "./placed-value.ts"
import { associatedDataOf, type SealContext } from "./seal-context.ts"
import { joinSealed } from "./sealed-value.ts"

export { CredentialUnreadable } from "./credential-unreadable.ts"
export { MasterKeyUnavailable } from "./master-key.ts"
export { closeMasterKeys, type MasterKeys, parseMasterKeys } from "./master-keys.ts"
export { MasterKeyMismatch, testMasterKeys, verifyMasterKeys } from "./verify-master-keys.ts"
export type { SealCounts } from "./keyring-limits.ts"
export type { PlacedValue } from "./placed-value.ts"
export type { SealContext } from "./seal-context.ts"
export { type NewEpochs, startNewEpoch } from "./start-new-epoch.ts"
export { type RewrapProgress, type RewrapResult, rewrapDataKeys } from "./rewrap-data-keys.ts"

export interface Vault {
  /** May write the workspace's first data key: call it before a storage transaction, not inside one. */
  seal(context: SealContext, plaintext: string): Promise<Uint8Array>
  /** @throws CredentialUnreadable */
  open(context: SealContext, sealed: Uint8Array): Promise<string>
  /** What `openNow` takes, for a value that is opened again and again. @throws CredentialUnreadable */
  place(context: SealContext, sealed: Uint8Array): PlacedValue
  /**
   * Without waiting: undefined while the workspace's data key is not in memory. For the hot path.
   *
   * @throws CredentialUnreadable
   */
  openNow(value: PlacedValue): string | undefined
}

export type VaultOptions = KeyringOptions

export function createVault(options: VaultOptions): Vault {
  const keyring = createKeyring(options)
  return {
    async seal(context, plaintext) {
      // UTF-8 would silently turn a lone surrogate into another character.
      if (!plaintext.isWellFormed()) throw new TypeError("a value to seal must be well-formed Unicode")
      const { id, key } = await keyring.current(context.workspaceId)
      return joinSealed(id, encrypt(key, associatedDataOf(context, id), Buffer.from(plaintext)))
    },
    async open(context, sealed) {
      const value = placeValue(context, sealed)
      const { key } = await keyring.find(context.workspaceId, value.keyId)
      return openWith(key, value)
    },
    place(context, sealed) {
      const value = placeValue(context, sealed)
      const key = keyring.peek(value.workspaceId, value.keyId)
      // The same texts for all values under one key: equal ones of their own would have to be fetched and compared.
      return key ? { ...value, workspaceId: key.workspaceId, keyId: key.id } : value
    },
    openNow(value) {
      const known = keyring.peek(value.workspaceId, value.keyId)
      return known && openWith(known.key, value)
    },
  }
}

function openWith(key: KeyObject, { bytes, boxStart, context }: PlacedValue): string {
  try {
    return decrypt(key, bytes.subarray(0, boxStart), bytes.subarray(boxStart)).toString()
  } catch (cause) {
    const { record, recordId, field } = context
    throw new CredentialUnreadable(
      "altered_or_moved",
      `${field} of ${record} ${recordId} was altered or belongs to another record`,
      {
        cause,
      },
    )
  }
}
