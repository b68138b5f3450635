/** The path under which everything of the sandbox lies. */
export const sandboxPath = "/sandbox"

/**
 * Where the sandbox serves a provider's URL: `https://HOST/PATH?Q` → `<origin>/sandbox/<type>/<HOST>/PATH?Q`.
 *
 * @param origin scheme, host and port at which the sandbox is reached
 * @param type the connector type that emulates the provider
 * @param providerUrl the provider's own URL
 */
export function sandboxUrl(origin: string, type: string, providerUrl: URL): URL {
  const place = new URL(origin)
  const path = `${sandboxPath}/${encodeURIComponent(type)}/${providerUrl.host}${providerUrl.pathname}`
  return new URL(`${place.origin}${path}${providerUrl.search}`)
}

/** What a path of the sandbox stands for. */
export interface SandboxAddress {
  readonly type: string
  readonly url: URL
}

/** Reads a request's path back into the provider's URL; null where it names none. */
export function providerAddress(requestUrl: string): SandboxAddress | null {
  if (!URL.canParse(requestUrl, "http://sandbox")) return null
  const asked = new URL(requestUrl, "http://sandbox")
  const parts = /^\/sandbox\/([^/]+)\/([^/]+)(\/.*)?$/.exec(asked.pathname)
  const [, type, host, path = "/"] = parts ?? []
  if (type === undefined || host === undefined) return null
  const address = `https://${host}${path}${asked.search}`
  return URL.canParse(address) ? { type, url: new URL(address) } : null
}
