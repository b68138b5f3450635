/** The time that the sandbox and a development server share, so that expiry can be shown without waiting. */
export interface SandboxClock {
  /** Milliseconds since 1970. */
  now(): number
  /** Moves the time forward. */
  advance(ms: number): void
}

/**
 * A clock that runs with the given one and can be moved ahead of it.
 *
 * @param base where the time comes from, in milliseconds
 */
export function createSandboxClock(base: () => number = Date.now): SandboxClock {
  let aheadMs = 0
  return {
    now: () => base() + aheadMs,
    advance(ms) {
      aheadMs += ms
    },
  }
}
