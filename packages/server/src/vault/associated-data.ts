/**
 * Associated data: what a ciphertext is good for. Each part is preceded by its length, so that no two lists of parts
 * give the same bytes.
 */
const lengthBytes = 4
/** UTF-8 needs at most three bytes for each UTF-16 code unit. */
const maxBytesPerUnit = 3

// Rewritten by every call: the cipher copies it before the call that filled it ends.
const scratch = Buffer.allocUnsafe(4096)

/**
 * Joins parts without ambiguity.
 *
 * @returns bytes that are valid until the next call
 */
export function associatedData(version: number, parts: readonly string[]): Uint8Array {
  const buffer = bufferFor(parts)
  buffer[0] = version
  let end = 1
  for (const part of parts) {
    const length = buffer.write(part, end + lengthBytes)
    buffer.writeUInt32BE(length, end)
    end += lengthBytes + length
  }
  return buffer.subarray(0, end)
}

function bufferFor(parts: readonly string[]): Buffer {
  let needed = 1
  for (const part of parts) needed += lengthBytes + part.length * maxBytesPerUnit
  return needed <= scratch.length ? scratch : Buffer.allocUnsafe(needed)
}
