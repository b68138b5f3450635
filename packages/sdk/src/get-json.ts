import { errorFromAnswer } from "./error-from-answer.ts"
import { GrantryError } from "./errors.ts"
import { member, textMember } from "./read-json.ts"

export interface CallSettings {
  /** Without a trailing slash. */
  readonly serverUrl: string
  readonly fetch: typeof globalThis.fetch | undefined
  readonly timeoutMs: number
  /** For the next call. */
  readonly headers: () => Headers
  /** Tokens in use, which no error may repeat even if the answer does. */
  readonly secrets: () => readonly string[]
}

/**
 * GETs `/api` + path parts and returns the parsed body of a 2xx answer.
 *
 * @throws GrantryError for every other outcome
 */
export async function getJson(settings: CallSettings, pathParts: readonly string[]): Promise<unknown> {
  const url = `${settings.serverUrl}/api/${pathParts.map(encodePathPart).join("/")}`
  const { response, text } = await exchange(settings, url)
  if (!response.ok) {
    throw errorFromAnswer(response, parseJson(withoutSecrets(text, settings.secrets())), url)
  }
  const data = parseJson(text)
  if (data !== undefined) return data
  throw new GrantryError(`${url} did not answer with JSON: does serverUrl name a Grantry server?`, {
    status: response.status,
  })
}

/** URL parsers resolve dot segments even when they are percent-encoded, so they could name another route. */
function encodePathPart(part: string): string {
  if (part === "." || part === "..") throw new TypeError(`"${part}" cannot be part of a path`)
  return encodeURIComponent(part)
}

async function exchange(settings: CallSettings, url: string): Promise<{ response: Response; text: string }> {
  const { fetch = globalThis.fetch, timeoutMs } = settings
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    // A followed redirect would carry `on-behalf-of` to whatever host it names.
    const response = await fetch(url, { headers: settings.headers(), redirect: "manual", signal })
    return { response, text: await response.text() }
  } catch (cause) {
    const reason = textMember(member(cause, "cause"), "code") ?? textMember(cause, "code")
    const message = signal.aborted
      ? `${url} did not answer within ${timeoutMs} ms`
      : `${url} could not be reached${reason ? ` (${reason})` : ""}`
    throw new GrantryError(message, { cause })
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
