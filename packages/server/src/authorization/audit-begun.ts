import type { Services } from "../services.ts"
import type { Attempt } from "../storage/stores/attempts.ts"
import { actorOf } from "./actor-of.ts"

export function auditBegun({ audit }: Pick<Services, "audit">, attempt: Attempt): Promise<void> {
  return audit.record({
    workspaceId: attempt.workspaceId,
    appId: attempt.appId,
    actor: actorOf(attempt),
    action: "connection.begin",
    target: attempt.connectionId,
    outcome: "ok",
  })
}
