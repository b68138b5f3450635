/** From a request's headers to a caller: one hash, one indexed lookup, remembered for a few seconds. */
import type { IncomingHttpHeaders } from "node:http"
import { setImmediate as requestsThatWait } from "node:timers/promises"
import type { KeyStore } from "../storage/stores.ts"
import type { Caller } from "./caller.ts"
import { hashKey, hashKeyText, hasValidChecksum } from "./keys.ts"

/** A revoked key is refused by other replicas after this long at the latest; by this process at once. */
const rememberMs = 5_000
const maxRemembered = 10_000
const maxKeyLength = 512
/** "Last used" is for people: a key in constant use is written this often. */
const useResolutionMs = 60_000
/** SQLite writes in this thread, and requests wait meanwhile. */
const maxTouchedAtOnce = 500

export interface Authenticator {
  /** undefined: no credential, or one that nobody was given. */
  authenticate(headers: IncomingHttpHeaders): Caller | undefined | Promise<Caller | undefined>
  /** After a key was revoked. */
  forgetKeys(): void
  /** Writes when keys were last used; batched, off the path of requests. */
  flushUses(): Promise<void>
}

interface Remembered {
  readonly caller: Caller
  readonly until: number
}

export function createAuthenticator(keys: KeyStore, clock: { now(): number }): Authenticator {
  const remembered = new Map<string, Remembered>()
  const uses = createKeyUses(keys, clock)
  let forgotten = 0

  async function lookUp(secret: string, keyHash: string): Promise<Caller | undefined> {
    // Both from before the read: what it returns may be as old as that.
    const epoch = forgotten
    const until = performance.now() + rememberMs
    const found = await findCaller(keys, secret)
    if (!found) return undefined
    uses.note(found.keyId)
    if (epoch === forgotten) {
      forgetOldest(remembered)
      remembered.set(keyHash, { caller: found.caller, until })
    }
    return found.caller
  }

  return {
    authenticate(headers) {
      const secret = presentedKey(headers)
      if (secret === undefined) return undefined
      const keyHash = hashKeyText(secret)
      const known = remembered.get(keyHash)
      if (known !== undefined) {
        // Wall-clock time on purpose: the development clock can be moved, a revocation must not wait for it.
        if (known.until > performance.now()) return known.caller
        remembered.delete(keyHash)
      }
      return lookUp(secret, keyHash)
    },
    forgetKeys() {
      forgotten += 1
      remembered.clear()
    },
    flushUses: () => uses.flush(),
  }
}

interface Found {
  readonly keyId: string
  readonly caller: Caller
}

async function findCaller(keys: KeyStore, secret: string): Promise<Found | undefined> {
  if (secret.startsWith("gsk_")) {
    const key = hasValidChecksum(secret) ? await keys.findServiceKeyByHash(hashKey(secret)) : undefined
    if (!key) return undefined
    const { appId, id, workspaceId } = key
    return { keyId: id, caller: { kind: "service", workspaceId, appId, actor: `service:${id}` } }
  }
  const key = await keys.findApiKeyByHash(hashKey(secret))
  if (!key) return undefined
  const { id, memberId, role, workspaceId } = key
  return {
    keyId: id,
    caller: { kind: "member", memberId, workspaces: [{ workspaceId, role }], actor: `member:${memberId}` },
  }
}

/** All live equally long, so that the first to have come is the first to go. */
function forgetOldest(remembered: Map<string, Remembered>): void {
  if (remembered.size < maxRemembered) return
  const [oldest] = remembered.keys()
  if (oldest !== undefined) remembered.delete(oldest)
}

/** When keys were last used: noted when a key is looked up, not with every request, and written in batches. */
function createKeyUses(keys: Pick<KeyStore, "touch">, clock: { now(): number }) {
  const waiting = new Map<string, number>()
  const noted = new Map<string, number>()
  return {
    note(keyId: string): void {
      const now = performance.now()
      const last = noted.get(keyId)
      if (last !== undefined && now - last < useResolutionMs) return
      if (noted.size >= maxRemembered) noted.clear()
      noted.set(keyId, now)
      waiting.set(keyId, clock.now())
    },
    async flush(): Promise<void> {
      if (waiting.size === 0) return
      const batch = [...waiting].map(([id, at]) => ({ id, at }))
      waiting.clear()
      for (let start = 0; start < batch.length; start += maxTouchedAtOnce) {
        await keys.touch(batch.slice(start, start + maxTouchedAtOnce))
        await requestsThatWait()
      }
    },
  }
}

/** `Authorization: Bearer gsk_…`, or the header `api_key: b44k_…`; never a query parameter. */
function presentedKey(headers: IncomingHttpHeaders): string | undefined {
  const apiKey = headers["api_key"]
  const bearer = headers.authorization?.startsWith("Bearer ") ? headers.authorization.slice(7) : undefined
  const secret = bearer ?? (typeof apiKey === "string" ? apiKey : undefined)
  const known = secret?.startsWith("gsk_") === true || secret?.startsWith("b44k_") === true
  return known && secret.length <= maxKeyLength ? secret : undefined
}
