/** A way to PostgreSQL that can be cut at a moment of the test's choice; new connections go through again. */
import { connect, createServer, type Socket } from "node:net"
import type { AddressInfo } from "node:net"

/** `before`: the database never hears it. `during`: it does it and nobody hears the answer. `after`: once it has answered. */
export type CutMoment = "before" | "during" | "after"

export interface CuttableDatabase {
  readonly url: string
  /** Cuts the next connection on which these bytes are sent. @returns whether that has happened */
  cut(moment: CutMoment, bytes: string): () => boolean
  close(): Promise<void>
}

interface Order {
  readonly moment: CutMoment
  readonly bytes: string
  done: boolean
}

/** Time for the database to do what it was asked. */
const doingMs = 200

export async function startCuttableDatabase(databaseUrl: string): Promise<CuttableDatabase> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let order: Order | undefined

  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname)
    const both = [near, far] as const
    const destroy = (): void => both.forEach((socket) => void socket.destroy())
    let deaf = false
    let last = false
    for (const socket of both) {
      sockets.add(socket)
      socket.on("error", destroy).on("close", () => {
        sockets.delete(socket)
        destroy()
      })
    }
    near.on("data", (chunk) => {
      if (order && !order.done && chunk.includes(order.bytes)) {
        order.done = true
        if (order.moment === "before") return destroy()
        deaf = order.moment === "during"
        last = order.moment === "after"
        if (deaf) setTimeout(destroy, doingMs)
      }
      far.write(chunk)
    })
    far.on("data", (chunk) => {
      if (deaf) return
      near.write(chunk, () => last && setTimeout(destroy, 1))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const url = new URL(databaseUrl)
  url.port = String((server.address() as AddressInfo).port)
  return {
    url: url.href,
    cut(moment, bytes) {
      const placed: Order = { moment, bytes, done: false }
      order = placed
      return () => placed.done
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}
