/** JWK Sets of trusted issuers: fetched from where they are registered and nowhere else, shared, and kept for a while. */
import { createLocalJWKSet, type JSONWebKeySet } from "jose"
import type { Outbound } from "../outbound/outbound.ts"
import { createBoundedMap } from "../vault/bounded-map.ts"
import { createSingleFlight } from "../vault/single-flight.ts"

export type KeySet = ReturnType<typeof createLocalJWKSet>

/** Neither the keys could be fetched, nor are there any that may still be used. */
export class KeySetUnavailable extends Error {
  override readonly name = "KeySetUnavailable"
  readonly retryAfterMs: number

  constructor(message: string, retryAfterMs: number, cause: unknown) {
    super(message, { cause })
    this.retryAfterMs = retryAfterMs
  }
}

export interface KeySets {
  /**
   * @param url as it is registered
   * @param known the set that did not have the wanted key: a newer one is fetched, once per cool-down
   * @returns the same set again when there is no newer one
   * @throws KeySetUnavailable
   */
  find(url: string, known?: KeySet): Promise<KeySet>
}

interface Entry {
  readonly keySet: KeySet | undefined
  /** When the set was asked for. */
  readonly fetchedAt: number
  readonly triedAt: number
  /** When it was last asked for because a key was missing. */
  readonly forcedAt: number
  /** Of the last try; undefined: it succeeded. */
  readonly failure: unknown
}

export interface KeySetLimits {
  /** A set is fetched anew after this long. */
  readonly freshMs: number
  /** A set is used for this long while no newer one can be fetched. */
  readonly staleMs: number
  /** Between two fetches for the sake of keys that are not in the set: anybody can name such a key. */
  readonly cooldownMs: number
  /** After a fetch that failed. */
  readonly retryMs: number
  readonly deadlineMs: number
}

const defaultLimits: KeySetLimits = {
  freshMs: 10 * 60_000,
  staleMs: 60 * 60_000,
  cooldownMs: 30_000,
  retryMs: 2_000,
  deadlineMs: 5_000,
}

const maxSets = 1_000
const maxKeys = 100

interface Dependencies {
  readonly outbound: Pick<Outbound, "send">
  /** Milliseconds that nobody moves. */
  readonly now: () => number
  readonly limits?: KeySetLimits
}

export function createKeySets({ outbound, now, limits = defaultLimits }: Dependencies): KeySets {
  const entries = createBoundedMap<Entry>(maxSets)
  const fetchOnce = createSingleFlight<Entry>()

  async function refresh(url: string, isForced: boolean): Promise<Entry> {
    const triedAt = now()
    const { fetchedAt = -Infinity, forcedAt = -Infinity, keySet } = entries.get(url) ?? {}
    const tried = { keySet, fetchedAt, triedAt, forcedAt: isForced ? triedAt : forcedAt }
    const entry = await fetchKeySet(outbound, url, limits.deadlineMs).then(
      (fetched): Entry => ({ ...tried, keySet: fetched, fetchedAt: triedAt, failure: undefined }),
      (failure: unknown): Entry => ({ ...tried, failure }),
    )
    entries.set(url, entry)
    return entry
  }

  function isDue(entry: Entry, isForced: boolean): boolean {
    if (isForced) return now() - entry.forcedAt >= limits.cooldownMs
    const isFresh = now() - entry.fetchedAt < limits.freshMs
    return !isFresh && (entry.failure === undefined || now() - entry.triedAt >= limits.retryMs)
  }

  return {
    async find(url, known) {
      const present = entries.get(url)
      const isForced = known !== undefined && present?.keySet === known
      const entry =
        present === undefined || isDue(present, isForced)
          ? await fetchOnce(url, () => refresh(url, isForced))
          : present
      const usable = now() - entry.fetchedAt < limits.staleMs ? entry.keySet : undefined
      // A key that is not in the old set may be in the one that could not be fetched.
      if (usable && (usable !== known || entry.failure === undefined)) return usable
      const nextAt = usable ? entry.forcedAt + limits.cooldownMs : entry.triedAt + limits.retryMs
      throw new KeySetUnavailable(
        "the JWK Set cannot be fetched",
        Math.max(1_000, nextAt - now()),
        entry.failure,
      )
    },
  }
}

async function fetchKeySet(
  outbound: Pick<Outbound, "send">,
  url: string,
  deadlineMs: number,
): Promise<KeySet> {
  const answer = await outbound.send({
    method: "GET",
    url,
    headers: { accept: "application/jwk-set+json, application/json" },
    deadlineMs,
  })
  if (answer.status !== 200) throw new Error(`the JWK Set was answered with status ${answer.status}`)
  return readKeySet(JSON.parse(answer.text))
}

/** @throws Error when it is no JWK Set (RFC 7517 section 5), or an endless one */
export function readKeySet(value: unknown): KeySet {
  if (typeof value !== "object" || value === null || !("keys" in value) || !Array.isArray(value.keys))
    throw new Error("a JWK Set is an object with the member keys")
  if (value.keys.length > maxKeys) throw new Error(`a JWK Set may hold at most ${maxKeys} keys`)
  return createLocalJWKSet(value as JSONWebKeySet)
}
