import { describe, expect, test } from "vitest"
import { atHand, bucketOfOne, shareOf, take, waitMs } from "./token-bucket.ts"

const perSecond = (count: number) => ({ count, windowMs: 1_000 })

describe("a token bucket", () => {
  test("that begins with one gives no more than its rate", () => {
    const rate = perSecond(10)
    let bucket = bucketOfOne(rate, 0)
    expect(atHand(bucket, rate, 0)).toBe(1)
    bucket = take(bucket, rate, 0)
    expect(atHand(bucket, rate, 99)).toBe(0)
    expect(atHand(bucket, rate, 100)).toBe(1)
    let taken = 1
    for (let now = 100; now <= 10_000; now += 7) {
      const count = atHand(bucket, rate, now)
      bucket = take(bucket, rate, now, count)
      taken += count
    }
    expect(taken).toBeGreaterThanOrEqual(99)
    expect(taken).toBeLessThanOrEqual(101)
  })

  test("saves up one window's worth and no more", () => {
    expect(atHand(0, perSecond(10), 3_600_000)).toBe(10)
    expect(atHand(0, { count: 600, windowMs: 60_000 }, 3_600_000)).toBe(600)
  })

  test("a rate below one in a window saves up for one", () => {
    const rate = perSecond(0.5)
    const bucket = take(bucketOfOne(rate, 0), rate, 0)
    expect(atHand(bucket, rate, 1_999)).toBe(0)
    expect(atHand(bucket, rate, 2_000)).toBe(1)
  })

  test("an empty one says how long the next takes, and a full one that nothing does", () => {
    const rate = perSecond(4)
    let bucket = 0
    for (let taken = 0; taken < 4; taken += 1) {
      expect(waitMs(bucket, rate, 5_000)).toBe(0)
      bucket = take(bucket, rate, 5_000)
    }
    expect(waitMs(bucket, rate, 5_000)).toBe(250)
    expect(waitMs(bucket, rate, 5_200)).toBe(50)
    expect(waitMs(bucket, rate, 5_250)).toBe(0)
  })

  test("a clock that is set back by an hour locks nobody out for longer than the window", () => {
    const rate = perSecond(4)
    const bucket = take(0, rate, 3_600_000, 4)
    expect(waitMs(bucket, rate, 0)).toBe(250)
    const refused = take(bucket, rate, 0, 0)
    expect([waitMs(refused, rate, 249), waitMs(refused, rate, 250)]).toEqual([1, 0])
  })

  test("is shared by replicas without changing its window", () => {
    const half = shareOf({ count: 600, windowMs: 60_000 }, 2)
    expect(atHand(0, half, 1)).toBe(300)
    expect(waitMs(take(0, half, 0, 300), half, 0)).toBe(200)
  })
})
