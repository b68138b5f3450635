import { describe, expect, test } from "vitest"
import { createTokenBucket } from "./token-bucket.ts"

describe("a token bucket", () => {
  test("begins with one, and gives no more than its rate", () => {
    const bucket = createTokenBucket(10, 0)
    expect(bucket.available(0)).toBe(1)
    bucket.take(1)
    expect(bucket.available(99)).toBe(0)
    expect(bucket.available(100)).toBe(1)
    let taken = 1
    for (let now = 100; now <= 10_000; now += 7) {
      const count = bucket.available(now)
      bucket.take(count)
      taken += count
    }
    expect(taken).toBeGreaterThanOrEqual(99)
    expect(taken).toBeLessThanOrEqual(101)
  })

  test("saves up a second's worth and no more", () => {
    const bucket = createTokenBucket(10, 0)
    expect(bucket.available(3_600_000)).toBe(10)
  })

  test("a rate below one a second saves up for one", () => {
    const bucket = createTokenBucket(0.5, 0)
    bucket.take(bucket.available(0))
    expect(bucket.available(1_999)).toBe(0)
    expect(bucket.available(2_000)).toBe(1)
  })
})
