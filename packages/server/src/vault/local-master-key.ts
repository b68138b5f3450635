/** A master key that this process holds: AES-256-GCM. */
import { createHmac, type KeyObject } from "node:crypto"
import { associatedData } from "./associated-data.ts"
import { decrypt, emptyBoxBytes, encrypt } from "./gcm.ts"
import { type MasterKey, type WrapContext, WrappingRefused } from "./master-key.ts"

const version = 1

export function localMasterKey(id: string, key: KeyObject): MasterKey {
  const placeOf = ({ dataKeyId, workspaceId }: WrapContext) =>
    associatedData(version, ["data_key", workspaceId, dataKeyId, id])
  // One way: the key cannot be found from it (the key has 256 random bits).
  const check = createHmac("sha256", key).update(`grantry master key check\n${id}`).digest("base64url")
  return {
    id,
    async wrap(context, dataKey) {
      return Buffer.concat([Uint8Array.of(version), encrypt(key, placeOf(context), dataKey)])
    },
    async unwrap(context, wrapped) {
      if (wrapped[0] !== version || wrapped.length <= emptyBoxBytes) throw refused(id)
      try {
        return decrypt(key, placeOf(context), wrapped.subarray(1))
      } catch (cause) {
        throw refused(id, cause)
      }
    },
    newCheck: async () => check,
    passes: async (other) => other === check,
    trouble: () => undefined,
    close: async () => undefined,
  }
}

function refused(id: string, cause?: unknown): WrappingRefused {
  return new WrappingRefused(`the master key "${id}" did not make this wrapping`, { cause })
}
