/** From a request's headers to a caller: one hash, one indexed look-up, remembered for a few seconds. */
import type { IncomingHttpHeaders } from "node:http"
import { setImmediate as requestsThatWait } from "node:timers/promises"
import type { Clock } from "../services.ts"
import type { KeyStore } from "../storage/stores/keys.ts"
import type { Caller } from "./caller.ts"
import { looksLikeJwt } from "./jwt-text.ts"
import { hashKey, hashKeyText, hasValidChecksum } from "./keys.ts"
import { mintedKind } from "./minted-tokens.ts"
import { createRemembered, maxRemembered } from "./remembered.ts"
import type { SignIns } from "./sign-ins.ts"
import type { VerifiedService } from "./verify-service-token.ts"

const maxKeyLength = 512
/** "Last used" is for people: a key in constant use is written this often. */
const useResolutionMs = 60_000
/** SQLite writes in this thread, and requests wait meanwhile. */
const maxTouchedAtOnce = 500

/** @param wasGood the credential was let in when it was last looked up */
export type BeforeLookUp = (wasGood: boolean) => void

export interface Authenticator {
  /**
   * undefined: no credential, or one that nobody was given.
   *
   * @param beforeLookUp may end the call, by throwing, before anything is asked for a credential that is not known
   */
  authenticate(
    headers: IncomingHttpHeaders,
    beforeLookUp?: BeforeLookUp,
  ): Caller | undefined | Promise<Caller | undefined>
  /** After a key was revoked, somebody signed out, or a role changed. */
  forgetKeys(): void
  /** Writes when keys were last used; batched, off the path of requests. */
  flushUses(): Promise<void>
}

/**
 * @param verifyService for the tokens that backend functions get; undefined: it is none, or no longer one
 * @param signIns members who signed in, by session or device login
 */
export function createAuthenticator(
  keys: KeyStore,
  clock: Clock,
  verifyService: (token: string) => Promise<VerifiedService | undefined>,
  signIns?: SignIns,
): Authenticator {
  const remembered = createRemembered<Caller>(clock)
  const uses = createKeyUses(keys, clock)

  function find(secret: string) {
    if (signIns?.owns(secret)) return signIns.find(secret)
    return looksLikeKey(secret) ? findCaller(keys, secret) : verifyService(secret)
  }

  async function lookUp(secret: string, keyHash: string): Promise<Caller | undefined> {
    const remember = remembered.begin()
    const found = await find(secret)
    if (!found) {
      remembered.drop(keyHash)
      return undefined
    }
    if ("keyId" in found) uses.note(found.keyId)
    remember(keyHash, found.caller, "expiresAtMs" in found ? found.expiresAtMs : Infinity)
    return found.caller
  }

  return {
    authenticate(headers, beforeLookUp) {
      const secret = presentedSecret(headers) ?? signIns?.presented(headers)
      if (secret === undefined) return undefined
      const keyHash = hashKeyText(secret)
      const known = remembered.get(keyHash)
      if (known) return known
      // A user's token is judged elsewhere.
      if (!looksLikeJwt(secret) || mintedKind(secret) === "service")
        beforeLookUp?.(remembered.wasGood(keyHash))
      return lookUp(secret, keyHash)
    },
    forgetKeys: () => remembered.forget(),
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

/** When keys were last used: noted when a key is looked up, not with every request, and written in batches. */
function createKeyUses(keys: Pick<KeyStore, "touch">, clock: Clock) {
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

/** `Authorization: Bearer gsk_…` or a function's token, or the header `api_key: b44k_…`; never a query parameter. */
function presentedSecret(headers: IncomingHttpHeaders): string | undefined {
  const apiKey = headers["api_key"]
  const bearer = headers.authorization?.startsWith("Bearer ") ? headers.authorization.slice(7) : undefined
  const secret = bearer ?? (typeof apiKey === "string" ? apiKey : undefined)
  if (secret === undefined) return undefined
  if (looksLikeKey(secret)) return secret.length <= maxKeyLength ? secret : undefined
  return bearer !== undefined && looksLikeJwt(bearer) ? bearer : undefined
}

function looksLikeKey(secret: string): boolean {
  return secret.startsWith("gsk_") || secret.startsWith("b44k_")
}
