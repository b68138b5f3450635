/**
 * Buckets for keys that anybody can make up: network addresses, users whom an app names. There is a fixed number of
 * them, so that a million keys take no more memory than one; and none is ever thrown out, so that nobody gets rid of
 * their own by flooding the table. A key belongs to two of them, found by a hash whose secret is this process's own,
 * and is refused when both are used up: to be held up by strangers, one would have to share both with them, and they
 * cannot choose whose.
 */
import { hash, randomBytes } from "node:crypto"
import { type Rate, take, waitMs } from "./token-bucket.ts"

export interface Slots {
  /** Takes one. @returns how long to wait when there is none; 0: it was taken */
  use(key: string, rate: Rate, now: number): number
  /** How long to wait for one, without taking it. */
  wait(key: string, rate: Rate, now: number): number
}

/** Half a megabyte. */
const slotCount = 65_536

export function createSlots(count = slotCount, secret = randomBytes(32).toString("hex")): Slots {
  const fullAt = new Float64Array(count)

  function placesOf(key: string): readonly [number, number] {
    const digest = hash("sha256", secret + key, "buffer")
    return [digest.readUInt32LE(0) % count, digest.readUInt32LE(4) % count]
  }

  const waitAt = (place: number, rate: Rate, now: number): number => waitMs(fullAt[place] ?? 0, rate, now)

  function changeBoth(places: readonly [number, number], rate: Rate, now: number, taken: number): void {
    // Once for a key whose two places are one.
    for (const place of new Set(places)) fullAt[place] = take(fullAt[place] ?? 0, rate, now, taken)
  }

  function waitOf(places: readonly [number, number], rate: Rate, now: number): number {
    return Math.min(waitAt(places[0], rate, now), waitAt(places[1], rate, now))
  }

  return {
    use(key, rate, now) {
      const places = placesOf(key)
      const wait = waitOf(places, rate, now)
      changeBoth(places, rate, now, wait > 0 ? 0 : 1)
      return wait
    },
    wait(key, rate, now) {
      return waitOf(placesOf(key), rate, now)
    },
  }
}
