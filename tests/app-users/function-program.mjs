/** A backend function as an app's builder writes it, for Node and for Deno; argv[2] names the SDK. */
import { createServer } from "node:http"
import process from "node:process"

const { createClientFromRequest } = await import(process.argv[2])

async function run(request) {
  const client = createClientFromRequest(request)
  const { connectors } = client.asServiceRole
  const connection = await connectors.getConnection("slack")
  const own = await connectors.getCurrentAppUserConnection(request.connectorId)
  const user = client.auth === undefined ? null : await client.auth.me()
  return { accessToken: connection.accessToken, ownAccessToken: own.accessToken, user }
}

const server = createServer((incoming, outgoing) => void answer(incoming, outgoing))

async function answer(incoming, outgoing) {
  const headers = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]))
  const connectorId = new URL(incoming.url, "http://function").searchParams.get("connector")
  const [status, body] = await run({ headers, connectorId }).then(
    (result) => [200, result],
    (error) => [500, { failed: String(error), status: error.status ?? null, code: error.code ?? null }],
  )
  outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`Listening on http://127.0.0.1:${server.address().port}\n`)
})
process.once("SIGTERM", () => process.exit(0))
