/** From a request's headers to a caller: one hash, one indexed lookup, remembered for a few seconds. */
import type { IncomingHttpHeaders } from "node:http"
import type { KeyStore } from "../storage/stores.ts"
import type { Caller } from "./caller.ts"
import { hashKey, hasValidChecksum } from "./keys.ts"

/** A revoked key is refused by other replicas after this long at the latest; by this process at once. */
const rememberMs = 5_000
const maxRemembered = 10_000
const maxKeyLength = 512

export interface Authenticator {
  /** undefined: no credential, or one that nobody was given. */
  authenticate(headers: IncomingHttpHeaders): Caller | undefined | Promise<Caller | undefined>
  /** After a key was revoked. */
  forgetKeys(): void
  /** Writes when keys were last used; batched, off the path of requests. */
  flushUses(): Promise<void>
}

interface Remembered {
  readonly keyId: string
  readonly caller: Caller
  readonly until: number
}

export function createAuthenticator(keys: KeyStore, clock: { now(): number }): Authenticator {
  const remembered = new Map<string, Remembered>()
  const uses = new Map<string, number>()

  function remember(cacheKey: string, keyId: string, caller: Caller): Caller {
    if (remembered.size >= maxRemembered) remembered.clear()
    // Wall-clock time on purpose: the development clock can be moved, a revocation must not wait for it.
    remembered.set(cacheKey, { keyId, caller, until: performance.now() + rememberMs })
    uses.set(keyId, clock.now())
    return caller
  }

  async function lookUp(secret: string, keyHash: Uint8Array, cacheKey: string): Promise<Caller | undefined> {
    if (secret.startsWith("gsk_")) {
      const key = hasValidChecksum(secret) ? await keys.findServiceKeyByHash(keyHash) : undefined
      return key && remember(cacheKey, key.id, { kind: "service", workspaceId: key.workspaceId, appId: key.appId, actor: `service:${key.id}` })
    }
    const key = await keys.findApiKeyByHash(keyHash)
    if (!key) return undefined
    const { memberId, role, workspaceId } = key
    return remember(cacheKey, key.id, { kind: "member", memberId, workspaceId, role, actor: `member:${memberId}` })
  }

  return {
    authenticate(headers) {
      const secret = presentedKey(headers)
      if (secret === undefined) return undefined
      const keyHash = hashKey(secret)
      const cacheKey = Buffer.from(keyHash.buffer, keyHash.byteOffset, keyHash.byteLength).toString("latin1")
      const known = remembered.get(cacheKey)
      if (known && known.until > performance.now()) {
        uses.set(known.keyId, clock.now())
        return known.caller
      }
      return lookUp(secret, keyHash, cacheKey)
    },
    forgetKeys: () => remembered.clear(),
    async flushUses() {
      if (uses.size === 0) return
      const batch = [...uses].map(([id, at]) => ({ id, at }))
      uses.clear()
      await keys.touch(batch)
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
