/** Chance that can be repeated: a race that failed is run again with the seed that it printed. */

export interface Seeded {
  readonly seed: number
  /** 0 ≤ n < 1 */
  next(): number
  /** A whole number below `end`. */
  below(end: number): number
  pick<T>(choices: readonly [T, ...T[]]): T
}

/** Mulberry32: a small generator with a period of 2^32, enough to vary an order of events. */
export function seededRandom(seed = Math.floor(Math.random() * 2 ** 32)): Seeded {
  let state = seed
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return { seed, next, below, pick: (choices) => choices[below(choices.length)] ?? choices[0] }
}
