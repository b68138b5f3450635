/** Web origins that an app names: which pages may call it, and where people may be sent back to. */

export const maxOrigins = 50
const maxOriginLength = 300

/**
 * Exact, as browsers write it in the header `Origin` and `URL.origin` gives it; nothing else matches, `null` never.
 *
 * @param origins as they are stored
 */
export function isAllowedOrigin(origins: readonly string[], origin: string): boolean {
  return origins.includes(origin)
}

export type ParsedOrigin = { readonly origin: string } | { readonly problem: string }

/** @param text as a person wrote it; a slash at the end and capital letters do no harm */
export function parseOrigin(text: string): ParsedOrigin {
  const written = /^(https?):\/\/([^/?#\\@*%\s]+)\/?$/i.exec(text)
  if (text.length > maxOriginLength || !written)
    return { problem: "must be an origin and nothing more, e.g. https://app.example.com" }
  const url = URL.parse(text)
  const [, , authority = ""] = written
  // The parser translates other alphabets, odd spellings of addresses and escapes: none is what a person reads there.
  if (!url || !isWrittenPlainly(url, authority.toLowerCase()))
    return { problem: "must name its host plainly, in ASCII (internationalised names as xn--…)" }
  if (url.protocol === "http:" && !isLoopback(url.hostname))
    return { problem: "must be https; http is for localhost and loopback addresses only" }
  return { origin: url.origin }
}

function isWrittenPlainly(url: URL, authority: string): boolean {
  const defaultPort = url.protocol === "https:" ? ":443" : ":80"
  return (url.host === authority || url.host + defaultPort === authority) && !url.hostname.endsWith(".")
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  )
}
