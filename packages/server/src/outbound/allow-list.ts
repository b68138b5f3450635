/** The operator's exceptions: hosts and address ranges that may be reached although they are not public. */
import ipaddr from "ipaddr.js"

export type AddressRange = readonly [address: ipaddr.IPv4 | ipaddr.IPv6, prefixBits: number]

export interface AllowList {
  /** In lower case, without a trailing dot. */
  readonly hosts: ReadonlySet<string>
  readonly ranges: readonly AddressRange[]
}

/** The text is not a list of hosts and ranges. */
export class AllowListInvalid extends Error {
  override readonly name = "AllowListInvalid"
}

const hostPattern = /^(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/

/**
 * Reads `GRANTRY_ALLOW_PRIVATE_NETWORK`.
 *
 * @param text comma list of host names, addresses and CIDR ranges; empty opens nothing
 * @throws AllowListInvalid
 */
export function parseAllowList(text: string): AllowList {
  const hosts = new Set<string>()
  const ranges: AddressRange[] = []
  const entries = text.split(",").map((entry) => entry.trim())
  for (const entry of entries.filter((each) => each !== "")) {
    const range = parseRange(entry.replace(/^\[(.*)\](?=$|\/)/, "$1"))
    if (range) ranges.push(range)
    else hosts.add(parseHost(entry))
  }
  return { hosts, ranges }
}

export function allowsAddress(list: AllowList, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return list.ranges.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits))
}

function parseRange(entry: string): AddressRange | undefined {
  const [address = "", bits, ...rest] = entry.split("/")
  // The parser also reads `127.1` and `0x7f000001`; in a list of exceptions only the plain form is clear.
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return undefined
  const parsed = ipaddr.parse(address)
  const maxBits = parsed.kind() === "ipv4" ? 32 : 128
  if (bits === undefined) return [parsed, maxBits]
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > maxBits) {
    throw new AllowListInvalid(`"${entry}" is not an address range: the prefix must be 0 to ${maxBits}`)
  }
  return [parsed, Number(bits)]
}

function parseHost(entry: string): string {
  const host = entry.toLowerCase().replace(/\.$/, "")
  if (!hostPattern.test(host) || /^[\d.]+$/.test(host)) {
    throw new AllowListInvalid(`"${entry}" is neither a host name nor an address or range such as 10.0.0.0/8`)
  }
  return host
}
