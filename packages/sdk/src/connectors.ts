import { GrantryError } from "./errors.ts"
import { getJson, type CallSettings } from "./get-json.ts"
import type { ConnectorIntegrationType } from "./integration-type.ts"
import { dateMember, member, textMember, textsMember } from "./read-json.ts"
import type { Account } from "./wire/account.ts"

/** A connected account, as code that calls the service's API needs it. */
export interface ConnectorConnection {
  /** Fresh: it outlives this call by minutes, so fetch it where it is used rather than keeping it. */
  accessToken: string
  /** Values that belong to the connection, e.g. a subdomain; null where the service has none. */
  connectionConfig: Record<string, string> | null
  /** null when the provider names no time. */
  expiresAt: Date | null
  /** What was granted. */
  scopes: string[]
  /** What was asked for and not granted: calls that need these fail at the provider. */
  missingScopes: string[]
  /** Whose account it is at the provider; null while that is unknown. */
  account: Account | null
}

/** Shared accounts of the app, for backend code that holds a service token. */
export interface ConnectorsModule {
  /**
   * The app's account at a service.
   *
   * @param integrationType connector type, e.g. `slack`
   * @throws NotConnectedError, ReconnectRequiredError, ProviderUnavailableError, GrantryError
   */
  getConnection(integrationType: ConnectorIntegrationType): Promise<ConnectorConnection>

  /**
   * Only the token of `getConnection`.
   *
   * @deprecated `getConnection` also returns the values that some services need beside the token.
   */
  getAccessToken(integrationType: ConnectorIntegrationType): Promise<string>

  /**
   * The app's account at one connector, for workspaces that register several for one service.
   *
   * @param connectorId as shown where the connector is registered
   * @throws NotConnectedError, ReconnectRequiredError, ProviderUnavailableError, GrantryError
   */
  getWorkspaceConnection(connectorId: string): Promise<ConnectorConnection>
}

export function createConnectors(settings: CallSettings, appId: string): ConnectorsModule {
  const read = async (...path: string[]): Promise<ConnectorConnection> =>
    readConnection(await getJson(settings, ["apps", appId, "external-auth", "tokens", ...path]))
  const getConnection = async (integrationType: ConnectorIntegrationType): Promise<ConnectorConnection> =>
    read(requireText(integrationType, "Integration type"))
  return {
    getConnection,
    getAccessToken: async (integrationType) => (await getConnection(integrationType)).accessToken,
    getWorkspaceConnection: async (connectorId) =>
      read("connectors", requireText(connectorId, "Connector ID")),
  }
}

function requireText(value: unknown, label: string): string {
  if (typeof value === "string" && value !== "") return value
  throw new TypeError(`${label} is required and must be a string`)
}

function readConnection(answer: unknown): ConnectorConnection {
  const accessToken = textMember(answer, "access_token")
  if (accessToken === undefined) throw new GrantryError("The answer holds no access token", { status: 200 })
  return {
    accessToken,
    connectionConfig: readConfig(member(answer, "connection_config")),
    expiresAt: dateMember(answer, "expires_at") ?? null,
    scopes: textsMember(answer, "scopes"),
    missingScopes: textsMember(answer, "missing_scopes"),
    account: readAccount(member(answer, "account")),
  }
}

function readConfig(config: unknown): Record<string, string> | null {
  return typeof config === "object" && config !== null ? { ...(config as Record<string, string>) } : null
}

function readAccount(account: unknown): Account | null {
  const id = textMember(account, "id")
  return id === undefined ? null : { id, label: textMember(account, "label") ?? id }
}
