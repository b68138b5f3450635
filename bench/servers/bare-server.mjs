/**
 * What the ratios are against: nothing but node:http, answering the same bytes to everything. Plain JavaScript, so that
 * its start is that of Node alone. `BODY` holds the answer.
 */
import { createServer } from "node:http"

const body = process.env["BODY"] ?? '{"status":"ok"}'
const headers = {
  "cache-control": "no-store",
  "content-type": "application/json; charset=utf-8",
  "content-length": Buffer.byteLength(body),
}

const server = createServer((_request, response) => {
  response.writeHead(200, headers)
  response.end(body)
})
server.listen(0, "127.0.0.1", () => {
  process.stderr.write(`listens at http://127.0.0.1:${server.address().port}\n`)
})
process.once("SIGTERM", () => process.exit(0))
