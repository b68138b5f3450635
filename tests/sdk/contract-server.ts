/** A server that plays the answers of CONTRACT.md on the loopback interface and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http"
import { answerFor, unauthorized, type Answer } from "./answers.ts"

export const serviceKey = "gsk_canary_service_key_0123456789"
export const appId = "app_1"

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

export interface ContractServer extends AsyncDisposable {
  readonly url: string
  readonly seen: readonly SeenRequest[]
  lastSeen(): SeenRequest
}

export interface StaticFile {
  readonly type: string
  readonly body: string
}

const tokenPath = /^\/(?:base\/)?api\/apps\/app_1\/external-auth\/tokens\/(?:connectors\/)?([^/]+)$/

/** @param files served without a credential, by path */
export async function startContractServer(
  files: Readonly<Record<string, StaticFile>> = {},
): Promise<ContractServer> {
  const seen: SeenRequest[] = []
  const server = createServer((request, response) => {
    const { method = "", url: path = "", headers } = request
    const file = files[path]
    if (file) return void response.writeHead(200, { "content-type": file.type }).end(file.body)
    seen.push({ method, path, headers })
    send(response, chooseAnswer(path, headers, `http://${headers.host}`))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no port")
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
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

function chooseAnswer(path: string, headers: IncomingHttpHeaders, self: string): Answer {
  if (headers.authorization !== `Bearer ${serviceKey}`) return unauthorized
  return answerFor(decodeURIComponent(tokenPath.exec(path)?.[1] ?? ""), headers, self)
}

function send(response: ServerResponse, answer: Answer): void {
  const bytes = Buffer.from(answer.body)
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "content-length": bytes.length,
    "cache-control": "no-store",
    ...answer.headers,
  })
  if (answer.breakOff === undefined) return void response.end(bytes)
  response.write(bytes.subarray(0, bytes.length / 2), () => {
    if (answer.breakOff === "cut") response.destroy()
  })
}
