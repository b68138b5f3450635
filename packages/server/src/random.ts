/** Random identifiers and secrets. */
import { createHash, randomBytes, randomFillSync } from "node:crypto"

/** Lower-case letters and digits that are not mistaken for each other. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// Each call for random bytes enters the kernel; those of identifiers are fetched for many at once, and used once.
const fetched = Buffer.alloc(4_096)
let used = fetched.length

function idText(characters: number): string {
  if (used + characters > fetched.length) {
    randomFillSync(fetched)
    used = 0
  }
  let text = ""
  for (const end = used + characters; used < end; used += 1)
    text += alphabet.charAt((fetched[used] ?? 0) & 31)
  return text
}

/** A prefixed identifier of 130 random bits, e.g. `con_3f…`. Not a secret. */
export function newId(prefix: string): string {
  return `${prefix}_${idText(26)}`
}

const timeDigits = 10

/**
 * An identifier that sorts by the time at which it was made, then at random (80 bits): what is written in order of time
 * goes to the end of its index, not to a page somewhere in it.
 */
export function newOrderedId(prefix: string, now: number): string {
  let time = ""
  for (let rest = now; time.length < timeDigits; rest = Math.floor(rest / 32))
    time = alphabet.charAt(rest % 32) + time
  return `${prefix}_${time}${idText(16)}`
}

/** 256 random bits, URL-safe: 43 characters. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url")
}

export function sha256Text(text: string): string {
  return createHash("sha256").update(text).digest("base64url")
}
