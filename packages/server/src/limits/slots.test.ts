import { describe, expect, test } from "vitest"
import { createSlots } from "./slots.ts"

const rate = { count: 5, windowMs: 1_000 }

function useUp(slots: ReturnType<typeof createSlots>, key: string, now: number): void {
  for (let used = 0; used < rate.count; used += 1) slots.use(key, rate, now)
}

describe("buckets for keys that anybody can make up", () => {
  test("each key has its own rate, and gets it back", () => {
    const slots = createSlots()
    useUp(slots, "a", 0)
    expect(slots.use("a", rate, 0)).toBe(200)
    expect(slots.wait("a", rate, 0)).toBe(200)
    expect(slots.use("b", rate, 0)).toBe(0)
    expect(slots.use("a", rate, 200)).toBe(0)
    expect(slots.use("a", rate, 200)).toBe(200)
  })

  test("looking takes nothing", () => {
    const slots = createSlots()
    for (let looks = 0; looks < 20; looks += 1) expect(slots.wait("a", rate, 0)).toBe(0)
    expect(slots.use("a", rate, 0)).toBe(0)
  })

  test("a million other keys neither set one back that is used up nor take memory", () => {
    const slots = createSlots()
    useUp(slots, "limited", 0)
    const before = process.memoryUsage().arrayBuffers
    for (let key = 0; key < 1_000_000; key += 1) slots.use(`2001:db8:${key}`, rate, 0)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
    expect(slots.use("limited", rate, 0)).toBeGreaterThan(0)
    expect(slots.use("limited", rate, 1_000)).toBe(0)
  })

  test("ten thousand addresses that have used up theirs hold up fewer than one in ten others", () => {
    const slots = createSlots(65_536, "a secret for the test")
    for (let key = 0; key < 10_000; key += 1) useUp(slots, `attacker ${key}`, 0)
    let heldUp = 0
    for (let key = 0; key < 1_000; key += 1) if (slots.use(`other ${key}`, rate, 0) > 0) heldUp += 1
    expect(heldUp).toBeLessThan(100)
  })

  test("whom one shares a bucket with differs from process to process", () => {
    const shared = (secret: string): string[] => {
      const slots = createSlots(64, secret)
      for (let key = 0; key < 10; key += 1) useUp(slots, `attacker ${key}`, 0)
      return Array.from({ length: 200 }, (_, key) => `other ${key}`).filter(
        (key) => slots.wait(key, rate, 0) > 0,
      )
    }
    expect(shared("one")).toEqual(shared("one"))
    expect(shared("one")).not.toEqual(shared("two"))
  })
})
