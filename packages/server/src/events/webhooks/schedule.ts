/** When a delivery is tried again, and when it is given up. Pure. */

const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs

/** After the first try, the second, …; the last pause repeats until the message is a day old. */
const pausesMs = [
  5 * secondMs,
  minuteMs,
  5 * minuteMs,
  15 * minuteMs,
  30 * minuteMs,
  hourMs,
  2 * hourMs,
  4 * hourMs,
]
/** However long an endpoint has failed, it is looked at this often. */
const longestRestMs = 5 * minuteMs

export const giveUpAfterMs = 24 * hourMs
/** An endpoint that has failed for so long without one success is disabled. */
export const disableAfterMs = 5 * 24 * hourMs
/** How long the list of deliveries goes back. */
export const keepMs = 7 * 24 * hourMs

/**
 * @param tries that have been made of this message
 * @param spread 0 … 1: spreads the tries of many messages over a fifth of the pause
 */
export function retryPauseMs(tries: number, spread: number): number {
  return Math.round(pauseAfter(tries) * (1 + 0.2 * spread))
}

/**
 * How long nothing is sent to an endpoint that has just failed.
 *
 * @param failures in a row, this one included
 */
export function restMs(failures: number): number {
  return Math.min(pauseAfter(failures), longestRestMs)
}

function pauseAfter(count: number): number {
  return pausesMs[Math.min(Math.max(count, 1), pausesMs.length) - 1] ?? longestRestMs
}
