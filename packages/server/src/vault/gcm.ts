/** AES-256-GCM with random 96-bit nonces and full tags (NIST SP 800-38D). A box is nonce, ciphertext, tag. */
import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto"

const nonceBytes = 12
const tagBytes = 16
/** Without a fixed tag length Node would accept shorter tags, which are easier to forge. */
const options = { authTagLength: tagBytes }

export const emptyBoxBytes = nonceBytes + tagBytes

export function encrypt(key: KeyObject, associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv("aes-256-gcm", key, nonce, options)
  cipher.setAAD(associatedData)
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()])
}

/** @throws when the box was not made with this key and this associated data */
export function decrypt(key: KeyObject, associatedData: Uint8Array, box: Uint8Array): Buffer {
  const tagStart = box.length - tagBytes
  const decipher = createDecipheriv("aes-256-gcm", key, box.subarray(0, nonceBytes), options)
  decipher.setAAD(associatedData)
  decipher.setAuthTag(box.subarray(tagStart))
  const plaintext = decipher.update(box.subarray(nonceBytes, tagStart))
  decipher.final()
  return plaintext
}
