import type { AppUserCaller } from "../callers/caller.ts"
import type { ConnectionAddress } from "../storage/stores/connections.ts"

/** The place of a user's own connection at one connector. */
export function appUserAddress(
  { appId, userId, workspaceId }: Pick<AppUserCaller, "workspaceId" | "appId" | "userId">,
  connectorId: string,
): ConnectionAddress {
  return { workspaceId, appId, ownerKind: "app_user", ownerId: userId, slot: `connector:${connectorId}` }
}
