/**
 * What the ratios on PostgreSQL are against: nothing but node:http and one prepared SELECT, the one that the server makes
 * for a token read, on a pool of the same size; it answers the same bytes to everything. Plain JavaScript, so that its
 * start is that of Node alone. `BODY` holds the answer.
 */
import { createServer } from "node:http"
import pg from "pg"

const { BODY: body = "", COLUMNS: columns, DATABASE_URL: connectionString } = process.env
const pool = new pg.Pool({ connectionString, max: 10 })
const workspaces = await pool.query("select workspace_id, id from apps")
const workspaceOf = new Map(workspaces.rows.map((row) => [row.id, row.workspace_id]))
const headers = {
  "cache-control": "no-store",
  "content-type": "application/json; charset=utf-8",
  "content-length": Buffer.byteLength(body),
}
const text = `select ${columns} from connections
  where workspace_id = $1 and app_id = $2 and owner_kind = $3 and owner_id = $4 and slot = $5`

async function answer(request, response) {
  const [, , , app, , , type] = request.url.split("/")
  const values = [workspaceOf.get(app), app, "app", "", `type:${type}`]
  const { rows } = await pool.query({ name: "read", text, values })
  response.writeHead(rows.length === 1 ? 200 : 500, headers)
  response.end(body)
}

const server = createServer((request, response) => void answer(request, response))
server.listen(0, "127.0.0.1", () => {
  process.stderr.write(`listens at http://127.0.0.1:${server.address().port}\n`)
})
process.once("SIGTERM", () => process.exit(0))
