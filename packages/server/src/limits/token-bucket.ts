/**
 * How much may be used at once and how fast it comes back. A bucket's whole state is one number: the time at which
 * everything that was taken from it will have come back; 0 for a full one. Pure: times are milliseconds and arguments.
 */

/** So many at once, and as many again in each window. */
export interface Rate {
  readonly count: number
  readonly windowMs: number
}

/** @returns the state of a bucket that holds one, however large it is */
export function bucketOfOne(rate: Rate, now: number): number {
  return now + spanMs(rate) - costMs(rate)
}

/** Whole ones at hand. */
export function atHand(fullAt: number, rate: Rate, now: number): number {
  return Math.floor((spanMs(rate) - debtMs(fullAt, rate, now)) / costMs(rate) + 1e-9)
}

/** How long until one can be taken; 0: at once. */
export function waitMs(fullAt: number, rate: Rate, now: number): number {
  return Math.max(0, debtMs(fullAt, rate, now) + costMs(rate) - spanMs(rate))
}

/** @returns the state after; with nothing taken, of a refused caller, it heals what a clock that was set back left */
export function take(fullAt: number, rate: Rate, now: number, count = 1): number {
  return now + debtMs(fullAt, rate, now) + count * costMs(rate)
}

/** What is missing. Never more than a whole bucket: a clock that was set back must not lock anybody out. */
function debtMs(fullAt: number, rate: Rate, now: number): number {
  return Math.min(Math.max(0, fullAt - now), spanMs(rate))
}

function costMs({ count, windowMs }: Rate): number {
  return windowMs / count
}

/** Less than one in a window saves up for one. */
function spanMs(rate: Rate): number {
  return Math.max(rate.windowMs, costMs(rate))
}

/** The part that one of several replicas may use: all of them together keep to the whole. */
export function shareOf({ count, windowMs }: Rate, replicas: number): Rate {
  return { count: count / replicas, windowMs }
}
