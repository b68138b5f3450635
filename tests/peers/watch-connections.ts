/** Sees every TCP connection that this process tries to open. */
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { Socket } from "node:net"

export interface ConnectionWatch {
  /** Names that were looked up and addresses that were tried, each once. */
  places(): readonly string[]
  stop(): void
}

export function watchConnections(): ConnectionWatch {
  const seen = new Set<string>()
  const onSocket = (message: unknown): void => {
    const socket: unknown = Reflect.get(Object(message), "socket")
    if (!(socket instanceof Socket)) throw new TypeError("the channel names no socket")
    socket.on("lookup", (_error, _address, _family, host) => seen.add(host))
    socket.on("connectionAttempt", (address: string) => seen.add(address))
  }
  subscribe("net.client.socket", onSocket)
  return { places: () => [...seen], stop: () => void unsubscribe("net.client.socket", onSocket) }
}
