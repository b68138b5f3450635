/**
 * One connection, used by one request at a time. A request that runs out of time takes its connection with it, also
 * while that is still being opened; a pool that shares connections could not know whose deadline counts.
 */
import type { Socket } from "node:net"
import { Client, type Dispatcher } from "undici"
import { OutboundError } from "./outbound-error.ts"

export type OpenSocket = (url: URL, signal: AbortSignal) => Promise<Socket>

/** An idle connection is given up before most servers do so, since a request that meets a closing one is lost. */
const keepAliveTimeoutMs = 4_000
const keepAliveMaxTimeoutMs = 30_000

export interface Lane {
  readonly origin: string
  /** Whether a request may have gone out: it has if there was a connection to write it to. */
  maybeSent(): boolean
  isConnected(): boolean
  request(
    options: Omit<Dispatcher.RequestOptions, "origin">,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData>
  destroy(): void
}

/** @param onGone called when the connection has ended */
export function createLane(url: URL, open: OpenSocket, onGone: (lane: Lane) => void): Lane {
  let connected = false
  let current: AbortSignal | undefined

  function connect(_options: unknown, callback: (...result: [null, Socket] | [Error, null]) => void): void {
    connected = false
    if (!current) {
      callback(new OutboundError("aborted", "there is no request to connect for", { maybeSent: false }), null)
      return
    }
    // The client itself looks at the signal only once a connection stands.
    Promise.race([open(url, current), whenAborted(current)]).then(
      (socket) => {
        connected = true
        callback(null, socket)
      },
      (error: Error) => callback(error, null),
    )
  }

  const client = new Client(url.origin, {
    connect,
    allowH2: false,
    pipelining: 1,
    // The deadline of the request counts, not times of single phases.
    headersTimeout: 0,
    bodyTimeout: 0,
    connectTimeout: 0,
    keepAliveTimeout: keepAliveTimeoutMs,
    keepAliveMaxTimeout: keepAliveMaxTimeoutMs,
  })
  const lane: Lane = {
    origin: url.origin,
    maybeSent: () => connected,
    isConnected: () => client.stats.connected && !client.destroyed,
    async request(options, signal) {
      current = signal
      return client.request({ ...options, signal })
    },
    destroy() {
      client.destroy(null, () => undefined)
    },
  }
  client.on("disconnect", () => onGone(lane))
  return lane
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_done, fail) => {
    const abort = () => fail(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener("abort", abort, { once: true })
  })
}
