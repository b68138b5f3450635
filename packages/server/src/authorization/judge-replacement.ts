/** May a new grant take the place of what stands in its slot? Pure. */
import type { Account } from "../oauth/read-identity.ts"
import type { Attempt, Connection } from "../storage/stores.ts"

export type ReplacementVerdict = "save" | "account_changed" | "different_user"

/**
 * `account_changed`: the person has to agree first. An account that cannot be named counts as another one when the
 * old one has a name.
 */
export function judgeReplacement(
  attempt: Pick<Attempt, "connectionId" | "startedBy">,
  existing: Connection | undefined,
  account: Account | null,
): ReplacementVerdict {
  if (!existing || existing.status === "disconnected") return "save"
  // The slot was free when this attempt began: somebody filled it since.
  if (existing.id !== attempt.connectionId && existing.connectedBy !== attempt.startedBy)
    return "different_user"
  if (existing.accountId !== null && existing.accountId !== (account?.id ?? null)) return "account_changed"
  return "save"
}
