/** Reads an answer's body up to a cap that also holds for what it unpacks to. */
import { promisify } from "node:util"
import { brotliDecompress, gunzip, inflate, inflateRaw } from "node:zlib"
import { OutboundError } from "./outbound-error.ts"

export const acceptedEncodings = "gzip, deflate, br"

export interface BodyFacts {
  readonly host: string
  readonly maxBytes: number
  readonly contentLength: string | undefined
  readonly contentEncoding: string | undefined
}

type Unpack = (packed: Buffer, limit: { readonly maxOutputLength: number }) => Promise<Buffer>

const gunzipAll: Unpack = promisify(gunzip)
const unbrotliAll: Unpack = promisify(brotliDecompress)
const inflateZlib: Unpack = promisify(inflate)
const inflateBare: Unpack = promisify(inflateRaw)

/** RFC 9110 section 8.4.1.2 says zlib, but some servers send the bare stream; the zlib header begins with method 8. */
const inflateAny: Unpack = (packed, limit) =>
  (((packed[0] ?? 0) & 0x0f) === 8 ? inflateZlib : inflateBare)(packed, limit)

const unpackers: ReadonlyMap<string, Unpack> = new Map([
  ["gzip", gunzipAll],
  ["x-gzip", gunzipAll],
  ["deflate", inflateAny],
  ["br", unbrotliAll],
])

/** @throws OutboundError `too_large` or `bad_answer` */
export async function readBody(chunks: AsyncIterable<Uint8Array>, facts: BodyFacts): Promise<string> {
  // A peer that announces too much is not read at all; one that announces too little is counted.
  if (Number(facts.contentLength) > facts.maxBytes) throw tooLarge(facts)
  const packed = await collect(chunks, facts)
  const bytes = await unpack(packed, facts)
  return new TextDecoder().decode(bytes)
}

async function collect(chunks: AsyncIterable<Uint8Array>, facts: BodyFacts): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > facts.maxBytes) throw tooLarge(facts)
    parts.push(chunk)
  }
  return Buffer.concat(parts, size)
}

async function unpack(packed: Buffer, facts: BodyFacts): Promise<Buffer> {
  const encoding = facts.contentEncoding?.trim().toLowerCase() ?? ""
  if (encoding === "" || encoding === "identity" || packed.length === 0) return packed
  const unpacker = unpackers.get(encoding)
  if (!unpacker) throw badAnswer(facts, "packed the answer in a way that was not asked for")
  try {
    return await unpacker(packed, { maxOutputLength: facts.maxBytes })
  } catch (cause) {
    const full = cause instanceof RangeError && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE"
    throw full ? tooLarge(facts) : badAnswer(facts, `sent a body that is not ${encoding}`, cause)
  }
}

function tooLarge({ host, maxBytes }: BodyFacts): OutboundError {
  return new OutboundError("too_large", `${host} answered with more than ${maxBytes} bytes`, {
    maybeSent: true,
  })
}

function badAnswer({ host }: BodyFacts, what: string, cause?: unknown): OutboundError {
  return new OutboundError("bad_answer", `${host} ${what}`, { maybeSent: true, cause })
}
