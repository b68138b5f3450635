/** The bytes of a sealed value: version, length of the data key's id, the id, then the box. */
import { CredentialUnreadable } from "./credential-unreadable.ts"
import { emptyBoxBytes } from "./gcm.ts"

export const sealVersion = 1
const headerBytes = 2
const maxIdBytes = 255

export function joinSealed(dataKeyId: string, box: Uint8Array): Uint8Array {
  const id = Buffer.from(dataKeyId, "latin1")
  if (id.length === 0 || id.length > maxIdBytes)
    throw new RangeError("a data key's id has 1 to 255 characters")
  return Buffer.concat([Uint8Array.of(sealVersion, id.length), id, box])
}

/** @throws CredentialUnreadable */
export function sealedKeyId(sealed: Uint8Array): string {
  const idLength = sealed[1] ?? 0
  if (sealed[0] !== sealVersion || idLength === 0 || sealed.length < headerBytes + idLength + emptyBoxBytes) {
    throw new CredentialUnreadable("not_sealed", "the stored value is not a sealed value of a known version")
  }
  return asBuffer(sealed).toString("latin1", headerBytes, headerBytes + idLength)
}

/** Of a value that `sealedKeyId` has accepted. */
export function sealedBox(sealed: Uint8Array): Uint8Array {
  return sealed.subarray(headerBytes + (sealed[1] ?? 0))
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
