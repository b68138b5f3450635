/** Asks somebody to join a workspace. Nothing is sent: whoever invites hands the link over. */
import { newId, newSecret, sha256Text } from "../../random.ts"
import type { Services } from "../../services.ts"
import type { Invitation } from "../../storage/stores/members.ts"
import type { Role } from "../../storage/stores/accounts.ts"
import { type Actor, requireMayTouch } from "./actor.ts"
import { alreadyMember } from "./refusals.ts"

const invitationLifeMs = 7 * 24 * 3_600_000

type Dependencies = Pick<Services, "storage" | "clock" | "audit">

export interface InvitationInput {
  readonly workspaceId: string
  readonly email: string
  readonly role: Role
}

/**
 * @returns the invitation, and the secret of its link for the only time
 * @throws ROLE_REQUIRED, ALREADY_MEMBER
 */
export async function invite(
  { audit, clock, storage }: Dependencies,
  actor: Actor,
  { email, role, workspaceId }: InvitationInput,
): Promise<{ readonly invitation: Invitation; readonly secret: string }> {
  requireMayTouch(actor, [role])
  const member = await storage.accounts.findMemberByEmail(email)
  if (member && (await storage.accounts.findMembership(workspaceId, member.id))) throw alreadyMember(email)
  const secret = newSecret()
  const createdAt = clock.now()
  const invitation = {
    id: newId("inv"),
    workspaceId,
    email,
    role,
    invitedBy: actor.memberId,
    createdAt,
    expiresAt: createdAt + invitationLifeMs,
  }
  await storage.people.invite(invitation, sha256Text(secret))
  await audit.record({
    workspaceId,
    appId: null,
    actor: actor.actor,
    action: "member.invite",
    target: `${email} ${role}`,
    outcome: "ok",
  })
  return { invitation, secret }
}
