/** Peers for the outgoing client, kind and unkind, on 127.0.0.1; each ends with the test that began it. */
import type { LookupAddress } from "node:dns"
import { once } from "node:events"
import { createServer, type RequestListener, type Server } from "node:http"
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as TcpServer,
  type Socket,
} from "node:net"
import { onTestFinished } from "vitest"
import {
  createOutbound,
  type Lookup,
  type Outbound,
  type OutboundError,
  type OutboundOptions,
  type OutboundRequest,
  parseAllowList,
} from "../../packages/server/src/outbound/outbound.ts"

async function listen(server: Server | TcpServer, host = "127.0.0.1", port = 0): Promise<number> {
  server.listen(port, host)
  await once(server, "listening")
  onTestFinished(async () => {
    await new Promise((done) => server.close(done))
  })
  return (server.address() as AddressInfo).port
}

/** @returns the origin of an HTTP server */
export async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  const port = await listen(server)
  onTestFinished(() => server.closeAllConnections())
  return `http://127.0.0.1:${port}`
}

export interface BytePeer {
  readonly port: number
  readonly url: string
  /** Those that are open. */
  readonly sockets: ReadonlySet<Socket>
  requests(): number
}

/** A peer that speaks bytes instead of HTTP. */
export async function serveBytes(
  onRequest: (socket: Socket, count: number) => void,
  host?: string,
  port?: number,
): Promise<BytePeer> {
  const sockets = new Set<Socket>()
  let count = 0
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket))
    socket.on("data", () => onRequest(socket, ++count))
  })
  const bound = await listen(server, host, port)
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()))
  return { port: bound, url: `http://127.0.0.1:${bound}`, sockets, requests: () => count }
}

/** May reach 127.0.0.1, unless told otherwise. */
export function outboundClient(options: Partial<OutboundOptions> = {}): Outbound {
  const allowPrivate = parseAllowList("127.0.0.1")
  const outbound = createOutbound({ allowPrivate, userAgent: "Grantry/test", ...options })
  onTestFinished(() => outbound.close())
  return outbound
}

export function get(url: string, deadlineMs = 5_000): OutboundRequest {
  return { method: "GET", url, headers: {}, deadlineMs }
}

export async function failureOf(answer: Promise<unknown>): Promise<OutboundError> {
  return answer.then(
    () => Promise.reject(new Error("an answer came")),
    (error: OutboundError) => error,
  )
}

/** Answers each question with the next of the given address lists, then with the last. */
export function resolver(...answers: readonly (readonly string[])[]) {
  const asked: string[] = []
  const lookup: Lookup = (host, _options, callback) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? []
    asked.push(host)
    const found: LookupAddress[] = addresses.map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }))
    setImmediate(() => callback(null, found))
  }
  return { lookup, asked }
}
