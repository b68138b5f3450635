import { errorFromAnswer } from "./error-from-answer.ts"
import { GrantryError } from "./errors.ts"
import { pathPart } from "./paths.ts"

export interface CallSettings {
  /** Without a trailing slash. */
  readonly serverUrl: string
  readonly appId: string
  readonly fetch: typeof globalThis.fetch | undefined
  readonly timeoutMs: number
  /** For the next call. Throws when a credential that it needs is missing. */
  readonly headers: () => Headers
  /** Tokens in use, which no error may repeat even if the answer does. */
  readonly secrets: () => readonly string[]
}

/**
 * Calls a route of the app and returns the parsed body of a 2xx answer.
 *
 * @param path below `/api/apps/{app}/`; its variable parts come from `pathPart`
 * @param method `GET` when absent
 * @param body sent as JSON
 * @throws GrantryError for every other outcome
 */
export type Call = (path: string, method?: string, body?: object) => Promise<unknown>

export function createCall(settings: CallSettings): Call {
  const { serverUrl, appId, fetch = globalThis.fetch, timeoutMs, headers, secrets } = settings
  return async (path, method = "GET", body) => {
    const url = `${serverUrl}/api/apps/${pathPart(appId, "App ID")}/${path}`
    const init = { method, body: JSON.stringify(body), headers: headers() }
    const signal = AbortSignal.timeout(timeoutMs)
    let response, text
    try {
      // A followed redirect would carry `on-behalf-of` to whatever host it names.
      response = await fetch(url, { ...init, redirect: "manual", signal })
      text = await response.text()
    } catch (cause) {
      const reason = signal.aborted ? `did not answer within ${timeoutMs} ms` : "could not be reached"
      throw new GrantryError(`${url} ${reason}`, { cause })
    }
    const { ok, status } = response
    if (!ok) throw errorFromAnswer(response, parseJson(withoutSecrets(text, secrets())), url)
    const data = parseJson(text)
    if (data !== undefined) return data
    throw new GrantryError(`${url} did not answer with JSON: does serverUrl name a Grantry server?`, {
      status,
    })
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Some proxies echo a request's headers in their error pages. Shorter values would blot out ordinary words. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= 8)
    .reduce((rest, secret) => rest.replaceAll(secret, "[token]"), text)
}
