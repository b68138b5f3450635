/** Where a request comes from, as far as limits and the audit are concerned. */
import ipaddr from "ipaddr.js"
import { type AllowList, allowsAddress } from "../outbound/allow-list.ts"

const maxKnown = 1_000

/**
 * Whether the machine at an address may say for whom it asks. Told for each hop of `X-Forwarded-For`, from the last on:
 * what stands before an address that is not trusted was written by a stranger.
 */
export function trustOf(proxies: AllowList): false | ((address: string) => boolean) {
  if (proxies.ranges.length === 0) return false
  // Proxies are few, and asked about with every request.
  const known = new Map<string, boolean>()
  return (address) => {
    const before = known.get(address)
    if (before !== undefined) return before
    const trusted = ipaddr.isValid(address) && allowsAddress(proxies, ipaddr.process(address))
    if (known.size < maxKnown) known.set(address, trusted)
    return trusted
  }
}

/**
 * Whom an address stands for: an IPv4 address, or the 64 bits of an IPv6 address that are one subscriber's (RFC 6177).
 * What is no address, which only a trusted proxy can say, is one party.
 */
export function addressKey(address: string): string {
  const bare = address.replace(/^\[([^\]]+)\](:\d+)?$/, "$1").replace(/^([\d.]+):\d+$/, "$1")
  if (!ipaddr.isValid(bare)) return "unknown"
  const parsed = ipaddr.process(bare)
  if (parsed instanceof ipaddr.IPv4) return parsed.toString()
  return parsed.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(":")
}
