import { makeHeaders, type HeaderValues } from "./check-config.ts"
import { errorFromAnswer } from "./error-from-answer.ts"
import { GrantryError } from "./errors.ts"
import { pathPart } from "./paths.ts"

export interface CallSettings {
  /** Without a trailing slash. */
  readonly serverUrl: string
  readonly appId: string
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly timeoutMs: number
  readonly headers?: HeaderValues | undefined
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

const json = "application/json"

/** @param credentials for the next call; throws when one that it needs is missing */
export function createCall(settings: CallSettings, credentials: () => HeaderValues): Call {
  const { serverUrl, appId, fetch = globalThis.fetch, timeoutMs } = settings
  return async (path, method, body) => {
    const url = `${serverUrl}/api/apps/${pathPart(appId, "App ID")}/${path}`
    const mine = credentials()
    const headers = makeHeaders({
      ...settings.headers,
      Accept: json,
      "Content-Type": json,
      "X-App-Id": appId,
      ...mine,
    })
    const signal = AbortSignal.timeout(timeoutMs)
    let response, text
    try {
      // A followed redirect would carry the credentials to whatever host it names.
      const init = { method: method ?? "GET", headers, body: JSON.stringify(body), signal }
      response = await fetch(url, { ...init, redirect: "manual" })
      text = await response.text()
    } catch (cause) {
      const reason = signal.aborted ? `did not answer within ${timeoutMs} ms` : "could not be reached"
      throw new GrantryError(`${url} ${reason}`, { cause })
    }
    const { ok, status } = response
    if (!ok) throw errorFromAnswer(response, parseJson(withoutSecrets(text, mine)), url)
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
function withoutSecrets(text: string, credentials: HeaderValues): string {
  return Object.values(credentials).reduce<string>((rest, value) => {
    const secret = /^Bearer (.{8,})/.exec(value ?? "")?.[1]
    return secret ? rest.replaceAll(secret, "[token]") : rest
  }, text)
}
