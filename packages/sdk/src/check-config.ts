// These messages never repeat what they were given: it may hold a secret.

/** @returns the address without its trailing slashes */
export function checkServerUrl(serverUrl: unknown): string {
  // An "@" would be a password: fetch refuses such addresses with a message that quotes them.
  if (typeof serverUrl === "string" && /^https?:\/\/[^\s?#@]+$/i.test(serverUrl) && URL.canParse(serverUrl)) {
    return serverUrl.replace(/\/+$/, "")
  }
  throw new TypeError(
    "createClient needs serverUrl: the http(s) address of your Grantry server, without credentials, query or fragment",
  )
}

/** A runtime's own complaint about a malformed header quotes the header, token and all, hence this check. */
export function checkToken(token: unknown, name: string): string {
  if (token === undefined || token === null || token === "") return ""
  if (typeof token === "string" && /^[!-~]+$/.test(token)) return token
  throw new TypeError(`${name} must be a string of visible ASCII characters, without spaces and line breaks`)
}

/** Same reason: a header that the caller adds may hold a secret too. */
export function checkHeaders(headers: Readonly<Record<string, string>> | undefined): Headers {
  try {
    return new Headers(headers)
  } catch {
    throw new TypeError("headers holds a name or a value that HTTP does not allow")
  }
}

export function checkTimeout(timeoutMs = 40_000): number {
  // Timers of every runtime hold 31 bits.
  if (timeoutMs >= 1 && timeoutMs < 2 ** 31) return Math.trunc(timeoutMs)
  throw new TypeError("timeoutMs must be a number from 1 to 2147483647")
}
