/** Connections as members see them: an app's shared ones and its users', and who has to connect again. */
import type { ConnectionSummary } from "@grantry/sdk/wire"
import type { Services } from "../services.ts"
import type { Connection, ConnectionQuery } from "../storage/stores/connections.ts"
import type { Connector } from "../storage/stores/connectors.ts"
import type { Listed } from "./app-user-connections.ts"
import { grantDescriber } from "./describe-connection.ts"
import { definitionOf } from "./oauth-clients.ts"

type Dependencies = Pick<Services, "catalog" | "storage">

export async function listConnections(
  services: Dependencies,
  query: ConnectionQuery,
): Promise<Listed<ConnectionSummary>> {
  const rows = await services.storage.connections.listPage(query)
  return { rows, items: await summaries(services, rows) }
}

/** Rows looked at for one answer: who misses nothing is passed over, and a connector may have a million users. */
const maxLookedAt = 5_000
const batch = 200

interface ConnectorPage {
  readonly limit: number
  /** Id of the last one looked at. */
  readonly after?: string
  readonly onlyMissing: boolean
}

export interface ConnectorConnections {
  readonly items: ConnectionSummary[]
  /** Where to go on; null at the end. */
  readonly lookedUpTo: string | null
}

export async function listConnectorConnections(
  services: Dependencies,
  connector: Connector,
  { after, limit, onlyMissing }: ConnectorPage,
): Promise<ConnectorConnections> {
  const items: ConnectionSummary[] = []
  let last = after
  for (let lookedAt = 0; lookedAt < maxLookedAt; lookedAt += batch) {
    const page = { limit: batch, ...(last !== undefined && { after: last }) }
    const rows = await services.storage.connections.listByConnector(connector.workspaceId, connector.id, page)
    for (const summary of await summaries(services, rows)) {
      last = summary.id
      if (summary.status === "disconnected" || (onlyMissing && summary.missing_scopes.length === 0)) continue
      items.push(summary)
      if (items.length === limit) return { items, lookedUpTo: last }
    }
    if (rows.length < batch) return { items, lookedUpTo: null }
  }
  return { items, lookedUpTo: last ?? null }
}

/** The shared ones that a member consented to, in the order of their ids. */
export async function listMemberConnections(
  services: Dependencies,
  workspaceId: string,
  memberId: string,
  page: Parameters<Services["storage"]["connections"]["listByMember"]>[2],
): Promise<ConnectionSummary[]> {
  return summaries(services, await services.storage.connections.listByMember(workspaceId, memberId, page))
}

/** One of them alone. */
export async function summarize(services: Dependencies, connection: Connection): Promise<ConnectionSummary> {
  return summaryOf(services, connection, grantDescriber(services))
}

async function summaries(services: Dependencies, rows: readonly Connection[]): Promise<ConnectionSummary[]> {
  const describe = grantDescriber(services)
  return Promise.all(rows.map((connection) => summaryOf(services, connection, describe)))
}

async function summaryOf(
  { catalog }: Dependencies,
  connection: Connection,
  describe: ReturnType<typeof grantDescriber>,
): Promise<ConnectionSummary> {
  return {
    id: connection.id,
    app_id: connection.appId,
    owner_kind: connection.ownerKind,
    user_id: connection.ownerKind === "app_user" ? connection.ownerId : null,
    addressed_by: connection.slot.startsWith("type:") ? "type" : "connector",
    connector_id: connection.connectorId,
    integration_type: connection.type,
    display_name: definitionOf(catalog, connection.type).displayName,
    status: connection.status,
    ...(await describe(connection)),
    last_refresh_error: connection.lastRefreshError?.message ?? null,
    created_at: new Date(connection.createdAt).toISOString(),
    status_since: new Date(connection.statusChangedAt).toISOString(),
  }
}
