/** Linking an account of the provider to one's own, and taking that back. Only from a session. */
import type { Services } from "../../services.ts"
import { limitGuesses } from "../limit-guesses.ts"
import { passwordRefused } from "../auth-refusals.ts"
import { hasPassword, isOwnPassword, passwordLimits } from "../passwords.ts"
import { recordForMember } from "../sign-in.ts"
import type { Visitor } from "../visitor.ts"
import { requireOpenId } from "./begin.ts"
import { findLinkedMember, insertLink, isLinked, removeLink } from "./links.ts"
import type { OpenIdIdentity } from "./prove-identity.ts"
import { lastSignIn, linkedAlready, linkedElsewhere } from "./refusals.ts"

type Dependencies = Pick<Services, "storage" | "clock" | "audit" | "openId">

/**
 * A further way in outlives the session in which it was made: whoever has a password says it again.
 *
 * @throws SIGN_IN_REFUSED, RATE_LIMITED
 */
export async function requireMayLink(deps: Dependencies, memberId: string, password = ""): Promise<void> {
  if (!(await hasPassword(deps.storage, memberId))) return
  await limitGuesses(deps, passwordLimits(memberId), async () => {
    if (!(await isOwnPassword(deps.storage, memberId, password))) throw passwordRefused()
  })
}

/** @throws ALREADY_MEMBER */
export async function linkIdentity(
  deps: Dependencies,
  memberId: string,
  { subject }: OpenIdIdentity,
  from: Visitor,
): Promise<void> {
  const { providerId, settings } = requireOpenId(deps)
  const linked = await findLinkedMember(deps.storage, providerId, subject)
  if (linked === memberId) return
  if (linked !== undefined) throw linkedElsewhere(settings.name)
  if (await isLinked(deps.storage, providerId, memberId)) throw linkedAlready(settings.name)
  await insertLink(deps.storage, { providerId, subject, memberId }, deps.clock.now())
  await recordForMember(deps, memberId, {
    action: "member.link_sign_in",
    outcome: "ok",
    from,
    target: "openid",
  })
}

/** @throws LAST_SIGN_IN when there is no password to sign in with */
export async function unlinkOpenId(deps: Dependencies, memberId: string, from: Visitor): Promise<void> {
  const { providerId, settings } = requireOpenId(deps)
  const removed = await deps.storage.transaction(async (stores) => {
    if (!(await hasPassword(stores, memberId))) throw lastSignIn(settings.name)
    return removeLink(stores, providerId, memberId)
  })
  if (!removed) return
  const event = { action: "member.unlink_sign_in", outcome: "ok", from, target: "openid" }
  await recordForMember(deps, memberId, event)
}
