/** An app's own identity provider, as a script: keys, their JWK Set on a local port, and tokens in every state of ruin. */
import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from "jose"

export interface IssuerKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

export async function newIssuerKey(kid: string, alg = "ES256"): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: "sig" } }
}

export interface TokenChange {
  readonly key?: IssuerKey
  /** undefined leaves the member out. */
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
}

export const issuerName = "https://login.shop.example"
export const issuerAudience = "shop"

/** A token that is good unless it is changed. */
export function signToken(key: IssuerKey, { claims, header }: TokenChange = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const payload = {
    iss: issuerName,
    aud: issuerAudience,
    sub: "user-1",
    email: "ann@example.com",
    name: "Ann",
    iat: now,
    exp: now + 600,
    ...claims,
  }
  return new SignJWT(payload)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header } as Parameters<
      SignJWT["setProtectedHeader"]
    >[0])
    .sign(key.privateKey, header?.["crit"] === undefined ? {} : { crit: { "https://example.com/x": true } })
}

export interface ScriptedIssuer {
  readonly jwksUrl: string
  /** What its JWK Set holds. */
  keys: readonly IssuerKey[]
  /** The next answers: a status, or nothing at all. */
  mode: "ok" | "down" | "broken" | "redirect"
  /** How often the JWK Set was asked for. */
  readonly asked: () => number
  close(): Promise<void>
}

export async function startIssuer(keys: readonly IssuerKey[]): Promise<ScriptedIssuer> {
  let asked = 0
  const server = createServer((request, response) => {
    asked += 1
    if (issuer.mode === "down") return response.writeHead(503).end("down")
    if (issuer.mode === "broken") return response.writeHead(200).end("<html>")
    if (issuer.mode === "redirect" && request.url === "/jwks.json")
      return response.writeHead(302, { location: "/other.json" }).end()
    return response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify({ keys: issuer.keys.map(({ publicJwk }) => publicJwk) }))
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  const issuer: ScriptedIssuer = {
    jwksUrl: `http://127.0.0.1:${port}/jwks.json`,
    keys,
    mode: "ok",
    asked: () => asked,
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
  return issuer
}
