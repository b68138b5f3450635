/** Giving out a token: the hot path. At most two point reads, one decryption, no write. */
import type { Services } from "../services.ts"
import type { Connection, ConnectionAddress } from "../storage/stores.ts"
import { CredentialUnreadable, lastingContext, type SealContext } from "../vault/vault.ts"
import { credentialUnreadable, notConnected, reconnectRequired } from "./errors.ts"
import { judgeFreshness } from "./freshness.ts"
import { definitionOf } from "./oauth-clients.ts"
import { tokenContext } from "./sealed-tokens.ts"

export interface OpenedToken {
  readonly connection: Connection
  /** Plain: it must not outlive the answer. */
  readonly accessToken: string
}

/**
 * Answers at once where nothing has to be waited for: the row is in an exact cache, the workspace's key in memory, and
 * the token far from its end.
 *
 * @throws GrantryError with the refusals of CONTRACT section 2, at once or as the rejection
 */
export function getToken(services: Services, address: ConnectionAddress): OpenedToken | Promise<OpenedToken> {
  const cached = services.storage.connections.findByAddressCached(address)
  return (cached && readNow(services, cached)) ?? readSoon(services, address)
}

// A cached row is frozen and stays the same object until it is written: what follows from it need not be worked out again.
const contexts = new WeakMap<Connection, SealContext>()

function readNow({ clock, vault }: Services, connection: Connection): OpenedToken | undefined {
  const sealed = connection.sealedAccessToken
  if (connection.status !== "active" || sealed === null) return undefined
  if (judgeFreshness(connection, clock.now()) !== "fresh") return undefined
  let context = contexts.get(connection)
  if (context === undefined) {
    context = lastingContext(tokenContext(connection, "access_token"))
    contexts.set(connection, context)
  }
  try {
    const accessToken = vault.openNow(context, sealed)
    return accessToken === undefined ? undefined : { connection, accessToken }
  } catch (error) {
    throw explained(error)
  }
}

async function readSoon(services: Services, address: ConnectionAddress): Promise<OpenedToken> {
  const stored = await services.storage.connections.findByAddress(address)
  const connection = await freshened(services, usable(services, stored, address))
  if (connection.sealedAccessToken === null) throw notConnected(connection.ownerKind)
  try {
    const context = tokenContext(connection, "access_token")
    return { connection, accessToken: await services.vault.open(context, connection.sealedAccessToken) }
  } catch (error) {
    throw explained(error)
  }
}

function explained(error: unknown): unknown {
  return error instanceof CredentialUnreadable ? credentialUnreadable(error) : error
}

function usable(
  services: Services,
  connection: Connection | undefined,
  address: ConnectionAddress,
): Connection {
  if (!connection || connection.status === "disconnected") throw notConnected(address.ownerKind)
  if (connection.status === "expired")
    throw reconnectRequired(connection, definitionOf(services.catalog, connection.type))
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
