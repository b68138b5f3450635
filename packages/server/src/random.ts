/** Random identifiers and secrets. */
import { createHash, randomBytes } from "node:crypto"

/** Lower-case letters and digits that are not mistaken for each other. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

/** A prefixed identifier of 130 random bits, e.g. `con_3f…`. Not a secret. */
export function newId(prefix: string): string {
  let id = `${prefix}_`
  for (const byte of randomBytes(26)) id += alphabet.charAt(byte & 31)
  return id
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
  let id = `${prefix}_${time}`
  for (const byte of randomBytes(16)) id += alphabet.charAt(byte & 31)
  return id
}

/** 256 random bits, URL-safe: 43 characters. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url")
}

export function sha256Text(text: string): string {
  return createHash("sha256").update(text).digest("base64url")
}
