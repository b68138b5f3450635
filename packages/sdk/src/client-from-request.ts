import { createClient, type ClientConfig, type GrantryClient } from "./client.ts"

/** A web `Request`, anything whose headers have `get(name)`, or Node's `IncomingMessage`. */
export interface RequestLike {
  readonly headers:
    | { get(name: string): string | null | undefined }
    | Readonly<Record<string, string | readonly string[] | undefined>>
}

export type FromRequestOptions = Pick<ClientConfig, "fetch" | "timeoutMs">

/**
 * Makes a client out of what Grantry adds to the requests that it forwards to backend functions.
 *
 * @throws Error when the request did not come through Grantry, or a credential is not a bearer token
 */
export function createClientFromRequest(
  request: RequestLike,
  options: FromRequestOptions = {},
): GrantryClient {
  const header = headerReader(request)
  const appId = header("Base44-App-Id")
  if (!appId) throw new Error(notForwarded("Base44-App-Id"))
  const serviceToken = bearerToken(header("Base44-Service-Authorization"))
  const token = bearerToken(header("Authorization"))
  // There is no server to fall back to: guessing one would send it the service token.
  const serverUrl = header("Base44-Api-Url")
  if (!serverUrl) throw new Error(notForwarded("Base44-Api-Url"))

  const headers: Record<string, string> = {}
  const state = header("Base44-State")
  if (state) headers["Base44-State"] = state
  const dataEnv = header("X-Data-Env")
  if (dataEnv === "dev" || dataEnv === "prod") headers["X-Data-Env"] = dataEnv
  return createClient({ serverUrl, appId, token, serviceToken, headers, ...options })
}

function notForwarded(name: string): string {
  return `${name} header is required, but the request has none: did it come through Grantry?`
}

function headerReader(request: RequestLike): (name: string) => string | null {
  const headers = request?.headers
  if (typeof headers !== "object" || headers === null) {
    throw new TypeError("createClientFromRequest needs the request that the function received")
  }
  if (isReader(headers)) return (name) => headers.get(name) ?? null
  const entries = Object.entries(headers)
  return (name) => entries.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]?.toString() ?? null
}

function isReader(
  headers: RequestLike["headers"],
): headers is { get(name: string): string | null | undefined } {
  return typeof headers.get === "function"
}

function bearerToken(header: string | null): string | undefined {
  if (header === null) return undefined
  const [scheme, token, ...rest] = header.split(" ")
  if (scheme === "Bearer" && token !== undefined && rest.length === 0) return token
  throw new Error('Invalid authorization header format. Expected "Bearer <token>"')
}
