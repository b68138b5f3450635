/** What a caller polls while the person consents. A colleague's attempt, and one that is not over, read as pending. */
import type { Services } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"

export type AttemptReading = "ACTIVE" | "FAILED" | "PENDING"

export async function readStatus(
  deps: Pick<Services, "storage" | "clock">,
  app: App,
  memberId: string,
  connectionId: string,
): Promise<AttemptReading> {
  const attempt = await deps.storage.attempts.findLatest({
    workspaceId: app.workspaceId,
    appId: app.id,
    connectionId,
    startedBy: memberId,
  })
  if (!attempt) return readConnection(deps, app, memberId, connectionId)
  if (attempt.status === "connected") return "ACTIVE"
  return attempt.status === "failed" || attempt.expiresAt <= deps.clock.now() ? "FAILED" : "PENDING"
}

/** Attempts are forgotten after a day; their connections are not. */
async function readConnection(
  deps: Pick<Services, "storage">,
  app: App,
  memberId: string,
  connectionId: string,
): Promise<AttemptReading> {
  const connection = await deps.storage.connections.findById(app.workspaceId, connectionId)
  const own = connection?.appId === app.id && connection.connectedBy === memberId
  return own && connection.status === "active" ? "ACTIVE" : "PENDING"
}
