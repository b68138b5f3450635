/**
 * Where a call of a function goes. The path is passed on as it was written, and must mean the same to the upstream: one
 * that leaves the upstream's folder (`..`, in any spelling) goes nowhere.
 *
 * @param upstream as it is stored: without a slash at the end
 * @param target what follows `/functions` in the request's address, percent-escapes and query included
 */
export function upstreamUrl(upstream: string, target: string): URL | undefined {
  const [path = ""] = target.split("?", 1)
  if (climbs(path)) return undefined
  const url = URL.parse(upstream + target)
  const expected = new URL(upstream).pathname.replace(/\/$/, "") + path
  return url?.pathname === expected && url.hash === "" ? url : undefined
}

/** Also behind escaped slashes: the upstream may read them as slashes. */
function climbs(path: string): boolean {
  const plain = path.replaceAll(/%2e/gi, ".").replaceAll(/%2f|%5c|\\/gi, "/")
  return plain.split("/").some((part) => part === "." || part === "..")
}
