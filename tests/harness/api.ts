/** Calls of the HTTP interface as its callers make them. */
import { ownerKey } from "./server.ts"

export interface Answer<Body = Record<string, unknown>> {
  readonly status: number
  readonly headers: Headers
  readonly body: Body
}

export type Credential = { readonly apiKey: string } | { readonly bearer: string } | null

export async function call<Body = Record<string, unknown>>(
  base: string,
  method: string,
  path: string,
  options: {
    readonly as?: Credential
    readonly body?: unknown
    readonly headers?: Record<string, string>
  } = {},
): Promise<Answer<Body>> {
  const as = options.as === undefined ? { apiKey: ownerKey } : options.as
  const response = await fetch(base + path, {
    method,
    redirect: "manual",
    headers: {
      ...(options.body !== undefined && { "content-type": "application/json" }),
      ...(as !== null &&
        ("apiKey" in as ? { api_key: as.apiKey } : { authorization: `Bearer ${as.bearer}` })),
      ...options.headers,
    },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: parse(text) as Body }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export interface TestApp {
  readonly id: string
  readonly serviceKey: string
}

/** A new app of the owner's, with a service key. */
export async function createApp(base: string, name = "Test app", as?: Credential): Promise<TestApp> {
  const created = await call<{ id: string }>(base, "POST", "/api/apps", {
    body: { name },
    ...(as !== undefined && { as }),
  })
  const path = `/api/apps/${created.body.id}/service-keys`
  const key = await call<{ key: string }>(base, "POST", path, {
    body: { name: "test" },
    ...(as !== undefined && { as }),
  })
  return { id: created.body.id, serviceKey: key.body.key }
}

export interface TokenBody {
  readonly access_token: string
  readonly integration_type: string
  readonly connection_config: Record<string, string> | null
  readonly expires_at: string | null
  readonly scopes: readonly string[]
  readonly missing_scopes: readonly string[]
  readonly account: { readonly id: string; readonly label: string } | null
  readonly code?: string
  readonly detail?: string
}

export function fetchToken(base: string, app: TestApp, type: string): Promise<Answer<TokenBody>> {
  return call<TokenBody>(base, "GET", `/api/apps/${app.id}/external-auth/tokens/${type}`, {
    as: { bearer: app.serviceKey },
  })
}
