import { expect, test } from "vitest"
import { newId, newOrderedId } from "./random.ts"

test("ordered identifiers sort by time, whatever their random part", () => {
  const times = [0, 1, 31, 32, 1_800_000_000_000, 1_800_000_000_001, 32 ** 10 - 1]
  const ids = times.map((time) => newOrderedId("evt", time))
  expect(ids.toSorted()).toEqual(ids)
})

test("identifiers of one moment differ and are as long as any other", () => {
  const ids = Array.from({ length: 1_000 }, () => newOrderedId("evt", 1_800_000_000_000))
  expect(new Set(ids).size).toBe(ids.length)
  expect(new Set([...ids, newId("evt")].map((id) => id.length)).size).toBe(1)
})

test("identifiers stay different and complete over many fetches of random bytes", () => {
  const ids = Array.from({ length: 2_000 }, (_, index) =>
    index % 3 === 0 ? newId("x") : newOrderedId("x", 0),
  )
  expect(new Set(ids.map((id) => id.slice(-16))).size).toBe(ids.length)
  expect(ids.every((id) => /^x_[0-9a-z]{26}$/.test(id))).toBe(true)
})
