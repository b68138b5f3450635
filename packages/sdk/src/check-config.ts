// These messages never repeat what they were given: it may hold a secret.

/** @returns the address without its trailing slashes */
export function checkServerUrl(serverUrl: unknown): string {
  // An "@" would be a password: fetch refuses such addresses with a message that quotes them.
  if (typeof serverUrl === "string" && /^https?:\/\/[^\s?#@]+$/i.test(serverUrl) && URL.canParse(serverUrl)) {
    return serverUrl.replace(/\/+$/, "")
  }
  throw new TypeError("createClient needs serverUrl, the bare http(s) address of your Grantry server")
}

/** A runtime's own complaint about a malformed header quotes the header, token and all, hence this check. */
export function checkToken(token: unknown, name: string): string {
  if (!token && token !== 0) return ""
  if (typeof token === "string" && /^[!-~]+$/.test(token)) return token
  throw new TypeError(`${name} must be visible ASCII characters without spaces`)
}

export type HeaderValues = Readonly<Record<string, string | undefined>>

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

export function checkTimeout(timeoutMs = 40_000): number {
  // Timers of every runtime hold 31 bits.
  if (timeoutMs >= 1 && timeoutMs < 2 ** 31) return Math.trunc(timeoutMs)
  throw new TypeError("timeoutMs must be from 1 to 2147483647")
}
