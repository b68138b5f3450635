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
  const requiredHeader = (name: string): string => {
    const value = header(name)
    if (value) return value
    throw new Error(`${name} header is required, but missing: did the request come through Grantry?`)
  }
  const dataEnv = header("X-Data-Env")
  const forwarded = {
    appId: requiredHeader("Base44-App-Id"),
    serviceToken: bearerToken(header("Base44-Service-Authorization")),
    token: bearerToken(header("Authorization")),
    // There is no server to fall back to: guessing one would send it the service token.
    serverUrl: requiredHeader("Base44-Api-Url"),
    headers: {
      "Base44-State": header("Base44-State"),
      "X-Data-Env": dataEnv === "dev" || dataEnv === "prod" ? dataEnv : undefined,
    },
  }
  return createClient({ ...forwarded, ...options })
}

function headerReader(request: RequestLike): (name: string) => string | undefined {
  const headers = request?.headers
  if (typeof headers !== "object") throw new TypeError("createClientFromRequest needs the request")
  return (name) => {
    // Node's are in lower case.
    const value =
      typeof headers.get === "function"
        ? headers.get(name)
        : (Reflect.get(headers, name) ?? Reflect.get(headers, name.toLowerCase()))
    return value?.toString()
  }
}

function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const token = /^Bearer ([^ ]+)$/.exec(header)?.[1]
  if (token) return token
  throw new Error('Invalid authorization header format. Expected "Bearer <token>"')
}
