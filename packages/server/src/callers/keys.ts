/** API keys, service keys and a device login's tokens: prefix + 256 random bits + checksum; only their SHA-256 is stored. */
import { hash, randomBytes } from "node:crypto"

/** A member's key, a service's key; of a device login its code, its access and its refresh token. */
export type KeyPrefix = "b44k_" | "gsk_" | "gdc_" | "gat_" | "grt_"

const checksumLength = 6
/** Of the key, shown in lists so that people can tell keys apart. */
const shownLength = 12

export interface NewKey {
  /** Shown once. */
  readonly secret: string
  readonly hash: Uint8Array
  readonly prefix: string
}

export function newKey(prefix: KeyPrefix): NewKey {
  const body = prefix + randomBytes(32).toString("base64url")
  return describeKey(body + checksum(body))
}

export function describeKey(secret: string): NewKey {
  return { secret, hash: hashKey(secret), prefix: secret.slice(0, shownLength) }
}

export function hashKey(secret: string): Uint8Array {
  return hash("sha256", secret, "buffer")
}

/** The same hash as text: a name for what is kept in memory about a key. */
export function hashKeyText(secret: string): string {
  return hash("sha256", secret, "hex")
}

/** A mistyped service key is refused without asking the database. */
export function hasValidChecksum(secret: string): boolean {
  const body = secret.slice(0, -checksumLength)
  return checksum(body) === secret.slice(-checksumLength)
}

function checksum(body: string): string {
  return hash("sha256", body, "base64url").slice(0, checksumLength)
}
