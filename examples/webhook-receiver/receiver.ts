import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Webhook, type WebhookUnbrandedRequiredHeaders } from "standardwebhooks"

const webhook = new Webhook(process.env["WEBHOOK_SECRET"] ?? "")
/** A message may come twice, when an answer got lost on its way. Keep the ids where they outlive the process. */
const seen = new Set<string>()

async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const headers = request.headers as unknown as WebhookUnbrandedRequiredHeaders
    const event = webhook.verify(await bodyOf(request), headers) as {
      type: string
      data: { connection_id: string }
    }
    if (!seen.has(headers["webhook-id"])) console.log(`${event.type} ${event.data.connection_id}`)
    seen.add(headers["webhook-id"])
    response.writeHead(204).end()
  } catch {
    response.writeHead(400).end("the signature does not fit")
  }
}

/** As it came: parsed and written again it would not fit its signature. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

const server = createServer((request, response) => void receive(request, response))
server.listen(Number(process.env["PORT"] ?? 8080), "127.0.0.1", () => {
  console.log(`listening ${JSON.stringify(server.address())}`)
})
