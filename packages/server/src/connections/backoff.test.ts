import { describe, expect, test } from "vitest"
import { type RefreshTroubleKind, retryDelayMs } from "./backoff.ts"

const trouble = (kind: RefreshTroubleKind, retryAfterMs: number | null = null) => ({ kind, retryAfterMs })

describe("the pause after a failed refresh", () => {
  test.each([
    [0, 1_000],
    [1, 2_000],
    [5, 32_000],
    [8, 256_000],
    [9, 300_000],
    [1_000_000, 300_000],
  ])("after %i failures in a row it is %i ms, and never longer than five minutes", (failures, delayMs) => {
    expect(retryDelayMs(trouble("transient"), failures, 0)).toBe(delayMs)
    expect(retryDelayMs(trouble("malformed"), failures, 0)).toBe(delayMs)
    expect(retryDelayMs(trouble("rate_limited"), failures, 0)).toBe(delayMs)
  })

  test("many connections are spread over a fifth of it", () => {
    expect(retryDelayMs(trouble("transient"), 3, 0)).toBe(8_000)
    expect(retryDelayMs(trouble("transient"), 3, 0.5)).toBe(8_800)
    expect(retryDelayMs(trouble("transient"), 3, 1)).toBe(9_600)
  })

  test.each(["transient", "rate_limited", "malformed", "client_misconfigured"] as const)(
    "%s: what the provider asks for counts, shorter or longer, but a second at least",
    (kind) => {
      expect(retryDelayMs(trouble(kind, 30_000), 9, 1)).toBe(30_000)
      expect(retryDelayMs(trouble(kind, 3_600_000), 0, 1)).toBe(3_600_000)
      expect(retryDelayMs(trouble(kind, 0), 9, 1)).toBe(1_000)
    },
  )

  test.each(["client_misconfigured", "not_asked"] as const)(
    "%s rests for ten seconds however often it fails: somebody mends it",
    (kind) => {
      expect(retryDelayMs(trouble(kind), 0, 0)).toBe(10_000)
      expect(retryDelayMs(trouble(kind), 50, 1)).toBe(10_000)
    },
  )
})
