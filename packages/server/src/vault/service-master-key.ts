/** A master key in a key service. It is asked once for each data key, and what it wraps names its own place too. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto"
import { contextBytes } from "./key-services/context-bytes.ts"
import {
  type KeyAddress,
  type KeyContext,
  type KeyService,
  KeyServiceError,
  type OpenKeyService,
} from "./key-services/key-service.ts"
import { keyServiceNames } from "./key-services/parse-key-address.ts"
import { type MasterKey, MasterKeyUnavailable, type WrapContext, WrappingRefused } from "./master-key.ts"

export interface ServiceMasterKeyOptions {
  readonly open: OpenKeyService
  /** Total of one question. */
  readonly timeoutMs: number
  /** For so long a service that did not answer is not asked again. */
  readonly restMs?: number
}

const version = 2
const proofBytes = 32
const checkPrefix = "wrapped:"
const checkContext: WrapContext = { workspaceId: "none", dataKeyId: "master-key-check" }
const defaultRestMs = 1_000

export function serviceMasterKey(
  id: string,
  address: KeyAddress,
  options: ServiceMasterKeyOptions,
): MasterKey {
  const asker = createAsker(id, address, options)
  let passed: string | undefined
  let probing: Promise<void> | undefined
  const placeOf = ({ dataKeyId, workspaceId }: WrapContext): KeyContext => ({
    "grantry:workspace": workspaceId,
    "grantry:data-key": dataKeyId,
    "grantry:master-key": id,
  })

  async function wrap(context: WrapContext, dataKey: Uint8Array): Promise<Uint8Array> {
    const place = placeOf(context)
    const payload = Buffer.concat([proofOf(place, dataKey), dataKey])
    try {
      const box = await asker.ask((service, signal) => service.encrypt(place, payload, signal))
      return Buffer.concat([Uint8Array.of(version), box])
    } finally {
      payload.fill(0)
    }
  }

  async function unwrap(context: WrapContext, wrapped: Uint8Array): Promise<Uint8Array> {
    if (wrapped[0] !== version) throw refused(id)
    const place = placeOf(context)
    const box = wrapped.subarray(1)
    const payload = await asker.ask((service, signal) => service.decrypt(place, box, signal))
    const dataKey = payload.subarray(proofBytes)
    // A service that knows no context, or an answer to somebody else's question, would else yield a wrong key.
    if (payload.length <= proofBytes) throw refused(id)
    if (!timingSafeEqual(payload.subarray(0, proofBytes), proofOf(place, dataKey))) throw refused(id)
    return dataKey
  }

  async function probe(check: string): Promise<void> {
    try {
      await unwrapCheck(check)
    } catch (error) {
      // The asker has noted it.
      if (!(error instanceof MasterKeyUnavailable || error instanceof WrappingRefused)) throw error
    } finally {
      probing = undefined
    }
  }

  const unwrapCheck = (check: string) =>
    unwrap(checkContext, Buffer.from(check.slice(checkPrefix.length), "base64url"))

  return {
    id,
    wrap,
    unwrap,
    async newCheck() {
      const wrapped = await wrap(checkContext, randomBytes(proofBytes))
      // A key that only encrypts would lose whatever it wraps.
      await unwrap(checkContext, wrapped)
      return checkPrefix + Buffer.from(wrapped).toString("base64url")
    },
    async passes(check) {
      // Asked again with every look at the server's health: the service hears of it once.
      if (check === passed) return true
      if (!check.startsWith(checkPrefix)) return false
      try {
        await unwrapCheck(check)
        passed = check
        return true
      } catch (error) {
        if (error instanceof WrappingRefused) return false
        throw error
      }
    },
    trouble() {
      const found = asker.trouble()
      // Nobody may need this key for days: whoever looks has it asked whether it is back.
      if (found && passed !== undefined) probing ??= probe(passed)
      return found
    },
    close: () => asker.close(),
  }
}

function proofOf(place: KeyContext, dataKey: Uint8Array): Buffer {
  return createHash("sha256").update(contextBytes(place)).update(dataKey).digest()
}

function refused(id: string, cause?: unknown): WrappingRefused {
  return new WrappingRefused(`the master key "${id}" did not make this wrapping`, { cause })
}

type Question = (service: KeyService, signal: AbortSignal) => Promise<Uint8Array>

function createAsker(
  id: string,
  address: KeyAddress,
  { open, timeoutMs, restMs = defaultRestMs }: ServiceMasterKeyOptions,
) {
  let opened: Promise<KeyService> | undefined
  let trouble: { readonly error: MasterKeyUnavailable; readonly restUntil: number } | undefined
  const name = `the master key "${id}" in ${keyServiceNames[address.kind]}`

  function unavailable(why: string, cause: unknown): MasterKeyUnavailable {
    const error = new MasterKeyUnavailable(`${name} cannot be used: ${why}`, { cause })
    trouble = { error, restUntil: performance.now() + restMs }
    return error
  }

  function opening(): Promise<KeyService> {
    return (opened ??= open(address).catch((error: unknown) => {
      opened = undefined
      throw error
    }))
  }

  async function ask(question: Question): Promise<Uint8Array> {
    // Many callers at once must not each wait for a service that does not answer.
    if (trouble && performance.now() < trouble.restUntil) throw trouble.error
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const answer = await orAborted(
        opening().then((service) => question(service, signal)),
        signal,
      )
      trouble = undefined
      return answer
    } catch (error) {
      if (error instanceof KeyServiceError && error.kind === "refused") {
        trouble = undefined
        throw refused(id, error)
      }
      const isLate = signal.aborted
      throw unavailable(isLate ? `no answer within ${timeoutMs} ms` : messageOf(error), error)
    }
  }

  return {
    ask,
    trouble: () => trouble?.error,
    async close() {
      const service = opened
      opened = undefined
      await (await service)?.close()
    },
  }
}

/** Not every client takes a signal. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener("abort", abort)
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener("abort", abort)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
