import { checkServerUrl } from "./check-server-url.ts"
import { errorFromAnswer } from "../error-from-answer.ts"
import { GrantryError } from "../errors.ts"
import { textMember } from "./answer-text.ts"

/** Who calls: a workspace API key, a device login's access token, or the browser's session cookie. */
export type MemberCredential =
  | { readonly apiKey: string }
  /** Asked before each call, so that it can be renewed in between. */
  | { readonly accessToken: () => string | Promise<string> }
  | "session"

export interface MembersConfig {
  /** Address of the Grantry server. */
  readonly serverUrl: string
  readonly credential: MemberCredential
  /** In place of the runtime's own. */
  readonly fetch?: typeof globalThis.fetch
  /** Deadline of one call, in milliseconds; 60000 unless told, longer than a call that waits for a provider. */
  readonly timeoutMs?: number
}

export interface MemberRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE"
  /** Encoded one by one. */
  readonly path: readonly string[]
  /** What is undefined is left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
}

/** One call; the answer's type is what the wire contract says of that address. */
export type Send = <Answer>(request: MemberRequest) => Promise<Answer>

export interface Exchange {
  readonly response: Response
  readonly data: unknown
}

const defaultTimeoutMs = 60_000

/** @throws TypeError when serverUrl is none */
export function createSend(config: MembersConfig): Send {
  const base = checkServerUrl(config.serverUrl)
  return async <Answer>(request: MemberRequest) => {
    const url = `${base}/api/${request.path.map(encodePathPart).join("/")}${queryText(request.query)}`
    const headers = await credentialHeaders(config.credential)
    if (request.body !== undefined) headers.set("content-type", "application/json")
    const { response, data } = await exchange(config, url, {
      method: request.method,
      headers,
      credentials: config.credential === "session" ? "same-origin" : "omit",
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
    })
    if (!response.ok) throw errorFromAnswer(response, data, url)
    if (data === undefined)
      throw new GrantryError(`${url} did not answer with JSON: is a Grantry server at ${base}?`, {
        status: response.status,
      })
    return data as Answer
  }
}

/** @throws GrantryError without a status when no answer came */
export async function exchange(
  { fetch = globalThis.fetch, timeoutMs = defaultTimeoutMs }: Pick<MembersConfig, "fetch" | "timeoutMs">,
  url: string,
  init: RequestInit,
): Promise<Exchange> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    // A followed redirect would carry the credential to whatever host it names.
    const response = await fetch(url, { ...init, redirect: "manual", signal })
    return { response, data: parseJson(await response.text()) }
  } catch (cause) {
    const reason = textMember(Reflect.get(Object(cause), "cause"), "code") ?? textMember(cause, "code")
    const message = signal.aborted
      ? `${url} did not answer within ${timeoutMs} ms`
      : `${url} could not be reached${reason === undefined ? "" : ` (${reason})`}`
    throw new GrantryError(message, { cause })
  }
}

async function credentialHeaders(credential: MemberCredential): Promise<Headers> {
  if (credential === "session") return new Headers()
  if ("apiKey" in credential) return new Headers({ api_key: credential.apiKey })
  return new Headers({ authorization: `Bearer ${await credential.accessToken()}` })
}

/** URL parsers resolve dot segments even when they are percent-encoded, so they could name another route. */
function encodePathPart(part: string): string {
  if (part === "" || part === "." || part === "..")
    throw new TypeError(`"${part}" cannot be part of an address`)
  return encodeURIComponent(part)
}

function queryText(query: MemberRequest["query"] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()
  return text === "" ? "" : `?${text}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
