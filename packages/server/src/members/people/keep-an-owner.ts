/** No workspace is left without an owner, and none of a member's own without that member. */
import type { Stores } from "../../storage/storage.ts"
import type { Membership } from "../../storage/stores/accounts.ts"
import { lastOwner, ownPersonalWorkspace } from "./refusals.ts"

/**
 * Call it under `lockWorkspace`: two owners could go at once otherwise.
 *
 * @param leaving who stops being an owner, or a member
 * @throws LAST_OWNER
 */
export async function keepAnOwner(
  { accounts, people }: Pick<Stores, "accounts" | "people">,
  { memberId, role, workspaceId }: Membership,
): Promise<void> {
  if (role !== "owner") return
  const workspace = await accounts.findWorkspace(workspaceId)
  if ((await people.countOwners(workspaceId)) <= 1) throw lastOwner(workspace?.name ?? workspaceId)
  if (workspace?.personalOf === memberId) throw ownPersonalWorkspace()
}
