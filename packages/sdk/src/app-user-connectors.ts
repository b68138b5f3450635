import { connectInWindow, type WindowOutcome } from "./connect-window.ts"
import type { Call } from "./create-call.ts"
import { ConnectError } from "./errors.ts"
import { connectorPath } from "./paths.ts"
import { readPages } from "./read-pages.ts"
import { camelCase, snakeCase, type CamelCased } from "./rename-members.ts"
import type {
  AppUserConnectionListAnswer,
  AppUserDisconnectAnswer,
  AppUserStatusAnswer,
  AppUserConnection as ConnectionAnswer,
  ConnectOutcome,
  InitiateAnswer,
} from "./wire/app-user-auth.ts"
import type { RevocationReceipt } from "./wire/integrations.ts"

/** The user's answer, where another account than the one connected before agreed and completion is verified. */
export interface AccountAnswer {
  /** true: the new account takes the old one's place; false: the old one stays. Absent: ACCOUNT_CHANGED asks. */
  readonly replace?: boolean | undefined
}

export interface ConnectOptions {
  /** Page to come back to, of an origin that is registered for the app; the current page when absent. */
  readonly returnTo?: string | undefined
  /** Values that the service needs before consent, e.g. a subdomain; the connect page asks for missing ones. */
  readonly connectionConfig?: Readonly<Record<string, string>> | undefined
  /** The account that the provider should offer first, usually an e-mail address. */
  readonly loginHint?: string | undefined
}

export interface Connected {
  readonly status: "connected"
  /** Stays the same when the user connects again. */
  readonly connectionId: string
}

/** Whether an app user is connected: `status`, `account`, `scopes` and `missingScopes`. */
export type AppUserStatus = CamelCased<AppUserStatusAnswer>

/** One connection of the signed-in user: its status and `connectorId`, `connectionId`, `integrationType`. */
export type AppUserConnection = CamelCased<ConnectionAnswer>

/** The signed-in user's own accounts. Every call needs the user's `token`. */
export interface AppUserConnectorsModule {
  /**
   * Begins to connect an account.
   *
   * @param connectorId as shown where the connector is registered
   * @returns the address to send the user's browser to
   * @throws Error when the client holds no user's token
   * @throws GrantryError
   */
  connectAppUser(connectorId: string, options?: ConnectOptions): Promise<string>

  /**
   * Connects an account in a window of its own. Call it right in the handler of a click, or browsers block the
   * window; then the page itself is sent to the connect page, the promise never settles, and `completeConnect`
   * learns the outcome when the user is back.
   *
   * @param connectorId as shown where the connector is registered
   * @returns when the account is connected, also where the app demands verified completion
   * @throws ConnectError when the window was closed, or the user or the provider refused
   * @throws Error when the client holds no user's token
   * @throws GrantryError
   */
  openConnectWindow(connectorId: string, options?: ConnectOptions & AccountAnswer): Promise<Connected>

  /**
   * What a page calls when it loads, to finish what `connectAppUser` or a blocked window began. Does nothing on
   * pages that nobody came back to.
   *
   * @param url address that the user came back to; the current page's when absent
   * @param answer to ACCOUNT_CHANGED: call again with the same address once the user has chosen
   * @returns null when the address tells of no outcome
   * @throws ConnectError when nothing was connected
   * @throws GrantryError
   */
  completeConnect(url?: string, answer?: AccountAnswer): Promise<Connected | null>

  /**
   * Forgets the user's account and revokes its grant.
   *
   * @param connectorId as shown where the connector is registered
   * @returns what the provider has been told
   * @throws NotConnectedError, GrantryError
   */
  disconnectAppUser(connectorId: string): Promise<RevocationReceipt>

  /**
   * Whether the user is connected, without a token.
   *
   * @param connectorId as shown where the connector is registered
   * @throws GrantryError
   */
  status(connectorId: string): Promise<AppUserStatus>

  /**
   * All accounts of the user. Reads all pages.
   *
   * @throws GrantryError
   */
  list(): Promise<AppUserConnection[]>
}

/** @param call with the user's token */
export function createAppUserConnectors(call: Call, serverUrl: string): AppUserConnectorsModule {
  const initiate = async (connectorId: string, options: ConnectOptions = {}): Promise<InitiateAnswer> =>
    (await call(`${connectorPath(connectorId)}/initiate`, "POST", snakeCase(options))) as InitiateAnswer
  const status = async (connectorId: string): Promise<AppUserStatus> =>
    camelCase<AppUserStatusAnswer>(await call(`${connectorPath(connectorId)}/status`))
  const finish = async (outcome: WindowOutcome, answer?: AccountAnswer): Promise<Connected> => {
    const { status: ended, error, connect_handle: handle, connection_id: connectionId } = outcome
    if (ended === "error") {
      throw new ConnectError(`Nothing was connected: ${error}`, { code: error ?? undefined })
    }
    if (handle) await call("app-user-auth/complete", "POST", { handle, ...answer })
    return { status: "connected", connectionId }
  }
  return {
    connectAppUser: async (connectorId, options) => (await initiate(connectorId, options)).redirect_url,
    openConnectWindow: async (connectorId, { replace, ...options } = {}) =>
      finish(
        await connectInWindow(
          new URL(serverUrl).origin,
          async () => initiate(connectorId, options),
          async () => status(connectorId),
        ),
        { replace },
      ),
    completeConnect: async (url = location.href, answer) => {
      const outcome: Partial<ConnectOutcome> = Object.fromEntries(new URL(url).searchParams)
      return isOutcome(outcome) ? finish(outcome, answer) : null
    },
    disconnectAppUser: async (connectorId) =>
      ((await call(connectorPath(connectorId), "DELETE")) as AppUserDisconnectAnswer).revoked,
    status,
    list: async () =>
      readPages(
        call,
        "app-user-auth/connections",
        ({ connections }: AppUserConnectionListAnswer) => connections,
      ),
  }
}

function isOutcome(query: Partial<ConnectOutcome>): query is ConnectOutcome {
  return Boolean(query.status && query.connection_id)
}
