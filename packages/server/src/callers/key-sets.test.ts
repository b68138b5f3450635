import { expect, test } from "vitest"
import type { OutboundRequest } from "../outbound/outbound.ts"
import { createKeySets, type KeySetLimits, KeySetUnavailable, readKeySet } from "./key-sets.ts"

const limits: KeySetLimits = {
  freshMs: 1_000,
  staleMs: 5_000,
  cooldownMs: 300,
  retryMs: 50,
  deadlineMs: 7,
}
const url = "https://login.shop.example/jwks.json"

function scripted(status = 200) {
  const asked: OutboundRequest[] = []
  const script = { status, text: '{"keys":[]}', nowMs: 1_000 }
  const keySets = createKeySets({
    now: () => script.nowMs,
    limits,
    outbound: {
      async send(request) {
        asked.push(request)
        return { status: script.status, headers: {}, text: script.text }
      },
    },
  })
  return { asked, script, keySets }
}

test("parallel requests cause one fetch, and later ones none while the set is fresh", async () => {
  const { asked, keySets, script } = scripted()
  const found = await Promise.all(Array.from({ length: 50 }, () => keySets.find(url)))
  expect(new Set(found).size).toBe(1)
  script.nowMs += limits.freshMs - 1
  expect(await keySets.find(url)).toBe(found[0])
  expect(asked).toEqual([expect.objectContaining({ method: "GET", url, deadlineMs: 7 })])
  script.nowMs += 1
  expect(await keySets.find(url)).not.toBe(found[0])
  expect(asked).toHaveLength(2)
})

test("a key that is missing causes a fetch at once, then one per cool-down", async () => {
  const { asked, keySets, script } = scripted()
  const first = await keySets.find(url)
  const second = await keySets.find(url, first)
  expect(second).not.toBe(first)
  for (let count = 0; count < 100; count += 1) expect(await keySets.find(url, second)).toBe(second)
  expect(asked).toHaveLength(2)
  script.nowMs += limits.cooldownMs
  expect(await keySets.find(url, second)).not.toBe(second)
  expect(asked).toHaveLength(3)
})

test("an old set is used while no newer one can be fetched, for a bounded time", async () => {
  const { asked, keySets, script } = scripted()
  const first = await keySets.find(url)
  script.status = 503
  script.nowMs += limits.staleMs - 1
  expect(await keySets.find(url)).toBe(first)
  expect(asked).toHaveLength(2)
  script.nowMs += 1
  await expect(keySets.find(url)).rejects.toBeInstanceOf(KeySetUnavailable)
})

test("without a set a failure is answered until it is time to try again", async () => {
  const { asked, keySets, script } = scripted(500)
  for (let count = 0; count < 20; count += 1)
    await expect(keySets.find(url)).rejects.toMatchObject({ retryAfterMs: 1_000 })
  expect(asked).toHaveLength(1)
  script.status = 200
  script.nowMs += limits.retryMs
  expect(await keySets.find(url)).toBeDefined()
})

test("a missing key is undecided while the newer set cannot be fetched, and missing once it was", async () => {
  const { keySets, script } = scripted()
  const first = await keySets.find(url)
  script.status = 503
  await expect(keySets.find(url, first)).rejects.toBeInstanceOf(KeySetUnavailable)
  // Its other keys still verify.
  expect(await keySets.find(url)).toBe(first)
  script.status = 200
  script.nowMs += limits.cooldownMs
  expect(await keySets.find(url, first)).not.toBe(first)
})

test.each([
  [200, "<html>"],
  [200, "[]"],
  [200, '{"keys":{}}'],
  [200, JSON.stringify({ keys: Array.from({ length: 101 }, () => ({ kty: "RSA" })) })],
  [302, '{"keys":[]}'],
  [404, '{"keys":[]}'],
])("status %i with %.40s is no key set", async (status, text) => {
  const { keySets, script } = scripted(status)
  script.text = text
  await expect(keySets.find(url)).rejects.toBeInstanceOf(KeySetUnavailable)
})

test("what is no JWK Set is refused", () => {
  for (const value of [null, "x", {}, { keys: null }, { keys: [1] }])
    expect(() => readKeySet(value)).toThrow()
})
