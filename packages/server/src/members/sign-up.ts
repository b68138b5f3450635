/** A new member: where the operator opened it to everybody, else with an address that was invited. */
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import { limitGuesses, maxPerAddress } from "./limit-guesses.ts"
import type { AuthAnswer } from "./member-auth.ts"
import { type Credentials, recordForMember } from "./sign-in.ts"
import type { Visitor } from "./visitor.ts"

type Dependencies = Pick<Services, "storage" | "clock" | "audit" | "memberAuth" | "config">

/** @throws SIGN_UP_CLOSED, ALREADY_MEMBER, RATE_LIMITED, INVALID_REQUEST */
export async function signUp(
  deps: Dependencies,
  { email, name, password }: Credentials & { readonly name: string },
  from: Visitor,
): Promise<AuthAnswer> {
  // Whether an address was invited must not be found out by trying them all.
  const limits = [{ subject: `sign-up address ${from.address}`, max: maxPerAddress }]
  const attempt = async () => {
    await requireOpenOrInvited(deps, email)
    return deps.memberAuth({
      method: "POST",
      path: "/sign-up/email",
      body: { email, name, password },
      from: { ...from, cookie: undefined },
    })
  }
  const answer = await limitGuesses(deps, limits, attempt)
  const member = await deps.storage.accounts.findMemberByEmail(email)
  if (member) await recordForMember(deps, member.id, { action: "member.sign_up", outcome: "ok", from })
  return answer
}

async function requireOpenOrInvited({ clock, config, storage }: Dependencies, email: string): Promise<void> {
  if (config.signUp === "open" || (await storage.people.isInvited(email, clock.now()))) return
  const message =
    "Only people who were invited can sign up here. Ask an owner or admin of a workspace to invite this address."
  throw new GrantryError("SIGN_UP_CLOSED", 403, message)
}
