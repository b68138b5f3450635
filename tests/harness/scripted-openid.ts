/** An OpenID provider as a script: it answers what no honest one would. */
import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import type { IssuerKey } from "./issuer.ts"

export interface ScriptedOpenId {
  readonly issuer: string
  /** Laid over the discovery document. */
  metadata: Readonly<Record<string, unknown>>
  keys: readonly IssuerKey[]
  /** The ID token of the next answer; made when the code comes, for the nonce that was asked with. */
  idToken: (nonce: string) => Promise<string>
  /** In place of the token endpoint's own answer. */
  tokenAnswer: ((response: ServerResponse) => void) | null
  userInfo: Readonly<Record<string, unknown>>
  /** Paths that were asked for, oldest first. */
  readonly asked: string[]
  /** The nonce that the last sign-in began with. */
  nonce: string
  close(): Promise<void>
}

export async function startScriptedOpenId(keys: readonly IssuerKey[]): Promise<ScriptedOpenId> {
  const server = createServer((request, response) => {
    answer(provider, request, response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const provider: ScriptedOpenId = {
    issuer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    metadata: {},
    keys,
    idToken: () => Promise.reject(new Error("no ID token was scripted")),
    tokenAnswer: null,
    userInfo: {},
    asked: [],
    nonce: "",
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return provider
}

async function answer(
  provider: ScriptedOpenId,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = new URL(request.url ?? "/", provider.issuer).pathname
  provider.asked.push(path)
  const json = (body: unknown) =>
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body))
  if (path.endsWith("/.well-known/openid-configuration")) return void json(document(provider))
  if (path === "/jwks") return void json({ keys: provider.keys.map(({ publicJwk }) => publicJwk) })
  if (path === "/userinfo") return void json(provider.userInfo)
  if (path !== "/token") return void response.writeHead(404).end()
  if (provider.tokenAnswer) return provider.tokenAnswer(response)
  json({ access_token: "at", token_type: "bearer", id_token: await provider.idToken(provider.nonce) })
}

function document({ issuer, metadata }: ScriptedOpenId): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    // It claims to sign as no honest provider does.
    id_token_signing_alg_values_supported: ["ES256", "HS256", "none"],
    ...metadata,
  }
}
