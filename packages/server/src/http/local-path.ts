/** Where a sign-in leads back to: a path of this server, never another site. */
const base = "http://local.invalid"

/** @returns the path and query as given; null for anything that a browser could read as another address */
export function localPath(given: unknown): string | null {
  if (typeof given !== "string" || given.length > 1_000) return null
  // Printable ASCII without a backslash, which browsers read as a slash (WHATWG URL, section 4.4).
  if (!/^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/.test(given) || !URL.canParse(given, base)) return null
  const url = new URL(given, base)
  return url.origin === base && !url.pathname.startsWith("//") ? url.pathname + url.search : null
}
