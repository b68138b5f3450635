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
   * @param known the set that did not have the wanted key: a newer one is fetched, at most once per cool-down
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
  readonly failure: unknown
}

export interface KeySetLimits {
  /** A set is fetched anew after this long. */
  readonly freshMs: number
  /** A set is used for this long while no newer one can be fetched. */
  readonly staleMs: number
  readonly cooldownMs: number
  readonly deadlineMs: number
}

export const keySetLimits: KeySetLimits = {
  freshMs: 10 * 60_000,
  staleMs: 60 * 60_000,
  cooldownMs: 30_000,
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

export function createKeySets({ outbound, now, limits = keySetLimits }: Dependencies): KeySets {
  const entries = createBoundedMap<Entry>(maxSets)
  const fetchOnce = createSingleFlight<Entry>()

  async function refresh(url: string): Promise<Entry> {
    const triedAt = now()
    const before = entries.get(url)
    let entry: Entry
    try {
      const keySet = await fetchKeySet(outbound, url, limits.deadlineMs)
      entry = { keySet, fetchedAt: triedAt, triedAt, failure: undefined }
    } catch (failure) {
      entry = { keySet: before?.keySet, fetchedAt: before?.fetchedAt ?? 0, triedAt, failure }
    }
    entries.set(url, entry)
    return entry
  }

  const isUsable = (entry: Entry) =>
    entry.keySet !== undefined && now() - entry.fetchedAt < limits.staleMs ? entry.keySet : undefined

  return {
    async find(url, known) {
      let entry = entries.get(url)
      const isFresh = entry?.keySet !== undefined && now() - entry.fetchedAt < limits.freshMs
      const isWanted = !isFresh || entry?.keySet === known
      const mayTry = entry === undefined || now() - entry.triedAt >= limits.cooldownMs
      if (isWanted && mayTry) entry = await fetchOnce(url, () => refresh(url))
      if (!entry) throw new Error("a key set is neither known nor was it asked for")
      const usable = isUsable(entry)
      // A key that is not in the old set may be in the one that cannot be fetched.
      if (usable && (usable !== known || entry.failure === undefined)) return usable
      const retryAfterMs = Math.max(1_000, entry.triedAt + limits.cooldownMs - now())
      throw new KeySetUnavailable("the JWK Set cannot be fetched", retryAfterMs, entry.failure)
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
