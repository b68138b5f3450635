/** Where the person goes back to. Pure. */
import type { ConnectOutcome } from "@grantry/sdk/wire"

export const maxReturnToLength = 2_048

/**
 * Whether this is an address of a page at one of the origins. Compared as text, before any parser has had a say: what
 * parsers read into user information, backslashes, escapes and look-alike dots is then no question.
 *
 * @param origins as registered, e.g. `https://app.example`
 */
export function isPageOf(origins: readonly string[], address: string): boolean {
  // Printable ASCII alone, as browsers write the address of a page (URL standard, section 4.3).
  if (address.length > maxReturnToLength || !/^[\x21-\x7e]+$/.test(address) || address.includes("\\"))
    return false
  const origin = origins.find(
    (one) => address.startsWith(one) && /^(?:[/?#]|$)/.test(address.slice(one.length)),
  )
  return origin !== undefined && URL.canParse(address) && new URL(address).origin === origin
}

const ours: ReadonlySet<string> = new Set(["connector", "connection_id", "status", "error", "connect_handle"])

/** Adds the outcome to the query; other parameters and the fragment stay letter for letter. */
export function withOutcome(returnTo: string, outcome: ConnectOutcome): string {
  const [, page = "", query = "", fragment = ""] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/.exec(returnTo) ?? []
  const others = query.split("&").filter((pair) => pair !== "" && !ours.has(nameOf(pair)))
  const added = new URLSearchParams()
  for (const [name, value] of Object.entries(outcome)) {
    if (ours.has(name) && typeof value === "string") added.append(name, value)
  }
  return `${page}?${[...others, added.toString()].join("&")}${fragment}`
}

function nameOf(pair: string): string {
  const [name = ""] = new URLSearchParams(pair).keys()
  return name
}
