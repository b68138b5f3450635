/** Opens a connection to addresses that were checked before, and to nothing else. */
import type { LookupAddress } from "node:dns"
import { connect as connectTcp, isIP, type LookupFunction, type Socket } from "node:net"
import { connect as connectTls, type TLSSocket } from "node:tls"
import ipaddr from "ipaddr.js"
import { plainHost } from "./check-host.ts"
import { OutboundError } from "./outbound-error.ts"

const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 }

/**
 * @param addresses the checked addresses, tried in turn (RFC 8305)
 * @param signal ends the attempt and destroys the socket
 */
export function connectSocket(
  url: URL,
  addresses: readonly LookupAddress[],
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((done, fail) => {
    const socket = openSocket(url, addresses)
    let reached = false
    const end = (act: () => void) => {
      signal.removeEventListener("abort", abort)
      socket.removeListener("error", failed)
      act()
    }
    const abandon = (error: unknown) =>
      end(() => {
        // A destroyed socket may still report an error, which nobody waits for any more.
        socket.on("error", () => undefined).destroy()
        fail(error)
      })
    const abort = () => abandon(signal.reason)
    const failed = (error: NodeJS.ErrnoException) => abandon(connectError(plainHost(url), error, reached))
    socket.once("connect", () => (reached = true))
    socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => {
      if (isChecked(socket, addresses)) end(() => done(socket))
      else
        abandon(
          connectError(plainHost(url), new Error("connected to an address that was not checked"), false),
        )
    })
    socket.on("error", failed)
    if (signal.aborted) abort()
    else signal.addEventListener("abort", abort)
  })
}

function openSocket(url: URL, addresses: readonly LookupAddress[]): Socket | TLSSocket {
  const host = plainHost(url)
  const port = url.port === "" ? (defaultPorts[url.protocol] ?? 0) : Number(url.port)
  const base = { host, port, lookup: answerWith(addresses), autoSelectFamily: true, noDelay: true }
  if (url.protocol === "http:") return connectTcp(base)
  // RFC 6066 section 3: an address is not a server name; the certificate is then checked against `host`.
  const serverName = isIP(host) === 0 ? { servername: host } : {}
  return connectTls({ ...base, ...serverName, ALPNProtocols: ["http/1.1"] })
}

/** Stands in for the resolver, so that the name is not resolved a second time. */
function answerWith(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses
    if (options.all === true || !first) callback(null, [...addresses])
    else callback(null, first.address, first.family)
  }
}

function isChecked({ remoteAddress }: Socket, addresses: readonly LookupAddress[]): boolean {
  if (remoteAddress === undefined) return false
  return addresses.some(({ address }) => plainForm(address) === plainForm(remoteAddress))
}

/** One spelling for each address; the system may report a mapped IPv4 address as plain IPv4. */
function plainForm(address: string): string {
  return ipaddr.process(address).toNormalizedString()
}

function connectError(host: string, cause: NodeJS.ErrnoException, reached: boolean): OutboundError {
  // After TCP stands, what is not a broken connection is a refusal to trust or speak with the peer.
  const broken = cause.syscall !== undefined || cause.code === "ECONNRESET"
  if (reached && !broken) {
    return new OutboundError(
      "tls",
      `no trusted TLS connection to ${host}: ${cause.code ?? "handshake failed"}`,
      { maybeSent: false, cause },
    )
  }
  return new OutboundError("unreachable", `no connection to ${host}: ${cause.code ?? "failed"}`, {
    maybeSent: false,
    cause,
  })
}
