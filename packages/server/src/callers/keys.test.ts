import { hash } from "node:crypto"
import { expect, test } from "vitest"
import { describeKey, hashKey, hasValidChecksum, newKey } from "./keys.ts"

test("a key holds 256 random bits between its prefix and its checksum", () => {
  for (const prefix of ["gsk_", "b44k_"] as const) {
    const { secret } = newKey(prefix)
    expect(secret.startsWith(prefix)).toBe(true)
    expect(Buffer.from(secret.slice(prefix.length, -6), "base64url")).toHaveLength(32)
  }
})

test("no two keys are the same", () => {
  expect(new Set(Array.from({ length: 1_000 }, () => newKey("gsk_").secret)).size).toBe(1_000)
})

test("what is stored is the SHA-256 of the whole key, and what is shown is its first twelve letters", () => {
  const { hash: stored, prefix, secret } = newKey("b44k_")
  expect(Buffer.from(stored).equals(hash("sha256", secret, "buffer"))).toBe(true)
  expect(prefix).toBe(secret.slice(0, 12))
  expect(describeKey(secret)).toEqual({ secret, hash: stored, prefix })
  expect(hashKey(secret)).toEqual(stored)
})

test("every key's checksum holds, and any one letter changed breaks it", () => {
  const { secret } = newKey("gsk_")
  expect(hasValidChecksum(secret)).toBe(true)
  for (let at = 0; at < secret.length; at += 1) {
    const letter = secret[at] === "A" ? "B" : "A"
    expect(hasValidChecksum(secret.slice(0, at) + letter + secret.slice(at + 1))).toBe(false)
  }
  for (const wrong of ["", "gsk_", secret.slice(1), secret.slice(0, -1), `${secret}A`])
    expect(hasValidChecksum(wrong)).toBe(false)
})
