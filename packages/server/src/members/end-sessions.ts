/** Signing out, and a changed password, which ends every other sign-in: sessions and device logins. */
import { GrantryError } from "../errors.ts"
import { unauthorized } from "../callers/caller.ts"
import { readSessionToken, sessionCookieOf } from "../callers/session-cookie.ts"
import { sha256Text } from "../random.ts"
import type { Services } from "../services.ts"
import { limitGuesses } from "./limit-guesses.ts"
import type { AuthAnswer } from "./member-auth.ts"
import { passwordLimits } from "./passwords.ts"
import { recordForMember } from "./sign-in.ts"
import type { Visitor } from "./visitor.ts"

type Dependencies = Pick<Services, "storage" | "clock" | "audit" | "memberAuth" | "authenticator">

/** @param memberId who signs out, if anybody: whoever is signed out already may do so again */
export async function signOut(
  deps: Dependencies,
  memberId: string | undefined,
  from: Visitor,
): Promise<AuthAnswer> {
  const answer = await deps.memberAuth({ method: "POST", path: "/sign-out", from })
  deps.authenticator.forgetKeys()
  if (memberId !== undefined)
    await recordForMember(deps, memberId, { action: "member.sign_out", outcome: "ok", from })
  return answer
}

/**
 * All of the member's sessions but the one that asks. Ours, because the library tells them apart by their tokens, and of
 * the others nobody knows those.
 *
 * @throws UNAUTHORIZED
 */
export async function endOtherSessions(
  {
    audit,
    authenticator,
    config,
    signInSecret,
    storage,
  }: Pick<Services, "storage" | "audit" | "authenticator" | "signInSecret" | "config">,
  memberId: string,
  from: Visitor,
): Promise<void> {
  const value = sessionCookieOf(from.cookie, config.publicUrl.startsWith("https:"))
  const token = value && readSessionToken(value, await signInSecret())
  if (!token) throw unauthorized()
  await storage.signIns.remove("session", [
    { field: "userId", operator: "eq", value: memberId },
    { field: "token", operator: "ne", value: sha256Text(token) },
  ])
  authenticator.forgetKeys()
  const event = { action: "member.end_sessions", outcome: "ok", target: "all others", from }
  await recordForMember({ audit, storage }, memberId, event)
}

export interface PasswordChange {
  readonly currentPassword: string
  readonly newPassword: string
}

/** @throws UNAUTHORIZED, SIGN_IN_REFUSED, RATE_LIMITED, INVALID_REQUEST */
export async function changePassword(
  deps: Dependencies,
  memberId: string,
  change: PasswordChange,
  from: Visitor,
): Promise<AuthAnswer> {
  const body = { ...change, revokeOtherSessions: true }
  const attempt = () => deps.memberAuth({ method: "POST", path: "/change-password", body, from })
  const answer = await limitGuesses(deps, passwordLimits(memberId), attempt).catch(async (error: unknown) => {
    const isRefused =
      error instanceof GrantryError && ["SIGN_IN_REFUSED", "RATE_LIMITED"].includes(error.code)
    const event = { action: "member.change_password", outcome: "refused", from }
    if (isRefused) await recordForMember(deps, memberId, event)
    throw error
  })
  await deps.storage.devices.removeLoginsOf(memberId)
  deps.authenticator.forgetKeys()
  await recordForMember(deps, memberId, { action: "member.change_password", outcome: "ok", from })
  return answer
}
