import { checkConfig, checkToken, type HeaderValues } from "./check-config.ts"
import { createCall } from "./create-call.ts"
import { createAppUserConnectors, type AppUserConnectorsModule } from "./app-user-connectors.ts"
import { createConnectors, type ConnectorsModule } from "./connectors.ts"
import { createUsers, type UsersModule } from "./users.ts"

export interface ClientConfig {
  /** Address of the Grantry server, e.g. `https://grantry.example.com`; may have a path. */
  readonly serverUrl: string
  readonly appId: string
  /** The app user's JWT: the credential of `connectors`, and `on-behalf-of` beside the service token. */
  readonly token?: string | null | undefined
  /** A service key (`gsk_…`) or the short-lived token that a backend function receives. Belongs in no browser. */
  readonly serviceToken?: string | null | undefined
  /** Sent with every call, but for those that are empty. */
  readonly headers?: HeaderValues | undefined
  /** Replaces the runtime's own `fetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined
  /**
   * Milliseconds for one call, the answer's body included. 40,000 when absent: a server waits up to 35 s for a
   * provider that is slow to refresh a token.
   */
  readonly timeoutMs?: number | undefined
}

export interface ServiceRole {
  readonly connectors: ConnectorsModule
  readonly users: UsersModule
}

export interface GrantryClient {
  /** The accounts of the app user whose `token` the client holds. */
  readonly connectors: AppUserConnectorsModule
  /** Calls in the app's own name. Throws when the client has no service token. */
  readonly asServiceRole: ServiceRole
  getConfig(): { serverUrl: string; appId: string }
  /** Whose behalf the next calls are made on; an empty token ends that. */
  setToken(token: string | null | undefined): void
}

/**
 * Makes a client of one app. Opens no connection.
 *
 * @throws TypeError naming what is missing or malformed
 */
export function createClient(config: ClientConfig): GrantryClient {
  const settings = checkConfig(config)
  const { serverUrl, appId } = settings
  const serviceToken = checkToken(config.serviceToken, "serviceToken")
  let token = checkToken(config.token, "token")

  const callAsService = createCall(settings, () => ({
    Authorization: `Bearer ${serviceToken}`,
    "on-behalf-of": token && `Bearer ${token}`,
  }))
  const requireUser = (): string => {
    if (token) return token
    throw new Error("User token is required to use connectors. Pass token to createClient.")
  }
  const callAsUser = createCall(settings, () => ({
    Authorization: `Bearer ${requireUser()}`,
    // Where to come back to when the caller names no page; only browsers have a location.
    "X-Origin-URL": globalThis.location?.href,
  }))
  const serviceRole: ServiceRole = {
    connectors: createConnectors(callAsService, requireUser),
    users: createUsers(callAsService),
  }

  return {
    connectors: createAppUserConnectors(callAsUser, serverUrl),
    get asServiceRole() {
      if (serviceToken) return serviceRole
      throw new Error("Service token is required to use asServiceRole. Pass serviceToken to createClient.")
    },
    getConfig: () => ({ serverUrl, appId }),
    setToken(newToken) {
      token = checkToken(newToken, "token")
    },
  }
}
