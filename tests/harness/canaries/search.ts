/** Looks for many secrets in many encodings at once: one pass over the bytes, however many secrets there are. */
import { shortestCanary } from "./planted.ts"

export interface Hit {
  /** What was found, e.g. `refresh_token`. */
  readonly what: string
  readonly encoding: string
  readonly at: number
}

interface Pattern {
  readonly bytes: Buffer
  readonly what: string
  readonly encoding: string
}

export type Search = (content: string | Uint8Array) => readonly Hit[]

/** Secrets of one issuer begin alike, so that their last bytes are what tells them apart. */
const windowBytes = shortestCanary
const base = 0x01000193
const filterBits = 22

/** Keeps no more than this: a leak is a leak, and a log may be long. */
const mostHits = 20

export function searchFor(secrets: ReadonlyMap<string, string>): Search {
  const byHash = new Map<number, Pattern[]>()
  const filter = new Uint32Array(1 << (filterBits - 5))
  for (const pattern of patternsOf(secrets)) {
    const hash = hashOf(pattern.bytes, pattern.bytes.length - windowBytes)
    const slot = hash >>> (32 - filterBits)
    filter[slot >>> 5] = (filter[slot >>> 5] ?? 0) | (1 << (slot & 31))
    const same = byHash.get(hash)
    if (same) same.push(pattern)
    else byHash.set(hash, [pattern])
  }
  return (content) =>
    searchBytes(typeof content === "string" ? Buffer.from(content) : content, byHash, filter)
}

/** base ^ windowBytes, the weight of the byte that leaves the window. */
const leaving = Array.from({ length: windowBytes }).reduce<number>((power) => Math.imul(power, base), 1)

function hashOf(bytes: Uint8Array, from: number): number {
  let hash = 0
  for (let at = from; at < from + windowBytes; at += 1) hash = Math.imul(hash, base) + (bytes[at] ?? 0)
  return hash >>> 0
}

function searchBytes(
  bytes: Uint8Array,
  byHash: ReadonlyMap<number, readonly Pattern[]>,
  filter: Uint32Array,
): readonly Hit[] {
  const hits: Hit[] = []
  let hash = 0
  for (let at = 0; at < bytes.length && hits.length < mostHits; at += 1) {
    hash = (Math.imul(hash, base) + (bytes[at] ?? 0)) | 0
    if (at >= windowBytes) hash = (hash - Math.imul(bytes[at - windowBytes] ?? 0, leaving)) | 0
    const slot = hash >>> (32 - filterBits)
    if (((filter[slot >>> 5] ?? 0) & (1 << (slot & 31))) === 0) continue
    for (const pattern of byHash.get(hash >>> 0) ?? [])
      if (endsAt(bytes, at, pattern.bytes)) hits.push(hit(pattern, at))
  }
  return hits
}

function endsAt(bytes: Uint8Array, at: number, wanted: Buffer): boolean {
  const start = at + 1 - wanted.length
  return start >= 0 && wanted.equals(bytes.subarray(start, at + 1))
}

function hit({ bytes, encoding, what }: Pattern, at: number): Hit {
  return { what, encoding, at: at + 1 - bytes.length }
}

function* patternsOf(secrets: ReadonlyMap<string, string>): Iterable<Pattern> {
  for (const [secret, what] of secrets) {
    const seen = new Set<string>()
    for (const [encoding, text] of encodingsOf(secret)) {
      if (text.length < windowBytes || seen.has(text)) continue
      seen.add(text)
      yield { bytes: Buffer.from(text), what, encoding }
    }
  }
}

function* encodingsOf(secret: string): Iterable<readonly [encoding: string, text: string]> {
  const hex = Buffer.from(secret).toString("hex")
  yield ["raw", secret]
  yield ["hex", hex]
  yield ["hex", hex.toUpperCase()]
  yield ["URL-encoded", encodeURIComponent(secret)]
  yield ["JSON", JSON.stringify(secret).slice(1, -1)]
  for (const shift of [0, 1, 2]) {
    const text = base64Inside(secret, shift)
    yield ["base64", text]
    yield ["base64url", text.replaceAll("+", "-").replaceAll("/", "_")]
  }
}

/** What base64 makes of the secret whatever stands around it, e.g. `client:secret`, when it begins `shift` bytes into a group. */
function base64Inside(secret: string, shift: number): string {
  const bytes = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)])
  const whole = bytes.toString("base64")
  return whole.slice(Math.ceil((shift * 8) / 6), Math.floor((bytes.length * 8) / 6))
}
