/** One workspace's data key, wrapped by a master key for storage. */
import { createSecretKey, type KeyObject, randomBytes } from "node:crypto"
import type { DataKey } from "../storage/stores/data-keys.ts"
import { associatedData } from "./associated-data.ts"
import { CredentialUnreadable } from "./credential-unreadable.ts"
import { decrypt, emptyBoxBytes, encrypt } from "./gcm.ts"
import type { MasterKey, MasterKeys } from "./master-keys.ts"

const version = 1
const keyBytes = 32

type Identity = Pick<DataKey, "id" | "workspaceId">

/** A data key that this process may use. */
export interface UnwrappedDataKey extends Identity {
  readonly key: KeyObject
  readonly createdAt: number
}

/** A new random data key, wrapped: the plain key is read back by unwrapping, so that only one path yields keys. */
export function newDataKey(identity: Identity, masterKey: MasterKey, createdAt: number): DataKey {
  const plain = randomBytes(keyBytes)
  try {
    return { ...identity, masterKeyId: masterKey.id, wrapped: wrap(identity, masterKey, plain), createdAt }
  } finally {
    plain.fill(0)
  }
}

/** @throws CredentialUnreadable */
export function unwrapDataKey(stored: DataKey, masterKeys: MasterKeys): UnwrappedDataKey {
  const plain = unwrap(stored, masterKeys)
  try {
    return {
      id: stored.id,
      workspaceId: stored.workspaceId,
      key: createSecretKey(plain),
      createdAt: stored.createdAt,
    }
  } finally {
    plain.fill(0)
  }
}

/** The same data key under another master key. @throws CredentialUnreadable */
export function rewrapDataKey(stored: DataKey, masterKeys: MasterKeys, target: MasterKey): DataKey {
  const plain = unwrap(stored, masterKeys)
  try {
    return { ...stored, masterKeyId: target.id, wrapped: wrap(stored, target, plain) }
  } finally {
    plain.fill(0)
  }
}

function wrap(identity: Identity, masterKey: MasterKey, plain: Uint8Array): Uint8Array {
  const box = encrypt(masterKey.key, wrapContext(identity, masterKey.id), plain)
  return Buffer.concat([Uint8Array.of(version), box])
}

function unwrap(stored: DataKey, masterKeys: MasterKeys): Buffer {
  const masterKey = masterKeys.byId.get(stored.masterKeyId)
  if (!masterKey) {
    throw new CredentialUnreadable(
      "master_key_missing",
      `data key ${stored.id} is wrapped by the master key "${stored.masterKeyId}", which is not in GRANTRY_MASTER_KEY`,
    )
  }
  const { wrapped } = stored
  if (wrapped[0] !== version || wrapped.length !== 1 + emptyBoxBytes + keyBytes) throw altered(stored)
  try {
    return decrypt(masterKey.key, wrapContext(stored, masterKey.id), wrapped.subarray(1))
  } catch (cause) {
    throw altered(stored, cause)
  }
}

function wrapContext({ id, workspaceId }: Identity, masterKeyId: string): Uint8Array {
  return associatedData(version, ["data_key", workspaceId, id, masterKeyId])
}

function altered(stored: DataKey, cause?: unknown): CredentialUnreadable {
  return new CredentialUnreadable(
    "data_key_altered",
    `data key ${stored.id} was altered or belongs to another row`,
    { cause },
  )
}
