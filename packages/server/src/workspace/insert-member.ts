/** A new member comes with a workspace of their own. */
import type { Stores } from "../storage/storage.ts"
import type { Member } from "../storage/stores/accounts.ts"

/** Several writes: call it in a transaction. */
export async function insertWithPersonalWorkspace(
  { accounts }: Pick<Stores, "accounts">,
  member: Member,
  workspaceId: string,
): Promise<void> {
  await accounts.insertMember(member)
  await accounts.insertWorkspace({
    id: workspaceId,
    name: "Personal",
    plan: "free",
    personalOf: member.id,
    createdAt: member.createdAt,
  })
  await accounts.insertMembership({ workspaceId, memberId: member.id, role: "owner" })
}
