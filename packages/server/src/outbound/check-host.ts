/** Resolves a host once and judges every address that the name has. */
import { lookup as systemLookup, type LookupAddress } from "node:dns"
import { isIP } from "node:net"
import type { AllowList } from "./allow-list.ts"
import { isMetadataHost, judgeAddress } from "./judge-address.ts"
import { OutboundError } from "./outbound-error.ts"

/** The part of `dns.lookup` that is used. */
export type Lookup = (
  hostname: string,
  options: { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export const resolveBySystem: Lookup = (hostname, options, callback) =>
  systemLookup(hostname, options, callback)

export interface HostCheck {
  readonly allowList: AllowList
  readonly lookup: Lookup
}

/**
 * @param url whose host is asked for; the URL parser has turned odd spellings of addresses into plain ones
 * @returns the addresses that may be connected to
 * @throws OutboundError when the name does not resolve or any of its addresses is refused
 */
export async function checkHost(
  url: URL,
  { allowList, lookup }: HostCheck,
): Promise<readonly LookupAddress[]> {
  const host = plainHost(url)
  if (isMetadataHost(host)) throw refused(host, "it serves cloud credentials")
  const addresses = await resolve(host, lookup)
  const hostAllowed = allowList.hosts.has(host)
  for (const { address } of addresses) {
    const verdict = judgeAddress(address, allowList, hostAllowed)
    if (verdict === "refused") throw refused(host, "it has an address that is not public")
    // Without TLS anybody on the way reads and changes what is sent.
    if (verdict === "public" && url.protocol === "http:")
      throw refused(host, "plain http reaches allowed private addresses only")
  }
  return addresses
}

/** Lower case (by the URL parser), without the brackets of IPv6 and the dot of a fully qualified name. */
export function plainHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "")
}

function resolve(host: string, lookup: Lookup): Promise<readonly LookupAddress[]> {
  const family = isIP(host)
  if (family !== 0) return Promise.resolve([{ address: host, family }])
  return new Promise((done, fail) => {
    lookup(host, { all: true }, (cause, addresses) => {
      if (cause === null && addresses.length > 0) done(addresses)
      else
        fail(
          new OutboundError("unreachable", `${host} does not resolve to any address`, {
            maybeSent: false,
            cause,
          }),
        )
    })
  })
}

function refused(host: string, reason: string): OutboundError {
  return new OutboundError("address_refused", `${host} may not be reached: ${reason}`, { maybeSent: false })
}
