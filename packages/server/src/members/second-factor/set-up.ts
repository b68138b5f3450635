/** A member's own second factor: on, off, new backup codes. Each asks for the password, as changing that does. */
import type { Services } from "../../services.ts"
import { limitGuesses } from "../limit-guesses.ts"
import type { AuthAnswer } from "../member-auth.ts"
import { hasPassword, passwordLimits } from "../passwords.ts"
import { recordForMember } from "../sign-in.ts"
import type { Visitor } from "../visitor.ts"
import { alreadyOn, noPassword, notOn } from "./refusals.ts"
import { hasSecondFactor } from "./state.ts"
import { codeLimits, useOnce } from "./verify-code.ts"

type Dependencies = Pick<Services, "storage" | "clock" | "audit" | "memberAuth" | "authenticator">

export interface Asked {
  readonly memberId: string
  readonly password: string
}

/**
 * Makes a secret and backup codes, which count once a code was shown to be right.
 *
 * @throws SIGN_IN_REFUSED, INVALID_REQUEST, RATE_LIMITED
 */
export async function prepareSecondFactor(
  deps: Dependencies,
  asked: Asked,
  from: Visitor,
): Promise<AuthAnswer> {
  if (!(await hasPassword(deps.storage, asked.memberId))) throw noPassword()
  if (await hasSecondFactor(deps.storage, asked.memberId)) throw alreadyOn()
  return withPassword(deps, "/two-factor/enable", asked, from)
}

/** @throws SIGN_IN_REFUSED, INVALID_REQUEST, RATE_LIMITED */
export async function turnOnSecondFactor(
  deps: Dependencies,
  { code, memberId }: { readonly code: string; readonly memberId: string },
  from: Visitor,
): Promise<AuthAnswer> {
  if (await hasSecondFactor(deps.storage, memberId)) throw alreadyOn()
  const answer = await limitGuesses(deps, codeLimits(memberId), async () => {
    await useOnce(deps, memberId, code)
    return deps.memberAuth({ method: "POST", path: "/two-factor/verify-totp", body: { code }, from })
  })
  // Dated when it counts, not when it was prepared.
  const own = [{ field: "userId", operator: "eq", value: memberId }] as const
  await deps.storage.signIns.update("twoFactor", own, { createdAt: deps.clock.now() })
  deps.authenticator.forgetKeys()
  await recordForMember(deps, memberId, { action: "member.turn_on_second_factor", outcome: "ok", from })
  return answer
}

/** @throws SIGN_IN_REFUSED, INVALID_REQUEST, RATE_LIMITED */
export async function turnOffSecondFactor(
  deps: Dependencies,
  asked: Asked,
  from: Visitor,
): Promise<AuthAnswer> {
  await requireOn(deps, asked.memberId)
  const answer = await withPassword(deps, "/two-factor/disable", asked, from)
  deps.authenticator.forgetKeys()
  const event = { action: "member.turn_off_second_factor", outcome: "ok", from }
  await recordForMember(deps, asked.memberId, event)
  return answer
}

/** The ones before stop working. @throws SIGN_IN_REFUSED, INVALID_REQUEST, RATE_LIMITED */
export async function renewBackupCodes(deps: Dependencies, asked: Asked, from: Visitor): Promise<AuthAnswer> {
  await requireOn(deps, asked.memberId)
  const answer = await withPassword(deps, "/two-factor/generate-backup-codes", asked, from)
  await recordForMember(deps, asked.memberId, { action: "member.renew_backup_codes", outcome: "ok", from })
  return answer
}

async function requireOn({ storage }: Dependencies, memberId: string): Promise<void> {
  if (!(await hasSecondFactor(storage, memberId))) throw notOn()
}

function withPassword(deps: Dependencies, path: string, { memberId, password }: Asked, from: Visitor) {
  const ask = () => deps.memberAuth({ method: "POST", path, body: { password }, from })
  return limitGuesses(deps, passwordLimits(memberId), ask)
}
