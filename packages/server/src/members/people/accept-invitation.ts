/** Whoever was invited, and is signed in with that address, joins the workspace. */
import { GrantryError } from "../../errors.ts"
import { sha256Text } from "../../random.ts"
import type { Services } from "../../services.ts"
import type { Invitation } from "../../storage/stores/members.ts"
import type { Member, Workspace } from "../../storage/stores/accounts.ts"
import { noSuchInvitation } from "./refusals.ts"

export interface OpenInvitation {
  readonly invitation: Invitation
  readonly workspace: Workspace
  readonly invitedBy: Member | undefined
}

/** @throws NOT_FOUND */
export async function openInvitation(
  { clock, storage }: Pick<Services, "storage" | "clock">,
  secret: string,
): Promise<OpenInvitation> {
  const invitation = await storage.people.findInvitation(sha256Text(secret), clock.now())
  const workspace = invitation && (await storage.accounts.findWorkspace(invitation.workspaceId))
  if (!invitation || !workspace) throw noSuchInvitation()
  return { invitation, workspace, invitedBy: await storage.accounts.findMember(invitation.invitedBy) }
}

export function isInvitee(invitation: Invitation, member: Pick<Member, "email">): boolean {
  return invitation.email.toLowerCase() === member.email.toLowerCase()
}

type Dependencies = Pick<Services, "storage" | "clock" | "audit" | "authenticator">

/** @throws NOT_FOUND; SIGN_IN_REFUSED for another member than the one who was invited */
export async function acceptInvitation(
  { audit, authenticator, clock, storage }: Dependencies,
  secret: string,
  memberId: string,
): Promise<void> {
  const { invitation } = await openInvitation({ clock, storage }, secret)
  const member = await storage.accounts.findMember(memberId)
  if (!member || !isInvitee(invitation, member)) throw forSomebodyElse(invitation.email)
  const { id, role, workspaceId } = invitation
  const joined = await storage.transaction(async ({ accounts, people }) => {
    // Of two clicks at once one joins.
    if (!(await people.removeInvitation(workspaceId, id))) return false
    if (!(await accounts.findMembership(workspaceId, memberId)))
      await accounts.insertMembership({ workspaceId, memberId, role })
    return true
  })
  if (!joined) throw noSuchInvitation()
  authenticator.forgetKeys()
  await audit.record({
    workspaceId,
    appId: null,
    actor: `member:${memberId}`,
    action: "member.join",
    target: `member:${memberId} ${role}`,
    outcome: "ok",
  })
}

function forSomebodyElse(email: string): GrantryError {
  const message = `This invitation is for ${email}. Sign out and sign in with that address.`
  return new GrantryError("SIGN_IN_REFUSED", 403, message)
}
