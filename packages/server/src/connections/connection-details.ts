/** All that a member may know of one connection. */
import type { ConnectionDetails } from "@grantry/sdk/wire"
import type { Services } from "../services.ts"
import type { App } from "../storage/stores/apps.ts"
import type { Connection } from "../storage/stores/connections.ts"
import { summarize } from "./list-connections.ts"

type Dependencies = Pick<Services, "catalog" | "storage">

/** @returns undefined when the app has no such connection */
export async function describeConnection(
  services: Dependencies,
  app: Pick<App, "id" | "workspaceId">,
  connectionId: string,
): Promise<ConnectionDetails | undefined> {
  const connection = await services.storage.connections.findById(app.workspaceId, connectionId)
  if (connection?.appId !== app.id) return undefined
  const trouble = connection.lastRefreshError
  return {
    ...(await summarize(services, connection)),
    requested_scopes: [...connection.requestedScopes],
    connected_by: await emailOf(services, connection),
    trouble: trouble && { code: trouble.code, message: trouble.message, at: isoTime(trouble.at) },
    expires_at: isoTimeOrNull(connection.expiresAt),
    refresh_due_at: isoTimeOrNull(connection.refreshDueAt),
    last_refreshed_at: isoTimeOrNull(connection.lastRefreshedAt),
  }
}

async function emailOf({ storage }: Dependencies, { connectedBy }: Connection): Promise<string | null> {
  if (connectedBy === null) return null
  return (await storage.accounts.findMember(connectedBy))?.email ?? null
}

function isoTimeOrNull(atMs: number | null): string | null {
  return atMs === null ? null : isoTime(atMs)
}

function isoTime(atMs: number): string {
  return new Date(atMs).toISOString()
}
