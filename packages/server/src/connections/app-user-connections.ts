/** An app user's own connections, as the user and the app's backend see them. */
import type {
  AppUserConnection,
  AppUserDisconnectAnswer,
  AppUserStatusAnswer,
  ConnectorUser,
} from "@grantry/sdk/wire"
import type { AppUserCaller } from "../callers/caller.ts"
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { Connection, ConnectionQuery } from "../storage/stores/connections.ts"
import type { Connector } from "../storage/stores/connectors.ts"
import { appUserAddress } from "./app-user-address.ts"
import { describeGrant, grantDescriber, noGrant, userStatus } from "./describe-connection.ts"
import { disconnect } from "./disconnect.ts"
import { definitionOf } from "./oauth-clients.ts"

const live = ["active", "expired"] as const

/** @throws NOT_FOUND when there is no such connector */
export async function readAppUserStatus(
  services: Pick<Services, "catalog" | "storage">,
  user: AppUserCaller,
  connectorId: string,
): Promise<AppUserStatusAnswer> {
  const connector = await configuredConnector(services, user.workspaceId, connectorId)
  const connection = await services.storage.connections.findByAddress(appUserAddress(user, connectorId))
  if (!connection) return { status: "not_connected", ...noGrant }
  const definition = definitionOf(services.catalog, connector.type)
  return {
    status: userStatus(connection.status),
    ...describeGrant(definition, connection, connector.scopes),
  }
}

/** @throws NOT_FOUND when the user has no connection there */
export async function disconnectAppUser(
  services: Services,
  user: AppUserCaller,
  connectorId: string,
): Promise<AppUserDisconnectAnswer> {
  const connection = await services.storage.connections.findByAddress(appUserAddress(user, connectorId))
  if (!connection || connection.status === "disconnected") throw nothingToDisconnect()
  const revoked = await disconnect(services, connection, false)
  await services.audit.record({
    workspaceId: user.workspaceId,
    appId: user.appId,
    actor: user.actor,
    action: "connection.disconnect",
    target: connection.id,
    outcome: revoked,
  })
  return { status: "disconnected", connector_id: connectorId, revoked }
}

type Page = Pick<ConnectionQuery, "after" | "limit">

/** One row more than asked for says that there is another page. */
export interface Listed<Item> {
  readonly items: Item[]
  readonly rows: readonly Connection[]
}

export async function listAppUserConnections(
  services: Pick<Services, "catalog" | "storage">,
  { appId, userId, workspaceId }: AppUserCaller,
  page: Page,
): Promise<Listed<AppUserConnection>> {
  const query = {
    workspaceId,
    appId,
    ownerKind: "app_user",
    ownerId: userId,
    statuses: live,
    ...page,
  } as const
  const rows = await services.storage.connections.listPage(query)
  const describe = grantDescriber(services)
  const shape = async (connection: Connection): Promise<AppUserConnection> => ({
    connector_id: connection.connectorId ?? "",
    connection_id: connection.id,
    integration_type: connection.type,
    display_name: definitionOf(services.catalog, connection.type).displayName,
    status: userStatus(connection.status),
    ...(await describe(connection)),
    connected_at: new Date(connection.createdAt).toISOString(),
  })
  return { rows, items: await Promise.all(rows.map(shape)) }
}

/** The users of an app who have an account at a connector: what a nightly job goes through. */
export async function listConnectorUsers(
  services: Pick<Services, "catalog" | "storage">,
  { appId, workspaceId }: { readonly workspaceId: string; readonly appId: string },
  connectorId: string,
  page: Page,
): Promise<Listed<ConnectorUser>> {
  const connector = await configuredConnector(services, workspaceId, connectorId)
  const query = { workspaceId, appId, connectorId, ownerKind: "app_user", statuses: live, ...page } as const
  const rows = await services.storage.connections.listPage(query)
  const definition = definitionOf(services.catalog, connector.type)
  const items = rows.map((connection): ConnectorUser => {
    const { account, missing_scopes } = describeGrant(definition, connection, connector.scopes)
    return { user_id: connection.ownerId, status: userStatus(connection.status), account, missing_scopes }
  })
  return { rows, items }
}

/** @throws NOT_FOUND also for another workspace's */
export async function configuredConnector(
  services: Pick<Services, "storage">,
  workspaceId: string,
  connectorId: string,
): Promise<Connector> {
  const connector = await services.storage.connectors.find(workspaceId, connectorId)
  if (connector) return connector
  throw new GrantryError("NOT_FOUND", 404, "Connector authorization not configured", { connector: true })
}

function nothingToDisconnect(): GrantryError {
  const message = "No active connection found for this connector"
  return new GrantryError("NOT_FOUND", 404, message, { connector: true })
}
