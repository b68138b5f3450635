/** The operator's keys: they wrap the workspaces' data keys and are never stored with them. */
import { createSecretKey } from "node:crypto"
import { KeyAddressInvalid, keyServiceNames, parseKeyAddress } from "./key-services/parse-key-address.ts"
import { localMasterKey } from "./local-master-key.ts"
import type { MasterKey } from "./master-key.ts"
import { serviceMasterKey, type ServiceMasterKeyOptions } from "./service-master-key.ts"

export interface MasterKeys {
  /** Wraps every new data key. */
  readonly first: MasterKey
  /** All of them, the first included: each unwraps what it wrapped. */
  readonly byId: ReadonlyMap<string, MasterKey>
}

/** The text does not name master keys. The message never quotes it: the wrong part may be the key. */
export class MasterKeysInvalid extends Error {
  override readonly name = "MasterKeysInvalid"
}

export const masterKeyBytes = 32
export const masterKeyForm =
  'a comma list of id:key, each key 32 random bytes in base64 (e.g. "k1:" + `openssl rand -base64 32`) or the address of a key in AWS KMS, Google Cloud KMS or Vault Transit (docs/operating.md)'

/** Shorter than the base64 of a key, so that a key in the place of its id is not taken for one. */
const idPattern = /^[A-Za-z0-9._-]{1,32}$/
const base64Pattern = /^[A-Za-z0-9+/_-]+={0,2}$/

/**
 * Reads `GRANTRY_MASTER_KEY`.
 *
 * @param text `id:base64,id2:base64`: the first encrypts, all decrypt
 * @param services how key services are reached; without it only keys of this process are taken
 * @throws MasterKeysInvalid
 */
export function parseMasterKeys(text: string, services?: ServiceMasterKeyOptions): MasterKeys {
  const keys = text.split(",").map((entry, index) => parseEntry(entry.trim(), index + 1, services))
  const byId = new Map<string, MasterKey>()
  for (const key of keys) {
    if (byId.has(key.id)) throw new MasterKeysInvalid(`the id "${key.id}" appears twice`)
    byId.set(key.id, key)
  }
  const [first] = keys
  if (!first) throw new MasterKeysInvalid("it names no key")
  return { first, byId }
}

function parseEntry(entry: string, position: number, services?: ServiceMasterKeyOptions): MasterKey {
  const colon = entry.indexOf(":")
  if (entry === "") throw new MasterKeysInvalid(`entry ${position} is empty`)
  if (colon < 0) throw new MasterKeysInvalid(`entry ${position} has no id: it must read id:key`)
  const id = entry.slice(0, colon)
  if (Object.hasOwn(keyServiceNames, id))
    throw new MasterKeysInvalid(`entry ${position} has no id: it must read id:${id}:…, e.g. k2:${id}:…`)
  if (!idPattern.test(id)) {
    throw new MasterKeysInvalid(
      `the id of entry ${position} is not 1 to 32 letters, digits, dots, dashes or underscores`,
    )
  }
  return parseValue(id, entry.slice(colon + 1), `entry ${position} ("${id}")`, services)
}

function parseValue(
  id: string,
  value: string,
  entry: string,
  services: ServiceMasterKeyOptions | undefined,
): MasterKey {
  try {
    const address = parseKeyAddress(value)
    if (!address) return localMasterKey(id, createSecretKey(parseKey(value, entry)))
    if (services) return serviceMasterKey(id, address, services)
    throw new MasterKeysInvalid(
      `${entry} is in ${keyServiceNames[address.kind]}, which is not reached from here`,
    )
  } catch (error) {
    if (!(error instanceof KeyAddressInvalid)) throw error
    throw new MasterKeysInvalid(`${entry} must be ${error.message}`)
  }
}

function parseKey(encoded: string, entry: string): Buffer {
  if (encoded === "") throw new MasterKeysInvalid(`${entry} has no key`)
  if (!base64Pattern.test(encoded)) throw new MasterKeysInvalid(`${entry} is not base64`)
  const bytes = Buffer.from(encoded, "base64")
  if (bytes.length !== masterKeyBytes) {
    throw new MasterKeysInvalid(`${entry} holds ${bytes.length} bytes, but a key has ${masterKeyBytes}`)
  }
  return bytes
}

/** Lets the connections to key services go. */
export async function closeMasterKeys({ byId }: MasterKeys): Promise<void> {
  await Promise.all([...byId.values()].map((key) => key.close()))
}
