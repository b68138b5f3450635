/** Giving out a token: the hot path. At most two point reads, one decryption, no write. */
import { missingScopes } from "@grantry/catalog"
import type { TokenAnswer } from "@grantry/sdk/wire"
import type { Services } from "../services.ts"
import type { Connection, ConnectionAddress } from "../storage/stores.ts"
import { CredentialUnreadable } from "../vault/vault.ts"
import { credentialUnreadable, notConnected, reconnectRequired } from "./errors.ts"
import { judgeFreshness } from "./freshness.ts"
import { definitionOf } from "./oauth-clients.ts"
import { tokenContext } from "./sealed-tokens.ts"

/** @throws GrantryError with the refusals of CONTRACT section 2 */
export async function getToken(services: Services, address: ConnectionAddress): Promise<TokenAnswer> {
  const { storage } = services
  const stored = storage.connections.findByAddressCached(address) ?? (await storage.connections.findByAddress(address))
  const connection = usable(services, stored, address)
  return openAnswer(services, await freshened(services, connection))
}

function usable(services: Services, connection: Connection | undefined, address: ConnectionAddress): Connection {
  if (!connection || connection.status === "disconnected") throw notConnected(address.ownerKind)
  if (connection.status === "expired") throw reconnectRequired(connection, definitionOf(services.catalog, connection.type))
  return connection
}

async function freshened(services: Services, connection: Connection): Promise<Connection> {
  const { clock, refresher } = services
  switch (judgeFreshness(connection, clock.now())) {
    case "fresh":
      return connection
    case "due":
      refresher.refreshBehind(connection)
      return connection
    case "stale":
      return refresher.refreshOrKeep(connection)
    case "expired":
      return refresher.refresh(connection)
  }
}

async function openAnswer(services: Services, connection: Connection): Promise<TokenAnswer> {
  const sealed = connection.sealedAccessToken
  if (sealed === null) throw notConnected(connection.ownerKind)
  const context = tokenContext(connection, "access_token")
  try {
    const accessToken = services.vault.openNow(context, sealed) ?? (await services.vault.open(context, sealed))
    return shapeAnswer(services, connection, accessToken)
  } catch (error) {
    throw error instanceof CredentialUnreadable ? credentialUnreadable(error) : error
  }
}

function shapeAnswer(services: Services, connection: Connection, accessToken: string): TokenAnswer {
  const definition = definitionOf(services.catalog, connection.type)
  const { accountId, accountLabel, expiresAt } = connection
  return {
    access_token: accessToken,
    integration_type: connection.type,
    connection_config: Object.keys(connection.config).length > 0 ? { ...connection.config } : null,
    expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    scopes: [...(connection.grantedScopes ?? [])],
    missing_scopes: [...missingScopes(definition, connection.requestedScopes, connection.grantedScopes)],
    account: accountId === null ? null : { id: accountId, label: accountLabel ?? accountId },
  }
}
