/** Which connections a job ends. Pure. */
import type { Connection } from "../../storage/stores/connections.ts"
import type { Covers, DisconnectJob } from "../../storage/stores/disconnect-jobs.ts"

export const everything: Covers = {
  appId: null,
  type: null,
  connectorId: null,
  userId: null,
  connectedBy: null,
}

/** Replicas tell the time by one clock, each a few milliseconds off. */
const sameMomentMs = 1_000

type Judged = Pick<
  Connection,
  | "appId"
  | "type"
  | "connectorId"
  | "ownerKind"
  | "ownerId"
  | "connectedBy"
  | "status"
  | "createdAt"
  | "statusChangedAt"
>

/**
 * What somebody connected, or connected anew, after the job was asked for stays; only a workspace that is being closed
 * keeps nothing.
 */
export function isCovered(
  { askedAt, covers, endsWith }: Pick<DisconnectJob, "covers" | "endsWith" | "askedAt">,
  connection: Judged,
): boolean {
  if (connection.status === "disconnected" || !matches(covers, connection)) return false
  if (endsWith === "workspace") return true
  const consentedAt = connection.status === "active" ? connection.statusChangedAt : connection.createdAt
  return consentedAt <= askedAt + sameMomentMs
}

function matches({ appId, connectedBy, connectorId, type, userId }: Covers, connection: Judged): boolean {
  return (
    (appId === null || connection.appId === appId) &&
    (type === null || connection.type === type) &&
    (connectorId === null || connection.connectorId === connectorId) &&
    (connectedBy === null || connection.connectedBy === connectedBy) &&
    (userId === null || (connection.ownerKind === "app_user" && connection.ownerId === userId))
  )
}
