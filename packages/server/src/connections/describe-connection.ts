/** What people and programs are told of a connection: never a token. */
import { type ConnectorDefinition, missingScopes } from "@grantry/catalog"
import type { Account, AppUserConnectionStatus } from "@grantry/sdk/wire"
import type { Services } from "../services.ts"
import type { Connection, ConnectionStatus } from "../storage/stores/connections.ts"
import { definitionOf } from "./oauth-clients.ts"

export interface GrantDescription {
  readonly account: Account | null
  /** Granted. */
  readonly scopes: string[]
  /** What the connector asks for by now and the grant lacks: these come with the next consent. */
  readonly missing_scopes: string[]
}

/** @param asked the scopes of the connector as they are now */
export function describeGrant(
  definition: ConnectorDefinition,
  { accountId, accountLabel, grantedScopes, status }: Connection,
  asked: readonly string[],
): GrantDescription {
  if (status === "disconnected") return noGrant
  return {
    account: accountId === null ? null : { id: accountId, label: accountLabel ?? accountId },
    scopes: [...(grantedScopes ?? [])],
    missing_scopes: missingScopes(definition, asked, grantedScopes),
  }
}

export const noGrant: GrantDescription = { account: null, scopes: [], missing_scopes: [] }

export function userStatus(status: ConnectionStatus): AppUserConnectionStatus {
  switch (status) {
    case "active":
      return "connected"
    case "expired":
      return "reconnect_required"
    case "disconnected":
      return "not_connected"
  }
}

/** Describes the connections of one answer, reading each connector once. */
export function grantDescriber(
  services: Pick<Services, "catalog" | "storage">,
): (connection: Connection) => Promise<GrantDescription> {
  const asked = new Map<string, Promise<readonly string[] | undefined>>()
  const scopesOf = (workspaceId: string, connectorId: string) => {
    const known = asked.get(connectorId)
    if (known) return known
    const read = services.storage.connectors.find(workspaceId, connectorId).then((found) => found?.scopes)
    asked.set(connectorId, read)
    return read
  }
  return async (connection) => {
    const { connectorId, requestedScopes, type, workspaceId } = connection
    const definition = definitionOf(services.catalog, type)
    const scopes = connectorId === null ? undefined : await scopesOf(workspaceId, connectorId)
    return describeGrant(definition, connection, scopes ?? requestedScopes)
  }
}
