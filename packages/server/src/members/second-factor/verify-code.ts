/** The second step of a sign-in: a code of the member's authenticator app, or one of the backup codes. */
import { GrantryError } from "../../errors.ts"
import { sha256Text } from "../../random.ts"
import type { Services } from "../../services.ts"
import { type GuessLimit, limitGuesses, maxPerAccount, maxPerAddress } from "../limit-guesses.ts"
import type { AuthAnswer } from "../member-auth.ts"
import { recordForMember } from "../sign-in.ts"
import type { Visitor } from "../visitor.ts"
import { findChallenge } from "./challenge.ts"
import { codeRefused, signInOver } from "./refusals.ts"

export type CodeKind = "totp" | "backup-code"

/** Longer than a code is right: its own 30 seconds and those on either side. */
const rememberedMs = 10 * 60_000

type Dependencies = Pick<
  Services,
  "storage" | "clock" | "audit" | "memberAuth" | "signInSecret" | "config" | "authenticator"
>

/** As a person types it: apps show the digits in two groups. */
export function readCode(typed: string): { readonly code: string; readonly kind: CodeKind } {
  const code = typed.replace(/\s/g, "")
  return { code, kind: /^\d{6}$/.test(code) ? "totp" : "backup-code" }
}

/** @throws SIGN_IN_REFUSED, SIGN_IN_OVER, RATE_LIMITED */
export async function verifyCode(
  deps: Dependencies,
  { code, kind }: { readonly code: string; readonly kind: CodeKind },
  from: Visitor,
): Promise<AuthAnswer> {
  const challenge = await findChallenge(deps, from.cookie)
  if (!challenge) throw signInOver()
  const { cookie, memberId } = challenge
  const attempt = async () => {
    if (kind === "totp") await useOnce(deps, memberId, code)
    // A session that the browser has already does not decide who signs in.
    const visitor = { ...from, cookie }
    return deps.memberAuth({
      method: "POST",
      path: `/two-factor/verify-${kind}`,
      body: { code },
      from: visitor,
    })
  }
  const record = (action: string, outcome: string) =>
    recordForMember(deps, memberId, { action, outcome, from, target: kind })
  try {
    const limits = [
      ...codeLimits(memberId),
      { subject: `sign-in address ${from.address}`, max: maxPerAddress },
    ]
    const answer = await limitGuesses(deps, limits, attempt)
    if (kind === "backup-code") await record("member.use_backup_code", "ok")
    await record("member.sign_in", "ok")
    return answer
  } catch (error) {
    if (error instanceof GrantryError && error.status < 500) await record("member.sign_in", "refused")
    throw error
  }
}

/** Whoever sees a code being typed must not be able to use it again (RFC 6238 section 5.2). */
export async function useOnce(
  { clock, storage }: Pick<Services, "storage" | "clock">,
  memberId: string,
  code: string,
): Promise<void> {
  const key = sha256Text(`totp ${memberId} ${code}`)
  const { count } = await storage.guesses.take(key, clock.now(), rememberedMs)
  if (count > 1) throw codeRefused()
}

/** Shared by every place that takes codes of one member. */
export function codeLimits(memberId: string): readonly GuessLimit[] {
  return [{ subject: `second factor ${memberId}`, max: maxPerAccount }]
}
