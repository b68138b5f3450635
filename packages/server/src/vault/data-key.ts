/** One workspace's data key, wrapped by a master key for storage. */
import { createSecretKey, type KeyObject, randomBytes, timingSafeEqual } from "node:crypto"
import type { DataKey } from "../storage/stores/data-keys.ts"
import { CredentialUnreadable } from "./credential-unreadable.ts"
import { type MasterKey, WrappingRefused } from "./master-key.ts"
import type { MasterKeys } from "./master-keys.ts"

const keyBytes = 32

type Identity = Pick<DataKey, "id" | "workspaceId">

/** A data key that this process may use. */
export interface UnwrappedDataKey extends Identity {
  readonly key: KeyObject
  readonly createdAt: number
}

/** A new random data key, wrapped: the plain key is read back by unwrapping, so that only one path yields keys. */
export async function newDataKey(
  identity: Identity & Pick<DataKey, "epoch">,
  masterKey: MasterKey,
  createdAt: number,
): Promise<DataKey> {
  const plain = randomBytes(keyBytes)
  try {
    const wrapped = await masterKey.wrap(contextOf(identity), plain)
    return { ...identity, masterKeyId: masterKey.id, wrapped, createdAt }
  } finally {
    plain.fill(0)
  }
}

/** @throws CredentialUnreadable, MasterKeyUnavailable */
export async function unwrapDataKey(stored: DataKey, masterKeys: MasterKeys): Promise<UnwrappedDataKey> {
  const plain = await unwrap(stored, masterKeys)
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

/** The same data key under another master key. @throws CredentialUnreadable, MasterKeyUnavailable */
export async function rewrapDataKey(
  stored: DataKey,
  masterKeys: MasterKeys,
  target: MasterKey,
): Promise<DataKey> {
  const plain = await unwrap(stored, masterKeys)
  try {
    const wrapped = await target.wrap(contextOf(stored), plain)
    // The old wrapping is about to be written over: the new one must have been seen to open.
    const again = await target.unwrap(contextOf(stored), wrapped)
    if (!timingSafeEqual(plain, again)) throw new Error(`data key ${stored.id} came back changed`)
    again.fill(0)
    return { ...stored, masterKeyId: target.id, wrapped }
  } finally {
    plain.fill(0)
  }
}

async function unwrap(stored: DataKey, masterKeys: MasterKeys): Promise<Uint8Array> {
  const masterKey = masterKeys.byId.get(stored.masterKeyId)
  if (!masterKey) {
    throw new CredentialUnreadable(
      "master_key_missing",
      `data key ${stored.id} is wrapped by the master key "${stored.masterKeyId}", which is not in GRANTRY_MASTER_KEY`,
    )
  }
  try {
    const plain = await masterKey.unwrap(contextOf(stored), stored.wrapped)
    if (plain.length === keyBytes) return plain
  } catch (cause) {
    throw cause instanceof WrappingRefused ? altered(stored, cause) : cause
  }
  throw altered(stored)
}

function contextOf({ id, workspaceId }: Identity) {
  return { workspaceId, dataKeyId: id }
}

function altered(stored: DataKey, cause?: unknown): CredentialUnreadable {
  return new CredentialUnreadable(
    "data_key_altered",
    `data key ${stored.id} was altered or belongs to another row`,
    { cause },
  )
}
