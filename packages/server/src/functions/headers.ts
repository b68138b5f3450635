/** What of a call's headers reaches a backend function, and what of its answer reaches the caller. */
import type { IncomingHttpHeaders } from "node:http"

export type Headers = Readonly<Record<string, string | string[]>>

/** RFC 9110 section 7.6.1, with what a proxy of HTTP/1.1 answers itself. */
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
])
/** Credentials for Grantry itself, and what names the host that was called instead of the function's. */
const keptHere = new Set(["host", "expect", "cookie", "api_key", "on-behalf-of", "authorization"])
/**
 * The answer comes from Grantry's own origin: cookies and rules for that origin are not an app's to set, and who may
 * read it is decided by the app's origins.
 */
const notFromFunctions = new Set([
  "set-cookie",
  "set-cookie2",
  "clear-site-data",
  "service-worker-allowed",
  "strict-transport-security",
  "alt-svc",
  "nel",
  "report-to",
  "reporting-endpoints",
])

/** A page that a function answers runs as if it came from nowhere, not as one of Grantry's. */
const sandboxPolicy = "sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts"

/** @param injected names in lower case; nothing from outside takes their place */
export function headersForFunction(
  incoming: IncomingHttpHeaders,
  injected: Readonly<Record<string, string>>,
): Headers {
  const passed = passOn(incoming, (name) => !keptHere.has(name) && !name.startsWith("base44-"))
  return { ...passed, ...injected }
}

export function headersFromFunction(answered: Headers): Headers {
  const passed = passOn(
    answered,
    (name) => !notFromFunctions.has(name) && !name.startsWith("access-control-"),
  )
  const policies = [passed["content-security-policy"] ?? [], sandboxPolicy].flat()
  return { ...passed, "content-security-policy": policies, "x-content-type-options": "nosniff" }
}

function passOn(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  wanted: (name: string) => boolean,
): Record<string, string | string[]> {
  const named = [headers["connection"] ?? []]
    .flat()
    .join(",")
    .toLowerCase()
    .split(/\s*,\s*/)
  const passed: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !hopByHop.has(name) && !named.includes(name) && wanted(name))
      passed[name] = value
  }
  return passed
}
