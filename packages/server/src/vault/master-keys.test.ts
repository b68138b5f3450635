import { createSecretKey, randomBytes } from "node:crypto"
import { expect, test } from "vitest"
import { localMasterKey } from "./local-master-key.ts"
import { MasterKeysInvalid, parseMasterKeys } from "./master-keys.ts"

const bytes = randomBytes(32)
const key = bytes.toString("base64")
const checkOf = (id: string, secret: Buffer) => localMasterKey(id, createSecretKey(secret)).newCheck()

test("the first key encrypts, all decrypt", async () => {
  const other = randomBytes(32)
  const keys = parseMasterKeys(`k2:${other.toString("base64url")}, k1:${key}`)
  expect(keys.first.id).toBe("k2")
  expect([...keys.byId.keys()]).toEqual(["k2", "k1"])
  expect(await keys.byId.get("k1")?.passes(await checkOf("k1", bytes))).toBe(true)
  expect(await keys.first.passes(await checkOf("k2", other))).toBe(true)
  expect(await keys.first.passes(await checkOf("k2", bytes))).toBe(false)
})

test.each([
  ["", "entry 1 is empty"],
  [`k1:${key},`, "entry 2 is empty"],
  [key, "entry 1 has no id"],
  [`:${key}`, "the id of entry 1 is not"],
  [`${key}:k1`, "the id of entry 1 is not"],
  [`k 1:${key}`, "the id of entry 1 is not"],
  ["k1:", 'entry 1 ("k1") has no key'],
  [`k1:${key.slice(0, 20)}`, 'entry 1 ("k1") holds 15 bytes, but a key has 32'],
  [`k1:${randomBytes(33).toString("base64")}`, 'entry 1 ("k1") holds 33 bytes'],
  [`k1:${key}!`, 'entry 1 ("k1") is not base64'],
  [`k1:${key}:x`, 'entry 1 ("k1") is not base64'],
  [`k1:${key},k1:${key}`, 'the id "k1" appears twice'],
])("%s: the message is precise and quotes no key", (text, message) => {
  expect(() => parseMasterKeys(text)).toThrow(MasterKeysInvalid)
  expect(() => parseMasterKeys(text)).toThrow(message)
  try {
    parseMasterKeys(text)
  } catch (error) {
    expect(String(error)).not.toContain(key.slice(0, 8))
  }
})
