/** xorshift32: the same sequence in every run, and cheap enough not to show. */
export function createRandom(seed: number): (below: number) => number {
  let state = seed | 0
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
