/** Whoever belongs to a workspace, or has left it and is still known by what they connected. */
import type { Services } from "../../services.ts"

export async function isKnownMember(
  { storage }: Pick<Services, "storage">,
  workspaceId: string,
  memberId: string,
): Promise<boolean> {
  if (await storage.accounts.findMembership(workspaceId, memberId)) return true
  return (await storage.connections.listByMember(workspaceId, memberId, { limit: 1 })).length > 0
}
