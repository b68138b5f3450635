/** The second half: the browser is back from the provider. */
import { sha256Text } from "../../random.ts"
import type { Services } from "../../services.ts"
import { AlreadyExists } from "../../storage/storage-errors.ts"
import type { OpenIdAttempt } from "../../storage/stores/openid-attempts.ts"
import { beginChallenge } from "../second-factor/challenge.ts"
import { hasSecondFactor } from "../second-factor/state.ts"
import { recordForMember } from "../sign-in.ts"
import { startSession } from "../start-session.ts"
import type { Visitor } from "../visitor.ts"
import { admitStranger } from "./admit-stranger.ts"
import { boundToBrowser, redirectUriOf, requireOpenId } from "./begin.ts"
import { findLinkedMember } from "./links.ts"
import { linkIdentity } from "./link-account.ts"
import { type OpenIdIdentity, proveIdentity } from "./prove-identity.ts"
import { returnRefused } from "./refusals.ts"

export interface OpenIdCallback {
  readonly parameters: Readonly<Record<string, string>>
  /** The secret in this browser's cookie. */
  readonly browserSecret: string | undefined
  /** Who is signed in in this browser. */
  readonly memberId: string | undefined
}

/** A cookie's value and where to go, or only that for what was linked. */
export type OpenIdCompletion =
  | { readonly kind: "signed_in" | "code_asked"; readonly cookie: string; readonly nextPath: string }
  | { readonly kind: "linked"; readonly nextPath: string }

type Dependencies = Pick<
  Services,
  "storage" | "clock" | "audit" | "authenticator" | "openId" | "config" | "signInSecret"
>

/** @throws AUTHORIZATION_REFUSED, AUTHORIZATION_DENIED, SIGN_IN_REFUSED, ALREADY_MEMBER, IDENTITY_ISSUER_UNAVAILABLE */
export async function completeOpenId(
  deps: Dependencies,
  callback: OpenIdCallback,
  from: Visitor,
): Promise<OpenIdCompletion> {
  const issuer = requireOpenId(deps)
  const state = callback.parameters["state"] ?? ""
  const browserSecret = callback.browserSecret ?? ""
  const attempt = await consumeAttempt(deps, state, browserSecret)
  if (attempt.memberId !== null && attempt.memberId !== callback.memberId)
    throw returnRefused("The member who began this is not signed in here any more.")
  const identity = await proveIdentity(issuer, {
    parameters: new URLSearchParams(callback.parameters),
    state,
    ...boundToBrowser(state, browserSecret),
    redirectUri: redirectUriOf(deps.config),
  })
  const { memberId, nextPath } = attempt
  try {
    if (memberId === null) return { ...(await signIn(deps, identity, from)), nextPath }
    await linkIdentity(deps, memberId, identity, from)
    return { kind: "linked", nextPath }
  } catch (error) {
    if (error instanceof AlreadyExists) throw returnRefused("The same account came twice at once.", error)
    throw error
  }
}

/** Used up on any outcome: a code that came with it is never sent twice. */
async function consumeAttempt(
  { clock, storage }: Dependencies,
  state: string,
  browserSecret: string,
): Promise<OpenIdAttempt> {
  const attempt = await storage.openIdAttempts.consume(sha256Text(state))
  if (!attempt || attempt.expiresAt <= clock.now())
    throw returnRefused("This sign-in is over: it was used already, or took longer than ten minutes.")
  if (attempt.browserHash !== sha256Text(browserSecret))
    throw returnRefused("This sign-in was started in another browser, or cookies are blocked.")
  return attempt
}

/** @returns the member's id */
async function findOrAdmit(deps: Dependencies, identity: OpenIdIdentity, from: Visitor): Promise<string> {
  const issuer = requireOpenId(deps)
  const linked = await findLinkedMember(deps.storage, issuer.providerId, identity.subject)
  if (linked !== undefined) return linked
  const { how, memberId } = await admitStranger(deps, issuer, identity)
  const action = how === "linked" ? "member.link_sign_in" : "member.sign_up"
  await recordForMember(deps, memberId, { action, outcome: "ok", from, target: "openid" })
  return memberId
}

/** The provider's own second factor is its business; one that the member has here is asked for all the same. */
async function signIn(deps: Dependencies, identity: OpenIdIdentity, from: Visitor) {
  const memberId = await findOrAdmit(deps, identity, from)
  const isAsked = await hasSecondFactor(deps.storage, memberId)
  const outcome = isAsked ? "code_asked" : "ok"
  await recordForMember(deps, memberId, { action: "member.sign_in", outcome, from, target: "openid" })
  return isAsked
    ? { kind: "code_asked" as const, cookie: await beginChallenge(deps, memberId) }
    : { kind: "signed_in" as const, cookie: await startSession(deps, memberId, from) }
}
