import { describe, expect, test } from "vitest"
import { createFlights } from "./flights.ts"

describe("flights", () => {
  test("whoever comes while one is under way gets its result; the next one starts anew", async () => {
    const flights = createFlights<number>()
    const first = Promise.withResolvers<number>()
    let starts = 0
    const start = () => {
      starts += 1
      return first.promise
    }
    const joined = [
      flights.join("a", start),
      flights.join("a", start),
      flights.join("b", () => Promise.resolve(2)),
    ]
    first.resolve(1)
    expect(await Promise.all(joined)).toEqual([1, 1, 2])
    expect(starts).toBe(1)
    await flights.ended()
    expect(await flights.join("a", () => Promise.resolve(3))).toBe(3)
  })

  test("a failure reaches everybody who joined, and the key is free again", async () => {
    const flights = createFlights<number>()
    const failing = () => Promise.reject(new Error("no"))
    const both = await Promise.allSettled([flights.join("a", failing), flights.join("a", failing)])
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"])
    await flights.ended()
    expect(await flights.join("a", () => Promise.resolve(1))).toBe(1)
  })

  test("a flight stays joinable until what it held has ended, also when that fails", async () => {
    const flights = createFlights<number>()
    const held = Promise.withResolvers<void>()
    const result = await flights.join("a", async (hold) => {
      hold(held.promise)
      return 1
    })
    expect(result).toBe(1)
    await flights.landed()
    expect(await flights.join("a", () => Promise.resolve(2))).toBe(1)
    held.reject(new Error("it reports this itself"))
    await flights.ended()
    expect(await flights.join("a", () => Promise.resolve(2))).toBe(2)
  })

  test("work may be held after the first wait too, and more than once", async () => {
    const flights = createFlights<number>()
    const held = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    await flights.join("a", async (hold) => {
      await Promise.resolve()
      for (const { promise } of held) hold(promise)
      return 1
    })
    let ended = false
    const end = flights.ended().then(() => (ended = true))
    held[0]?.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    expect(ended).toBe(false)
    held[1]?.resolve()
    await end
    expect(ended).toBe(true)
  })
})
