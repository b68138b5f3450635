import type { Call } from "./create-call.ts"
import { GrantryError } from "./errors.ts"
import type { ConnectorIntegrationType } from "./integration-type.ts"
import { connectorPath, pathPart } from "./paths.ts"
import { readPages } from "./read-pages.ts"
import { camelCase, type CamelCased } from "./rename-members.ts"
import type { Account } from "./wire/account.ts"
import type { ConnectorUser, ConnectorUserListAnswer } from "./wire/app-user-auth.ts"
import type { TokenAnswer } from "./wire/token-answer.ts"

/** A connected account, as code that calls the service's API needs it. */
export interface ConnectorConnection {
  /** Fresh: it outlives this call by minutes, so fetch it where it is used rather than keeping it. */
  accessToken: string
  /** Connector type, e.g. `slack`. */
  integrationType: string
  /** Values that belong to the connection, e.g. a subdomain; null where the service has none. */
  connectionConfig: Readonly<Record<string, string>> | null
  /** null when the provider names no time. */
  expiresAt: Date | null
  /** What was granted. */
  scopes: string[]
  /** What was asked for and not granted: calls that need these fail at the provider. */
  missingScopes: string[]
  /** Whose account it is at the provider; null while that is unknown. */
  account: Account | null
}

/** A user of the app at one connector: `userId`, `status` and `account`. */
export type ConnectedUser = CamelCased<ConnectorUser>

/** Accounts of the app and of its users, for backend code that holds a service token. */
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

  /**
   * The account of the user whose `token` the client holds, as after `createClientFromRequest`.
   *
   * @param connectorId as shown where the connector is registered
   * @throws Error when the client holds no user's token
   * @throws NotConnectedError, ReconnectRequiredError, ProviderUnavailableError, GrantryError
   */
  getCurrentAppUserConnection(connectorId: string): Promise<ConnectorConnection>

  /**
   * The account of a user who is not there: for schedules, webhooks and other work outside a user's request.
   *
   * @param userId as `users.createToken` was given it, or as `GET entities/User/me` and `listAppUsers` tell it
   * @param connectorId as shown where the connector is registered
   * @throws NotConnectedError, ReconnectRequiredError, ProviderUnavailableError, GrantryError
   */
  getAppUserConnection(of: { userId: string; connectorId: string }): Promise<ConnectorConnection>

  /**
   * Every user who has, or had, an account at a connector. Reads all pages.
   *
   * @param connectorId as shown where the connector is registered
   * @throws GrantryError
   */
  listAppUsers(connectorId: string): Promise<ConnectedUser[]>
}

/**
 * @param call with the service token
 * @param requireUser throws when nobody's behalf is acted on
 */
export function createConnectors(call: Call, requireUser: () => unknown): ConnectorsModule {
  const tokens = "external-auth/tokens"
  const read = async (path: string): Promise<ConnectorConnection> => readConnection(await call(path))
  const getConnection = async (integrationType: ConnectorIntegrationType): Promise<ConnectorConnection> =>
    read(`${tokens}/${pathPart(integrationType, "Integration type")}`)
  return {
    getConnection,
    getAccessToken: async (integrationType) => (await getConnection(integrationType)).accessToken,
    getWorkspaceConnection: async (connectorId) => read(connectorPath(connectorId, tokens)),
    getCurrentAppUserConnection: async (connectorId) => {
      requireUser()
      return read(`${connectorPath(connectorId)}/token`)
    },
    getAppUserConnection: async ({ userId, connectorId }) =>
      read(`${connectorPath(connectorId, `app-user-auth/users/${pathPart(userId, "User ID")}`)}/token`),
    listAppUsers: async (connectorId) =>
      readPages(call, `${connectorPath(connectorId)}/users`, (page: ConnectorUserListAnswer) => page.users),
  }
}

function readConnection(answer: unknown): ConnectorConnection {
  const connection = camelCase<TokenAnswer>(answer)
  if (connection.accessToken) return connection
  throw new GrantryError("The answer holds no access token", { status: 200 })
}
