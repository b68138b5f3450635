/** An attempt that still may proceed, and what its pages need to know of it. */
import type { OAuthClient } from "../oauth/oauth-client.ts"
import type { Services } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"
import type { Attempt, AttemptStatus } from "../storage/stores/attempts.ts"
import type { SealContext } from "../vault/vault.ts"
import { attemptOver } from "./refusals.ts"

export interface OpenAttempt {
  readonly attempt: Attempt
  readonly app: App
  readonly client: OAuthClient
}

type Dependencies = Pick<Services, "storage" | "clock" | "clients">

/** @throws ATTEMPT_OVER when it is unknown, used, or older than ten minutes */
export async function findAttempt(
  deps: Dependencies,
  id: string,
  statuses: readonly AttemptStatus[],
): Promise<OpenAttempt> {
  const attempt = await deps.storage.attempts.find(id)
  if (!attempt || !statuses.includes(attempt.status) || attempt.expiresAt <= deps.clock.now())
    throw attemptOver()
  return withClient(deps, attempt)
}

export async function withClient(deps: Dependencies, attempt: Attempt): Promise<OpenAttempt> {
  const app = await deps.storage.apps.find(attempt.workspaceId, attempt.appId)
  if (!app) throw attemptOver()
  return { attempt, app, client: await deps.clients.forReference(attempt) }
}

type SealedField = "code_verifier" | "return_to" | "callback" | "grant"

export function attemptContext(attempt: Attempt, field: SealedField): SealContext {
  return {
    workspaceId: attempt.workspaceId,
    record: "attempt",
    recordId: attempt.id,
    field,
    bound: [attempt.appId, attempt.ownerKind, attempt.ownerId, attempt.connectionId, attempt.type],
  }
}
