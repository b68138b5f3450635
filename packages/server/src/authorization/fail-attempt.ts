/** Ends an attempt without a grant: the caller's poll reads FAILED, and the audit says why. */
import type { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores.ts"

export async function failAttempt(
  deps: Pick<Services, "storage" | "audit">,
  attempt: Attempt,
  error: GrantryError,
): Promise<void> {
  await deps.storage.attempts.finish(attempt.id, {
    status: "failed",
    errorCode: error.code,
    errorMessage: error.message,
  })
  deps.audit.record({
    workspaceId: attempt.workspaceId,
    appId: attempt.appId,
    actor: attempt.startedBy === null ? `app_user:${attempt.ownerId}` : `member:${attempt.startedBy}`,
    action: "connection.connect",
    target: attempt.connectionId,
    outcome: error.code,
  })
}
