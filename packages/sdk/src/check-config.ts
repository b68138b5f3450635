import type { CallSettings } from "./create-call.ts"

// The messages never repeat what they were given: it may hold a secret.

export type HeaderValues = Readonly<Record<string, string | undefined>>

type UncheckedSettings = { readonly [Name in keyof CallSettings]?: CallSettings[Name] | undefined }

/** What a client needs beside its tokens, with defaults; `serverUrl` without its trailing slashes. */
export function checkConfig({
  serverUrl,
  appId,
  timeoutMs = 40_000,
  headers,
  fetch,
}: UncheckedSettings): CallSettings {
  // An "@" would be a password: fetch refuses such addresses with a message that quotes them.
  if (
    typeof serverUrl !== "string" ||
    !/^https?:\/\/[^\s?#@]+$/i.test(serverUrl) ||
    !URL.canParse(serverUrl)
  ) {
    throw new TypeError("createClient needs serverUrl, the bare http(s) address of your Grantry server")
  }
  if (typeof appId !== "string" || !appId) throw new TypeError("createClient needs appId, the id of your app")
  // Timers of every runtime hold 31 bits.
  if (!(timeoutMs >= 1 && timeoutMs < 2 ** 31)) throw new TypeError("timeoutMs must be from 1 to 2147483647")
  const settings = {
    serverUrl: serverUrl.replace(/\/+$/, ""),
    appId,
    timeoutMs: Math.trunc(timeoutMs),
    headers: { ...headers },
    fetch,
  }
  makeHeaders(settings.headers)
  return settings
}

/** A runtime's own complaint about a malformed header quotes the header, token and all, hence this check. */
export function checkToken(token: unknown, name: string): string {
  if (!token) return ""
  if (typeof token === "string" && /^[!-~]+$/.test(token)) return token
  throw new TypeError(`${name} must be visible ASCII characters without spaces`)
}

/** Later ones win, in whatever case. Same reason: a header that the caller adds may hold a secret too. */
export function makeHeaders(values: HeaderValues): Headers {
  const headers = new Headers()
  try {
    for (const [name, value] of Object.entries(values)) if (value) headers.set(name, value)
  } catch {
    throw new TypeError("headers holds what HTTP does not allow")
  }
  return headers
}
