/** Keep-alive connections that send prepared requests and say when an answer has come. */
import { connect, type Socket } from "node:net"
import { once } from "node:events"
import { ResponseReader } from "./response-reader.ts"

export interface Connection {
  send(request: Buffer): void
  close(): void
}

export interface Events {
  answered(connection: Connection): void
  failed(error: Error): void
}

export interface Peer {
  readonly port: number
  readonly connections: number
  readonly statuses: readonly number[]
}

export function openConnections(peer: Peer, events: Events): Promise<readonly Connection[]> {
  return Promise.all(Array.from({ length: peer.connections }, () => openConnection(peer, events)))
}

async function openConnection({ port, statuses }: Peer, events: Events): Promise<Connection> {
  const reader = new ResponseReader(statuses)
  const onChunk = (length: number, buffer: Uint8Array): boolean => {
    try {
      const answers = reader.read(Buffer.from(buffer.buffer, buffer.byteOffset, length))
      for (let answer = 0; answer < answers; answer += 1) events.answered(connection)
    } catch (error) {
      events.failed(error instanceof Error ? error : new Error(String(error)))
    }
    return true
  }
  // One buffer for each connection: the reader copies what it keeps.
  const socket: Socket = connect({
    host: "127.0.0.1",
    port,
    noDelay: true,
    onread: { buffer: Buffer.alloc(65_536), callback: onChunk },
  })
  let closing = false
  const connection: Connection = {
    send: (request) => void socket.write(request),
    close() {
      closing = true
      socket.destroy()
    },
  }
  await once(socket, "connect")
  socket.on("error", (error) => events.failed(error))
  socket.on("close", () => {
    if (!closing) events.failed(new Error("the server closed a connection"))
  })
  return connection
}
