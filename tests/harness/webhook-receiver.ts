/** An endpoint that webhooks are sent to: remembers what came, and answers what the test says. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { expectNoSecret } from "./canaries/sinks.ts"

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly event: {
    readonly type: string
    readonly timestamp: string
    readonly data: Record<string, unknown>
  }
}

/** A status, or a function that answers, or does not. */
export type Reaction = number | ((response: ServerResponse) => void)

export interface WebhookReceiver {
  readonly url: string
  /** Oldest first; of one path only where it is named. */
  received(path?: string): readonly Received[]
  /** How a path answers, one request after the other; then 204. */
  answers(path: string, ...next: readonly Reaction[]): void
  /** How a path answers from now on. */
  always(path: string, reaction: Reaction): void
  /** @throws Error when a secret stands in what came */
  close(): Promise<void>
}

export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: Received[] = []
  const next = new Map<string, Reaction[]>()
  const always = new Map<string, Reaction>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString()
      const path = request.url ?? ""
      received.push({ path, headers: request.headers, body, event: JSON.parse(body) as Received["event"] })
      const reaction = next.get(path)?.shift() ?? always.get(path) ?? 204
      if (typeof reaction === "function") reaction(response)
      else response.writeHead(reaction).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: (path) => (path === undefined ? received : received.filter((one) => one.path === path)),
    answers: (path, ...reactions) => void next.set(path, [...reactions]),
    always: (path, reaction) => void always.set(path, reaction),
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      expectNoSecret({ name: "webhooks", content: JSON.stringify(received) })
    },
  }
}
