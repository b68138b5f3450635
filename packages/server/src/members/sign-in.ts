/** Sign in with a password: guesses are limited, and the outcome is on record. */
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { AuthAnswer } from "./member-auth.ts"
import { limitGuesses, maxPerAccount, maxPerAddress } from "./limit-guesses.ts"
import type { Visitor } from "./visitor.ts"

export interface Credentials {
  readonly email: string
  readonly password: string
}

type Dependencies = Pick<Services, "storage" | "clock" | "audit" | "memberAuth">

/** @throws SIGN_IN_REFUSED, RATE_LIMITED, INVALID_REQUEST */
export async function signIn(
  deps: Dependencies,
  { email, password }: Credentials,
  from: Visitor,
): Promise<AuthAnswer> {
  const limits = [
    { subject: `sign-in account ${email.toLowerCase()}`, max: maxPerAccount },
    { subject: `sign-in address ${from.address}`, max: maxPerAddress },
  ]
  // A session that the browser has already does not decide who signs in.
  const attempt = () =>
    deps.memberAuth({
      method: "POST",
      path: "/sign-in/email",
      body: { email, password },
      from: { ...from, cookie: undefined },
    })
  try {
    const answer = await limitGuesses(deps, limits, attempt)
    await record(deps, email, from, needsCode(answer) ? "code_asked" : "ok")
    return answer
  } catch (error) {
    if (isRefusal(error) || isLimited(error)) await record(deps, email, from, "refused")
    throw error
  }
}

/** The password was right, and nobody is signed in before the second factor's code. */
export function needsCode({ text }: Pick<AuthAnswer, "text">): boolean {
  const body = JSON.parse(text) as { readonly twoFactorRedirect?: unknown }
  return body.twoFactorRedirect === true
}

function isRefusal(error: unknown): boolean {
  return error instanceof GrantryError && error.code === "SIGN_IN_REFUSED"
}

function isLimited(error: unknown): boolean {
  return error instanceof GrantryError && error.code === "RATE_LIMITED"
}

/** A sign-in belongs to no workspace: it stands in the member's own. An address that nobody has stands nowhere. */
async function record(deps: Dependencies, email: string, from: Visitor, outcome: string): Promise<void> {
  const member = await deps.storage.accounts.findMemberByEmail(email)
  if (member) await recordForMember(deps, member.id, { action: "member.sign_in", outcome, from })
}

export async function recordForMember(
  { audit, storage }: Pick<Services, "storage" | "audit">,
  memberId: string,
  event: {
    readonly action: string
    readonly outcome: string
    readonly from: Visitor
    readonly target?: string
  },
): Promise<void> {
  const [personal] = await storage.accounts.listWorkspaces(memberId)
  if (!personal) return
  await audit.record({
    workspaceId: personal.id,
    appId: null,
    actor: `member:${memberId}`,
    action: event.action,
    target: event.target ?? null,
    outcome: event.outcome,
    address: event.from.address,
  })
}
