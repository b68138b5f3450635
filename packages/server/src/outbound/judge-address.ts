/**
 * Which addresses a request may go to. Everything that is not globally routable unicast is refused: a tenant could
 * otherwise make the server ask its own network (server-side request forgery).
 */
import ipaddr from "ipaddr.js"
import { type AllowList, allowsAddress } from "./allow-list.ts"

export type AddressVerdict = "public" | "allowed" | "refused"

/** RFC 4291 section 2.4: the only unicast space that is handed out so far. The rest is special or unassigned. */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3]

/**
 * Services of cloud providers that hand credentials to whoever asks from inside. No list of exceptions opens them.
 * 168.63.129.16 is public by its number, but inside Azure it is the host.
 */
const metadataAddresses = new Set(
  [
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "fd00:ec2::254",
    "fd20:ce::254",
  ].map((address) => ipaddr.parse(address).toNormalizedString()),
)
const metadataHosts = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "metadata.azure.internal",
  "metadata.tencentyun.com",
  "instance-data",
  "instance-data.ec2.internal",
])

/** @param host in lower case, without brackets or a trailing dot */
export function isMetadataHost(host: string): boolean {
  return metadataHosts.has(host)
}

/**
 * @param address as the resolver or the URL gave it
 * @param hostAllowed the host's own name is on the list
 */
export function judgeAddress(address: string, allowList: AllowList, hostAllowed: boolean): AddressVerdict {
  // A zone (fe80::1%eth0) exists on link-local addresses only.
  if (!ipaddr.isValid(address) || address.includes("%")) return "refused"
  const parsed = ipaddr.parse(address)
  if (isMetadata(parsed)) return "refused"
  if (hostAllowed || allowsAddress(allowList, parsed)) return "allowed"
  return isPublic(parsed) ? "public" : "refused"
}

/** Also inside an IPv6 address that carries an IPv4 one: those are refused anyway, unless the list opens them. */
function isMetadata(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (metadataAddresses.has(address.toNormalizedString())) return true
  return address instanceof ipaddr.IPv6 && embeddedIPv4(address).some((inner) => metadataAddresses.has(inner))
}

/** Mapped, compatible, translated (RFC 6052) and 6to4 (RFC 3056) forms keep the IPv4 address in known places. */
function embeddedIPv4(address: ipaddr.IPv6): readonly string[] {
  const bytes = address.toByteArray()
  return [bytes.slice(12, 16), bytes.slice(2, 6)].map((part) => part.join("."))
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== "unicast") return false
  return address instanceof ipaddr.IPv4 || address.match(globalUnicast)
}
