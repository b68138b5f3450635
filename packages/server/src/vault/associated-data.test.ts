import fc from "fast-check"
import { expect, test } from "vitest"
import { associatedData } from "./associated-data.ts"

const bytes = (parts: readonly string[], version = 1) =>
  Buffer.from(associatedData(version, parts)).toString("hex")

test("different lists of parts never give the same bytes", () => {
  const part = fc.string({ unit: fc.constantFrom("\0", "\u0001", "a", "é"), maxLength: 8 })
  const parts = fc.array(part, { maxLength: 4 })
  fc.assert(
    fc.property(parts, parts, (one, other) => {
      expect(bytes(one) === bytes(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
    }),
    { numRuns: 2_000 },
  )
})

test("a part that imitates the border between two is still one part", () => {
  expect(bytes(["a\0\0\0\0b"])).not.toBe(bytes(["a", "b"]))
  expect(bytes(["a\0\0\0\u0001b"])).not.toBe(bytes(["a", "b"]))
})

test("the version counts", () => {
  expect(bytes(["a"], 1)).not.toBe(bytes(["a"], 2))
})
