/** May a new grant take the place of what stands in its slot? Pure. */
import type { Account } from "../oauth/read-identity.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import type { Connection } from "../storage/stores/connections.ts"

export type ReplacementVerdict = "save" | "account_changed" | "different_user"

/**
 * `account_changed`: the person has to agree first. An account that cannot be named counts as another one when the
 * old one has a name.
 */
export function judgeReplacement(
  attempt: Pick<Attempt, "connectionId" | "startedBy" | "forceReconnect">,
  existing: Connection | undefined,
  account: Account | null,
): ReplacementVerdict {
  if (!existing || existing.status === "disconnected") return "save"
  if (isColleagues(attempt, existing)) return "different_user"
  if (existing.accountId !== null && existing.accountId !== (account?.id ?? null)) return "account_changed"
  return "save"
}

/**
 * Who does not take over on purpose did not find a colleague's active connection in the place when the attempt began:
 * it was free, or its grant was dead, and somebody has been quicker since.
 */
function isColleagues(
  attempt: Pick<Attempt, "connectionId" | "startedBy" | "forceReconnect">,
  existing: Connection,
): boolean {
  if (attempt.forceReconnect || existing.connectedBy === attempt.startedBy) return false
  return existing.status === "active" || existing.id !== attempt.connectionId
}
