/** A server that plays the answers of CONTRACT.md on the loopback interface and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import { answerFor, unauthorized, type Answer } from "./answers.ts"
import { answerAppUser } from "./app-user-answers.ts"

export const serviceKey = "gsk_canary_service_key_0123456789"
export const appId = "app_1"
export const userToken = "user.jwt"

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** "" when there was none. */
  readonly body: string
}

export interface ContractServer extends AsyncDisposable {
  readonly url: string
  readonly seen: readonly SeenRequest[]
  lastSeen(): SeenRequest
  /** Connector IDs at which the app user is connected. */
  readonly connected: Set<string>
}

export interface StaticFile {
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

const tokenPath =
  /^\/(?:base\/)?api\/apps\/app_1\/(?:external-auth\/tokens\/(?:connectors\/)?|app-user-auth\/(?:users\/[^/]+\/)?connectors\/)([^/]+)(?:\/token)?$/

/** @param files served without a credential, by path */
export async function startContractServer(
  files: Readonly<Record<string, StaticFile>> = {},
): Promise<ContractServer> {
  const seen: SeenRequest[] = []
  const connected = new Set<string>()
  const server = createServer((request, response) => {
    const { method = "", url: path = "", headers } = request
    const file = files[path.replace(/\?.*/, "")]
    if (file) {
      return void response.writeHead(200, { "content-type": file.type, ...file.headers }).end(file.body)
    }
    if (method === "OPTIONS") return void response.writeHead(204, crossOrigin(headers)).end()
    void text(request).then((body) => {
      const asked = { method, path, headers, body }
      seen.push(asked)
      send(response, headers, chooseAnswer(asked, connected))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    connected,
    lastSeen: () => {
      const last = seen.at(-1)
      if (last === undefined) throw new Error("no request came")
      return last
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function chooseAnswer(request: SeenRequest, connected: Set<string>): Answer {
  const { path, headers } = request
  const asService = headers.authorization === `Bearer ${serviceKey}`
  const asUser = headers.authorization === `Bearer ${userToken}`
  if (!asService && !asUser && !path.startsWith("/consent/")) return unauthorized
  const self = `http://${headers.host}`
  const answer = answerAppUser({ ...request, asService, self }, connected)
  if (answer) return answer
  const name = tokenPath.exec(path)?.[1]
  return asService && name ? answerFor(decodeURIComponent(name), headers, self) : unauthorized
}

/** As for an origin that is registered for the app. */
function crossOrigin(headers: IncomingHttpHeaders): Record<string, string> {
  return {
    "access-control-allow-origin": headers.origin ?? "null",
    "access-control-allow-methods": "GET, POST, DELETE",
    "access-control-allow-headers":
      "accept, authorization, content-type, x-app-id, x-origin-url, on-behalf-of",
  }
}

function send(response: ServerResponse, asked: IncomingHttpHeaders, answer: Answer): void {
  const bytes = Buffer.from(answer.body)
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "content-length": bytes.length,
    "cache-control": "no-store",
    ...crossOrigin(asked),
    ...answer.headers,
  })
  if (answer.breakOff === undefined) return void response.end(bytes)
  response.write(bytes.subarray(0, bytes.length / 2), () => {
    if (answer.breakOff === "cut") response.destroy()
  })
}
