/** A plain Node server with a session of its own: its users connect their calendars, and it reads them. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { createClient, NotConnectedError, ReconnectRequiredError } from "@grantry/sdk"
import { build } from "esbuild"
import { newSessions } from "./sessions.ts"

const env = (name: string): string => {
  const value = process.env[name]
  if (value) return value
  throw new Error(`${name} is not set`)
}

const google = process.env["GOOGLE_API_URL"] ?? "https://www.googleapis.com"
const connectorId = env("CONNECTOR_ID")
const [serverUrl, appId] = [env("GRANTRY_URL"), env("GRANTRY_APP_ID")]
const grantry = createClient({ serverUrl, appId, serviceToken: env("GRANTRY_SERVICE_KEY") }).asServiceRole
const sessions = newSessions()

const { outputFiles } = await build({
  entryPoints: [join(import.meta.dirname, "page.ts")],
  bundle: true,
  format: "esm",
  conditions: ["grantry-source"],
  write: false,
})
const script = outputFiles[0]?.text ?? ""

const page = (userId: string | undefined): string => `<!doctype html>
<html lang="en"><title>My calendar</title>
<body data-server-url="${serverUrl}" data-app-id="${appId}" data-connector-id="${connectorId}">
${
  userId === undefined
    ? `<form method="post" action="/sign-in"><label>Name <input name="name" pattern="[a-z]+" required></label><button>Sign in</button></form>`
    : `<p>Signed in as ${userId}</p><button id="connect">Connect Google Calendar</button><pre id="events"></pre><script type="module" src="/page.js"></script>`
}</body></html>`

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    console.error(error)
    response.writeHead(500).end()
  })
})

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const userId = sessions.userOf(request)
  const { pathname } = new URL(request.url ?? "/", "http://localhost")
  switch (`${request.method} ${pathname}`) {
    case "GET /":
      return void response.writeHead(200, { "content-type": "text/html" }).end(page(userId))
    case "GET /page.js":
      return void response.writeHead(200, { "content-type": "text/javascript" }).end(script)
    case "POST /sign-in": {
      // Stands for whatever signs your users in.
      const name = new URLSearchParams(await text(request)).get("name") ?? ""
      if (!/^[a-z]{1,40}$/.test(name)) return void response.writeHead(400).end()
      return void response.writeHead(303, { location: "/", "set-cookie": sessions.begin(name) }).end()
    }
    case "GET /token":
      if (userId === undefined) return void response.writeHead(401).end()
      return sendJson(response, 200, await grantry.users.createToken({ userId, expiresIn: 900 }))
    case "GET /events":
      if (userId === undefined) return void response.writeHead(401).end()
      return sendEvents(userId, response)
    default:
      return void response.writeHead(404).end()
  }
}

async function sendEvents(userId: string, response: ServerResponse): Promise<void> {
  try {
    const { accessToken, account } = await grantry.connectors.getAppUserConnection({ userId, connectorId })
    const headers = { authorization: `Bearer ${accessToken}` }
    const events = await fetch(`${google}/calendar/v3/calendars/primary/events?maxResults=10`, { headers })
    sendJson(response, 200, { account, events: await events.json() })
  } catch (error) {
    if (!(error instanceof NotConnectedError || error instanceof ReconnectRequiredError)) throw error
    sendJson(response, 409, { reason: error.message })
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
  response.end(JSON.stringify(body))
}

server.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object") console.log(`Open http://localhost:${address?.port}`)
})
