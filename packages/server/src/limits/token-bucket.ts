/** A rate that may be saved up for a second. Pure: the time, monotonic milliseconds, is an argument. */
export interface TokenBucket {
  /** Whole tokens at hand. */
  available(nowMs: number): number
  take(count: number): void
}

export function createTokenBucket(perSecond: number, startMs: number): TokenBucket {
  const capacity = Math.max(1, perSecond)
  let tokens = 1
  let at = startMs

  return {
    available(nowMs) {
      tokens = Math.min(capacity, tokens + ((nowMs - at) * perSecond) / 1000)
      at = nowMs
      return Math.floor(tokens + 1e-9)
    },
    take(count) {
      tokens -= count
    },
  }
}
