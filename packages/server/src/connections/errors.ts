/** The refusals of a connector's calls, worded once. CONTRACT section 2 fixes statuses, codes and the starts of the texts. */
import type { ConnectorDefinition } from "@grantry/catalog"
import { GrantryError } from "../errors.ts"
import type { Connection, ProviderTrouble } from "../storage/stores/connections.ts"

export function notConnected(ownerKind: Connection["ownerKind"]): GrantryError {
  const message =
    ownerKind === "app"
      ? "Connector connection not found"
      : "No active connection found for this connector. Ask the user to connect it."
  return new GrantryError("NOT_FOUND", 404, message, { connector: true })
}

export function reconnectRequired(connection: Connection, definition: ConnectorDefinition): GrantryError {
  const since = new Date(connection.statusChangedAt).toISOString()
  const why = connection.lastRefreshError?.message ?? "the provider ended the grant"
  const message =
    `No active connection: ${definition.displayName} ended the grant on ${since} (${why}). ` +
    "Connect the account again; until then no further calls are made to the provider."
  return new GrantryError("RECONNECT_REQUIRED", 409, message, {
    connector: true,
    body: { since, provider_error: connection.lastRefreshError?.code ?? null },
  })
}

export function providerUnavailable(
  definition: ConnectorDefinition,
  trouble: ProviderTrouble,
  retryAfterS: number,
): GrantryError {
  const message =
    `${definition.displayName} could not refresh the expired token (${trouble.message}). ` +
    `The connection is intact: try again in ${retryAfterS} s.`
  return new GrantryError("PROVIDER_UNAVAILABLE", 503, message, { connector: true, retryAfterS })
}

export function oauthClientRejected(
  definition: ConnectorDefinition,
  connection: Connection,
  trouble: ProviderTrouble,
  retryAfterS: number,
): GrantryError {
  const which =
    connection.connectorId === null
      ? `the ${connection.credentialSource}'s OAuth client`
      : `connector ${connection.connectorId}`
  const message =
    `${definition.displayName} rejects ${which} (${trouble.message}). Correct its client secret; ` +
    "the connection is intact and works again as soon as the provider accepts the client."
  return new GrantryError("OAUTH_CLIENT_REJECTED", 503, message, { connector: true, retryAfterS })
}

export function quarantined(definition: ConnectorDefinition): GrantryError {
  const message =
    `The token of ${definition.displayName} has expired and is not refreshed: this server runs on a copy of its ` +
    "database, and refreshing could end the original's grants. An operator has to confirm that it is the only one."
  return new GrantryError("QUARANTINED", 503, message, { connector: true, retryAfterS: 60 })
}

export function oauthClientMissing(definition: ConnectorDefinition): GrantryError {
  const variable = `GRANTRY_${definition.type.toUpperCase()}_CLIENT_ID`
  const message =
    `No OAuth client is registered for ${definition.displayName}. Register one at ${definition.setup.registerUrl} ` +
    `and add it as a workspace connector, or set ${variable} and its _SECRET on the server.`
  return new GrantryError("OAUTH_CLIENT_MISSING", 409, message, { connector: true })
}

export function unknownConnectorType(type: string, nearest: readonly string[]): GrantryError {
  const hint =
    nearest.length > 0 ? ` Did you mean ${nearest.join(", ")}?` : " See available-integrations for the list."
  const shown = /^[\w-]{1,64}$/.test(type) ? `"${type}"` : "that name"
  return new GrantryError("UNKNOWN_CONNECTOR_TYPE", 404, `There is no connector type ${shown}.${hint}`, {
    connector: true,
    body: { nearest },
  })
}

export function credentialUnreadable(cause: unknown): GrantryError {
  const message =
    "The stored token of this connection cannot be opened: its record was changed or its key is missing. " +
    "Connect the account again to repair it; other connections are not affected."
  return new GrantryError("CREDENTIAL_UNREADABLE", 500, message, { connector: true, cause })
}
