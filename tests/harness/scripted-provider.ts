/** A provider that answers what the test says, and remembers what it was asked. */
import { createServer, type IncomingMessage } from "node:http"
import type { AddressInfo } from "node:net"
import { type ConnectorDefinition, defineConnector, type ConnectorInput } from "@grantry/catalog"
import type { OAuthClient } from "../../packages/server/src/oauth/oauth-client.ts"
import type { ProtocolClient } from "../../packages/server/src/oauth/protocol-client.ts"
import { createOutbound, parseAllowList } from "../../packages/server/src/outbound/outbound.ts"

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

export interface Scripted {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

export interface ScriptedProvider {
  readonly protocol: ProtocolClient
  readonly asked: readonly Asked[]
  /** The answers to come, in order; a function sees the request. */
  answers(...next: readonly (Scripted | ((asked: Asked) => Scripted))[]): void
  close(): Promise<void>
}

export const scriptedNow = 1_800_000_000_000

export async function startScriptedProvider(): Promise<ScriptedProvider> {
  const asked: Asked[] = []
  let script: (Scripted | ((asked: Asked) => Scripted))[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const { headers, method = "", url: path = "" } = request
      const seen: Asked = { method, path, headers, body: Buffer.concat(chunks).toString() }
      asked.push(seen)
      const next = script.shift() ?? { status: 599, body: "nothing was said about this request" }
      const answer = typeof next === "function" ? next(seen) : next
      response.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers })
      response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const outbound = createOutbound({ allowPrivate: parseAllowList("127.0.0.1"), userAgent: "grantry/test" })
  return {
    protocol: {
      outbound,
      now: () => scriptedNow,
      timeoutMs: 2_000,
      address: (_client, url) => new URL(`http://127.0.0.1:${port}${url.pathname}${url.search}`),
    },
    asked,
    answers(...next) {
      asked.length = 0
      script = [...next]
    },
    async close() {
      await outbound.close()
      await new Promise<void>((resolve, reject) =>
        server.close((error) => (error ? reject(error) : resolve())),
      )
    },
  }
}

export function scriptedDefinition(differences: Partial<ConnectorInput> = {}): ConnectorDefinition {
  return defineConnector({
    type: "scripted",
    displayName: "Scripted",
    description: "Answers what the test says.",
    authorize: { url: "https://scripted.example.com/authorize" },
    token: { url: "https://scripted.example.com/token", clientAuth: "basic", lifetimeS: 3600 },
    refresh: { rotates: true, reuseGraceS: null },
    revocation: {
      url: "https://scripted.example.com/revoke",
      tokens: ["refresh_token", "access_token"],
      auth: "basic",
      ends: "token",
    },
    identity: {},
    api: { baseUrls: ["https://scripted.example.com/api"] },
    scopes: [{ scope: "read", meaning: "Read" }],
    setup: {
      registerUrl: "https://scripted.example.com/apps",
      documentationUrl: "https://scripted.example.com/docs",
      pitfalls: [],
    },
    samples: [],
    ...differences,
  })
}

export function scriptedContext(definition: ConnectorDefinition) {
  const client: OAuthClient = {
    definition,
    source: "byo",
    connectorId: "con_1",
    clientId: "the client",
    clientSecret: "short secret/+",
    context: "con_1",
    ownConfig: {},
  }
  return {
    client,
    redirectUri: "https://grantry.example.com/api/external-auth/callback/con_1",
    scopes: ["read"],
    config: {},
  }
}
