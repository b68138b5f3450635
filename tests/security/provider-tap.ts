/** A wire tap between the server and the emulated providers: what passes here must be found nowhere else. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { sandboxUrl } from "@grantry/sandbox"
import type { StartOptions } from "@grantry/server"

export interface ProviderTap {
  /** For the server under test. */
  readonly providerAddress: NonNullable<StartOptions["providerAddress"]>
  /** Once the server listens. */
  connectTo(serverUrl: string): void
  /** Every secret that went over the wire, either way. */
  readonly secrets: ReadonlySet<string>
  close(): Promise<void>
}

const secretFields = new Set([
  "code",
  "code_verifier",
  "client_secret",
  "refresh_token",
  "access_token",
  "id_token",
  "token",
])

export async function startProviderTap(): Promise<ProviderTap> {
  const secrets = new Set<string>()
  let target = ""
  const server = createServer((request, response) => {
    forward(request, response, target, secrets).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    providerAddress: ({ definition }, url, channel) =>
      sandboxUrl(channel === "front" ? target : `http://127.0.0.1:${port}`, definition.type, url),
    connectTo(serverUrl) {
      target = serverUrl
    },
    secrets,
    close: () => closed(server),
  }
}

async function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: string,
  secrets: Set<string>,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks).toString()
  const { authorization, "content-type": type } = request.headers
  keepAuthorization(authorization, secrets)
  for (const [name, value] of new URLSearchParams(body)) if (secretFields.has(name)) secrets.add(value)
  const answer = await fetch(target + (request.url ?? ""), {
    method: request.method ?? "GET",
    headers: {
      ...(authorization !== undefined && { authorization }),
      ...(type !== undefined && { "content-type": type }),
      accept: "application/json",
    },
    ...(body !== "" && { body }),
  })
  const text = await answer.text()
  keepJson(text, secrets)
  const contentType = answer.headers.get("content-type") ?? "text/plain"
  response.writeHead(answer.status, { "content-type": contentType }).end(text)
}

function keepAuthorization(header: string | undefined, secrets: Set<string>): void {
  const [scheme, value = ""] = (header ?? "").split(" ")
  if (scheme === "Bearer") secrets.add(value)
  if (scheme !== "Basic") return
  secrets.add(value)
  secrets.add(decodeURIComponent(Buffer.from(value, "base64").toString().split(":")[1] ?? ""))
}

function keepJson(text: string, secrets: Set<string>): void {
  try {
    JSON.parse(text, (name, value: unknown) => {
      if (secretFields.has(name) && typeof value === "string") secrets.add(value)
      return value
    })
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
