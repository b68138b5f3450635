/** From a user's token to an app user: the token is good for one app, and says nothing about any other. */
import { GrantryError } from "../errors.ts"
import type { Audit } from "../events/audit.ts"
import type { Clock } from "../services.ts"
import type { App, AppStore } from "../storage/stores/apps.ts"
import type { IdentityIssuer, IdentityIssuerStore } from "../storage/stores/identity-issuers.ts"
import type { BeforeLookUp } from "./authenticate.ts"
import type { AppUserCaller } from "./caller.ts"
import { claimsOf, headerOf, looksLikeJwt } from "./jwt-text.ts"
import { type KeySets, KeySetUnavailable } from "./key-sets.ts"
import { hashKeyText } from "./keys.ts"
import { type MintedTokens, mintedKind, type MintedUser } from "./minted-tokens.ts"
import { createRemembered } from "./remembered.ts"
import { userIdOfIssuer } from "./user-id.ts"
import { TokenRefused, verifyIssuerToken } from "./verify-issuer-token.ts"

export interface AppUserAuthenticator {
  /**
   * undefined: the token is no user's of this app.
   *
   * @param appId as the path names it; it need not exist
   * @param beforeLookUp may end the call, by throwing, before a token that is not known is judged
   * @throws IDENTITY_ISSUER_UNAVAILABLE when the keys that would decide cannot be fetched
   */
  authenticate(appId: string, token: string, beforeLookUp?: BeforeLookUp): Promise<AppUserCaller | undefined>
  /** After an issuer or an app was removed. */
  forget(): void
}

interface Dependencies {
  readonly apps: AppStore
  readonly issuers: IdentityIssuerStore
  readonly minted: MintedTokens
  readonly keySets: KeySets
  readonly clock: Clock
  readonly audit: Pick<Audit, "countRead">
}

/** A user whose token was verified. */
interface Vouched extends MintedUser {
  readonly expiresAtMs: number
}

const maxClaimLength = 320

export function createAppUserAuthenticator(deps: Dependencies): AppUserAuthenticator {
  const remembered = createRemembered<AppUserCaller>(deps.clock)
  return {
    async authenticate(appId, token, beforeLookUp) {
      if (!looksLikeJwt(token)) return undefined
      const place = `${hashKeyText(token)} ${appId}`
      const known = remembered.get(place)
      if (known) return known
      beforeLookUp?.(remembered.wasGood(place))
      const remember = remembered.begin()
      const app = await deps.apps.findAnywhere(appId)
      if (!app) return undefined
      const user = await vouchFor(deps, app, token)
      if (!user) {
        remembered.drop(place)
        return undefined
      }
      const caller = callerOf(app, user)
      remember(place, caller, user.expiresAtMs)
      return caller
    },
    forget: () => remembered.forget(),
  }
}

function callerOf({ id: appId, workspaceId }: App, { email, name, userId }: MintedUser): AppUserCaller {
  return { kind: "app_user", workspaceId, appId, userId, email, name, actor: `app_user:${userId}` }
}

async function vouchFor(deps: Dependencies, app: App, token: string): Promise<Vouched | undefined> {
  try {
    return await verified(deps, app, token)
  } catch (error) {
    if (!(error instanceof TokenRefused)) throw error
    const { id: appId, workspaceId } = app
    // Counted, not listed: whoever has the app's id can send such tokens.
    deps.audit.countRead({
      workspaceId,
      appId,
      actor: "app_user:unverified",
      action: "app_user.refuse",
      target: appId,
      outcome: error.reason,
    })
    return undefined
  }
}

async function verified(deps: Dependencies, app: App, token: string): Promise<Vouched> {
  const kind = mintedKind(token)
  if (kind === "service") throw new TokenRefused("service_token")
  if (kind === "user") {
    const user = await deps.minted.verifyUser(app, token)
    if (!user) throw new TokenRefused("minted")
    return user
  }
  const claimed = claimsOf(token)?.iss
  if (headerOf(token) === undefined || claimed === undefined) throw new TokenRefused("malformed")
  const issuers = (await deps.issuers.list(app.workspaceId, app.id)).filter(
    ({ issuer }) => issuer === claimed,
  )
  return verifiedByAny(deps, issuers, token)
}

/** An issuer may be trusted for several audiences. */
async function verifiedByAny(
  deps: Dependencies,
  issuers: readonly IdentityIssuer[],
  token: string,
): Promise<Vouched> {
  let refusal: unknown = new TokenRefused("unknown_issuer")
  for (const issuer of issuers) {
    try {
      return userOf(issuer, await verifyIssuerToken(deps, issuer, token))
    } catch (error) {
      refusal = error instanceof KeySetUnavailable ? issuerUnavailable(issuer, error) : error
      if (!(refusal instanceof TokenRefused) && !(refusal instanceof GrantryError)) throw refusal
    }
  }
  throw refusal
}

function userOf({ issuer }: IdentityIssuer, claims: Awaited<ReturnType<typeof verifyIssuerToken>>): Vouched {
  const { exp, sub } = claims
  const userId = typeof sub === "string" ? userIdOfIssuer(issuer, sub) : undefined
  if (userId === undefined || exp === undefined) throw new TokenRefused("claim_sub")
  return {
    userId,
    email: shortText(claims["email"]),
    name: shortText(claims["name"]),
    expiresAtMs: exp * 1000,
  }
}

/** What is only shown: what does not fit is left out. */
function shortText(claim: unknown): string | null {
  if (typeof claim !== "string" || claim.length > maxClaimLength) return null
  return claim.isWellFormed() && !claim.includes("\0") ? claim : null
}

function issuerUnavailable({ issuer }: IdentityIssuer, error: KeySetUnavailable): GrantryError {
  const message = `The keys of the identity issuer ${issuer} cannot be fetched, so that its users' tokens cannot be checked. Try again in a moment; if it stays so, check the issuer's jwks_url.`
  const retryAfterS = Math.ceil(error.retryAfterMs / 1000)
  return new GrantryError("IDENTITY_ISSUER_UNAVAILABLE", 503, message, { retryAfterS, cause: error })
}
