/** Ends an attempt without a grant: the caller's poll reads FAILED, and the audit says why. */
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import { actorOf } from "./actor-of.ts"

/** @returns the error as people may read it */
export async function failAttempt(
  deps: Pick<Services, "storage" | "audit">,
  attempt: Attempt,
  error: unknown,
): Promise<GrantryError> {
  const refusal =
    error instanceof GrantryError
      ? error
      : new GrantryError("INTERNAL_ERROR", 500, "The connection could not be stored.")
  await deps.storage.attempts.finish(attempt.id, {
    status: "failed",
    errorCode: refusal.code,
    errorMessage: refusal.message,
  })
  await deps.audit.record({
    workspaceId: attempt.workspaceId,
    appId: attempt.appId,
    actor: actorOf(attempt),
    action: "connection.connect",
    target: attempt.connectionId,
    outcome: refusal.code,
  })
  return refusal
}
