/** What was found out about a credential, for a few seconds and never beyond its end. */
import type { Clock } from "../services.ts"
import { createBoundedMap } from "../vault/bounded-map.ts"

/** A revoked credential is refused by other replicas after this long at the latest; by this process at once. */
export const rememberMs = 5_000
export const maxRemembered = 10_000

interface Entry<T> {
  readonly value: T
  readonly until: number
  readonly expiresAtMs: number
}

export interface Remembered<T> {
  get(key: string): T | undefined
  /** Whether this credential was good when it was last looked up, and is not over by its own word. */
  wasGood(key: string): boolean
  /** Notes the time before a look-up: what it finds may be as old as that. */
  begin(): (key: string, value: T, expiresAtMs: number) => void
  /** It turned out to be good no more. */
  drop(key: string): void
  forget(): void
}

export function createRemembered<T>(clock: Clock): Remembered<T> {
  let entries = createBoundedMap<Entry<T>>(maxRemembered)
  let forgotten = 0
  const isLive = ({ expiresAtMs }: Entry<T>): boolean => expiresAtMs === Infinity || expiresAtMs > clock.now()
  return {
    get(key) {
      const entry = entries.get(key)
      // Wall-clock time on purpose: the development clock can be moved, a revocation must not wait for it.
      if (entry === undefined || entry.until <= performance.now()) return undefined
      return isLive(entry) ? entry.value : undefined
    },
    wasGood(key) {
      const entry = entries.get(key)
      return entry !== undefined && isLive(entry)
    },
    drop: (key) => entries.delete(key),
    begin() {
      const epoch = forgotten
      const until = performance.now() + rememberMs
      return (key, value, expiresAtMs) => {
        if (epoch === forgotten) entries.set(key, { value, until, expiresAtMs })
      }
    },
    forget() {
      forgotten += 1
      entries = createBoundedMap(maxRemembered)
    },
  }
}
