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
    const { init, url } = await prepared(config, base, request)
    const { response, data } = await exchange(config, url, init)
    if (!response.ok) throw errorFromAnswer(response, data, url)
    if (data === undefined)
      throw new GrantryError(`${url} did not answer with JSON: is a Grantry server at ${base}?`, {
        status: response.status,
      })
    return data as Answer
  }
}

interface Prepared {
  readonly url: string
  readonly init: RequestInit
}

async function prepared(config: MembersConfig, base: string, request: MemberRequest): Promise<Prepared> {
  const url = `${base}/api/${request.path.map(encodePathPart).join("/")}${queryText(request.query)}`
  const headers = await credentialHeaders(config.credential)
  if (request.body !== undefined) headers.set("content-type", "application/json")
  const init: RequestInit = {
    method: request.method,
    headers,
    credentials: config.credential === "session" ? "same-origin" : "omit",
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
  }
  return { url, init }
}

type Channel = Pick<MembersConfig, "fetch" | "timeoutMs">

/** @throws GrantryError without a status when no answer came */
export async function exchange(channel: Channel, url: string, init: RequestInit): Promise<Exchange> {
  return answered(channel, url, init, async (response) => ({
    response,
    data: parseJson(await response.text()),
  }))
}

/** One call whose answer is a file: read it as it comes. The deadline is for its beginning. */
export type Download = (request: MemberRequest) => Promise<Response>

/** @throws TypeError when serverUrl is none */
export function createDownload(config: MembersConfig): Download {
  const base = checkServerUrl(config.serverUrl)
  return async (request) => {
    const { init, url } = await prepared(config, base, request)
    const response = await answered(config, url, init, async (began) => began)
    if (!response.ok) throw errorFromAnswer(response, parseJson(await response.text()), url)
    return response
  }
}

async function answered<Result>(
  { fetch = globalThis.fetch, timeoutMs = defaultTimeoutMs }: Channel,
  url: string,
  init: RequestInit,
  read: (response: Response) => Promise<Result>,
): Promise<Result> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), timeoutMs)
  try {
    // A followed redirect would carry the credential to whatever host it names.
    return await read(await fetch(url, { ...init, redirect: "manual", signal: deadline.signal }))
  } catch (cause) {
    const reason = textMember(Reflect.get(Object(cause), "cause"), "code") ?? textMember(cause, "code")
    const message = deadline.signal.aborted
      ? `${url} did not answer within ${timeoutMs} ms`
      : `${url} could not be reached${reason === undefined ? "" : ` (${reason})`}`
    throw new GrantryError(message, { cause })
  } finally {
    clearTimeout(timer)
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
