import { checkHeaders, checkServerUrl, checkTimeout, checkToken } from "./check-config.ts"
import { createConnectors, type ConnectorsModule } from "./connectors.ts"

export interface ClientConfig {
  /** Address of the Grantry server, e.g. `https://grantry.example.com`; may have a path. */
  readonly serverUrl: string
  readonly appId: string
  /** The app user's JWT: sent as `on-behalf-of` beside the service token. */
  readonly token?: string | null | undefined
  /** A service key (`gsk_…`) or the short-lived token that a backend function receives. Belongs in no browser. */
  readonly serviceToken?: string | null | undefined
  /** Sent with every call. */
  readonly headers?: Readonly<Record<string, string>> | undefined
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
}

export interface GrantryClient {
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
  const serverUrl = checkServerUrl(config.serverUrl)
  const { appId, fetch } = config
  if (typeof appId !== "string" || appId === "") {
    throw new TypeError("createClient needs appId, the id of your app")
  }
  const serviceToken = checkToken(config.serviceToken, "serviceToken")
  let token = checkToken(config.token, "token")
  const extraHeaders = checkHeaders(config.headers)

  const headers = (): Headers => {
    const result = new Headers({ Accept: "application/json", "Content-Type": "application/json" })
    extraHeaders.forEach((value, name) => result.set(name, value))
    result.set("X-App-Id", appId)
    result.set("Authorization", `Bearer ${serviceToken}`)
    if (token) result.set("on-behalf-of", `Bearer ${token}`)
    return result
  }
  const secrets = (): string[] => [serviceToken, token]
  const settings = { serverUrl, fetch, timeoutMs: checkTimeout(config.timeoutMs), headers, secrets }
  const serviceRole: ServiceRole = { connectors: createConnectors(settings, appId) }

  return {
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
