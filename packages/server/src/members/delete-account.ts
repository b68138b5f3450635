/**
 * A member's own account ends: they leave every workspace, their personal one is closed and shredded, and nothing is
 * kept of them but what the audits of shared workspaces say that their id did.
 */
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { Stores } from "../storage/storage.ts"
import type { Member } from "../storage/stores/accounts.ts"
import { closeWithin, type StartedClosure } from "../workspace/off-boarding/close-workspace.ts"
import { requireConfirmation } from "../workspace/off-boarding/confirmation.ts"
import { limitGuesses } from "./limit-guesses.ts"
import { hasPassword, passwordLimits } from "./passwords.ts"
import { keepAnOwner } from "./people/keep-an-owner.ts"
import { noSuchMember } from "./people/refusals.ts"
import type { Visitor } from "./visitor.ts"

type Dependencies = Pick<
  Services,
  "storage" | "clock" | "audit" | "authenticator" | "appUsers" | "memberAuth"
>

export interface AccountDeletion {
  readonly memberId: string
  /** The account's e-mail address. */
  readonly confirm: string
  readonly password: string
}

/**
 * @returns the closure of the personal workspace
 * @throws NOT_FOUND, CONFIRMATION_REQUIRED, SIGN_IN_REFUSED, RATE_LIMITED, LAST_OWNER
 */
export async function deleteAccount(
  deps: Dependencies,
  { confirm, memberId, password }: AccountDeletion,
  from: Visitor,
): Promise<StartedClosure | undefined> {
  const member = await deps.storage.accounts.findMember(memberId)
  if (!member) throw noSuchMember()
  requireConfirmation(confirm, member.email)
  await requirePassword(deps, member, password, from)
  const left = await deps.storage.accounts.listWorkspaces(memberId)
  const now = deps.clock.now()
  const closure = await deps.storage.transaction(async (stores) => {
    const closed = await leaveEverything(stores, memberId, now)
    await stores.accounts.removeMember(memberId)
    return closed
  })
  deps.authenticator.forgetKeys()
  deps.appUsers.forget()
  for (const { id: workspaceId, personalOf } of left) {
    if (personalOf === memberId) continue
    const about = { appId: null, actor: `member:${memberId}`, action: "member.delete_account", outcome: "ok" }
    await deps.audit.record({ ...about, workspaceId, target: `member:${memberId}` })
  }
  return closure
}

async function leaveEverything(
  stores: Stores,
  memberId: string,
  now: number,
): Promise<StartedClosure | undefined> {
  let closed: StartedClosure | undefined
  for (const workspace of await stores.accounts.listWorkspaces(memberId)) {
    const { id: workspaceId, personalOf, role } = workspace
    await stores.people.lockWorkspace(workspaceId)
    if (personalOf === memberId) {
      closed = await closeWithin(stores, { workspace, actor: `member:${memberId}`, isForced: false, now })
      continue
    }
    await keepAnOwner(stores, { workspaceId, memberId, role })
    await stores.people.removeMember(workspaceId, memberId)
    await stores.attempts.endUnfinished({ workspaceId, startedBy: memberId })
  }
  return closed
}

/** A session that somebody found open must not end the account. Guesses are limited as at the sign-in. */
async function requirePassword(
  deps: Dependencies,
  { email, id }: Member,
  password: string,
  from: Visitor,
): Promise<void> {
  if (!(await hasPassword(deps.storage, id))) {
    const message = "This account has no password to confirm with. Set one first."
    throw new GrantryError("SIGN_IN_REFUSED", 403, message)
  }
  // The session that this makes goes with all others.
  await limitGuesses(deps, passwordLimits(id), () =>
    deps.memberAuth({
      method: "POST",
      path: "/sign-in/email",
      body: { email, password },
      from: { ...from, cookie: undefined },
    }),
  )
}
