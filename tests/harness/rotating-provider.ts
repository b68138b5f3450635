/**
 * A provider as strict as they come: each refresh token is good for one use, and a second use ends the whole grant. It
 * answers what a test says, and remembers who was at work on which grant at the same time.
 */
import { randomBytes } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { plant } from "./canaries/planted.ts"

export interface IssuedPair {
  readonly accessToken: string
  readonly refreshToken: string
  readonly chain: string
}

/** One refresh as the provider sees it. */
export interface Exchange {
  readonly response: ServerResponse
  /** Spends the refresh token and makes the new pair; without it the request has no effect. */
  carryOut(): { readonly status: number; readonly body: Record<string, unknown> }
  /** Carries it out and answers as usual. */
  answer(): void
}

export interface Refresh {
  readonly chain: string
  readonly token: string
  /** The token was spent before. */
  readonly again: boolean
}

export interface RotatingProvider {
  readonly origin: string
  /** Every refresh request that was carried out. */
  readonly refreshes: readonly Refresh[]
  /** Every refresh request that came, carried out or not. */
  readonly asked: number
  /** Grants that two requests were at work on at once. */
  readonly overlaps: readonly string[]
  /** Every token that was ever handed out. */
  readonly secrets: ReadonlySet<string>
  /** How long a spent refresh token works once more. */
  graceMs: number
  /** Of an access token, in seconds. */
  lifetimeS: number
  /** Who consents next. */
  account: string
  rejectsClient: boolean
  latencyMs: number
  moveClock(ms: number): void
  /** Takes the next requests for a refresh, in order; absent `times`: one. */
  onRefresh(handler: (exchange: Exchange) => void | Promise<void>, times?: number): void
  /** As if new: forgets what was to come, whom it knows and what it was asked; the time and the secrets stay. */
  reset(): void
  issue(): IssuedPair
  isLive(accessToken: string): boolean
  liveRefreshTokens(): readonly string[]
  chainOf(token: string): string | undefined
  close(): Promise<void>
}

interface Token {
  readonly kind: "access" | "refresh"
  readonly chain: string
  readonly account: string
  readonly expiresAt: number
  usedAt: number | null
  dead: boolean
}

type Handler = (exchange: Exchange) => void | Promise<void>

export async function startRotatingProvider(): Promise<RotatingProvider> {
  const provider = new Provider()
  const server = createServer((request, response) => {
    provider.serve(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  provider.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  provider.closeServer = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return provider
}

class Provider implements RotatingProvider {
  origin = ""
  graceMs = 0
  lifetimeS = 3_600
  account = "ada"
  rejectsClient = false
  latencyMs = 0
  asked = 0
  readonly refreshes: Refresh[] = []
  readonly overlaps: string[] = []
  readonly secrets = new Set<string>()
  closeServer: () => Promise<void> = async () => undefined
  readonly #tokens = new Map<string, Token>()
  readonly #codes = new Map<string, string>()
  readonly #atWork = new Map<string, number>()
  #handlers: Handler[] = []
  #aheadMs = 0

  readonly moveClock = (ms: number): void => void (this.#aheadMs += ms)
  readonly close = (): Promise<void> => this.closeServer()

  onRefresh(handler: Handler, times = 1): void {
    for (let count = 0; count < times; count += 1) this.#handlers.push(handler)
  }

  reset(): void {
    this.#handlers = []
    this.#tokens.clear()
    this.#atWork.clear()
    this.refreshes.length = 0
    this.overlaps.length = 0
    this.asked = 0
    this.lifetimeS = 3_600
    this.graceMs = 0
    this.rejectsClient = false
    this.latencyMs = 0
  }

  issue(): IssuedPair {
    return this.#issue(randomBytes(8).toString("hex"), this.account)
  }

  isLive(accessToken: string): boolean {
    const token = this.#tokens.get(accessToken)
    return token?.kind === "access" && !token.dead && this.#now() < token.expiresAt
  }

  liveRefreshTokens(): readonly string[] {
    const live = [...this.#tokens].filter(
      ([, token]) => token.kind === "refresh" && !token.dead && token.usedAt === null,
    )
    return live.map(([value]) => value)
  }

  chainOf(token: string): string | undefined {
    return this.#tokens.get(token)?.chain
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.origin)
    const body = new URLSearchParams(await textOf(request))
    const last = url.pathname.split("/").at(-1)
    if (last === "authorize") return this.#authorize(url, response)
    if (last === "token" && body.get("grant_type") === "refresh_token")
      return this.#refresh(body.get("refresh_token") ?? "", response)
    if (last === "token") return send(response, 200, this.#exchange(body.get("code") ?? ""))
    if (last === "revoke") return this.#revoke(body.get("token") ?? "", response)
    const bearer = this.#tokens.get(request.headers.authorization?.slice("Bearer ".length) ?? "")
    send(response, bearer ? 200 : 401, { sub: bearer?.account, email: `${bearer?.account}@example.com` })
  }

  #now(): number {
    return Date.now() + this.#aheadMs
  }

  #issue(chain: string, account: string): IssuedPair {
    const [accessToken, refreshToken] = [newToken("at"), newToken("rt")]
    const common = { chain, account, usedAt: null, dead: false }
    const expiresAt = this.#now() + this.lifetimeS * 1_000
    this.#tokens.set(accessToken, { ...common, kind: "access", expiresAt })
    this.#tokens.set(refreshToken, { ...common, kind: "refresh", expiresAt: Infinity })
    this.secrets.add(accessToken).add(refreshToken)
    plant("access_token", accessToken)
    plant("refresh_token", refreshToken)
    return { accessToken, refreshToken, chain }
  }

  #authorize(url: URL, response: ServerResponse): void {
    const code = newToken("code")
    this.#codes.set(code, this.account)
    const back = new URL(url.searchParams.get("redirect_uri") ?? "")
    back.searchParams.set("code", code)
    back.searchParams.set("state", url.searchParams.get("state") ?? "")
    response.writeHead(302, { location: back.href }).end()
  }

  #exchange(code: string): Record<string, unknown> {
    const account = this.#codes.get(code) ?? ""
    this.#codes.delete(code)
    return this.#answerOf(this.#issue(randomBytes(8).toString("hex"), account))
  }

  #answerOf({ accessToken, refreshToken }: IssuedPair): Record<string, unknown> {
    return {
      access_token: accessToken,
      refresh_token: refreshToken,
      token_type: "Bearer",
      expires_in: this.lifetimeS,
    }
  }

  async #refresh(value: string, response: ServerResponse): Promise<void> {
    this.asked += 1
    const chain = this.#tokens.get(value)?.chain ?? "unknown"
    const others = this.#atWork.get(chain) ?? 0
    if (others > 0) this.overlaps.push(chain)
    this.#atWork.set(chain, others + 1)
    response.once("close", () => this.#atWork.set(chain, (this.#atWork.get(chain) ?? 1) - 1))
    const carryOut = (): ReturnType<Exchange["carryOut"]> => this.#spend(value)
    const answer = (): void => {
      const { body, status } = carryOut()
      send(response, status, body)
    }
    const handler = this.#handlers.shift()
    if (handler) return handler({ response, carryOut, answer })
    if (this.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, this.latencyMs))
    answer()
  }

  #spend(value: string): ReturnType<Exchange["carryOut"]> {
    if (this.rejectsClient) return { status: 401, body: { error: "invalid_client" } }
    const token = this.#tokens.get(value)
    if (!token || token.kind !== "refresh" || token.dead) return refused
    const again = token.usedAt !== null
    this.refreshes.push({ chain: token.chain, token: value, again })
    if (token.usedAt !== null && this.#now() >= token.usedAt + this.graceMs) {
      this.#end(token.chain)
      return refused
    }
    token.usedAt ??= this.#now()
    return { status: 200, body: this.#answerOf(this.#issue(token.chain, token.account)) }
  }

  #revoke(value: string, response: ServerResponse): void {
    const chain = this.#tokens.get(value)?.chain
    if (chain !== undefined) this.#end(chain)
    send(response, 200, {})
  }

  #end(chain: string): void {
    for (const token of this.#tokens.values()) if (token.chain === chain) token.dead = true
  }
}

const refused = { status: 400, body: { error: "invalid_grant", error_description: "The grant has ended." } }

function newToken(kind: string): string {
  return `${kind}-${randomBytes(24).toString("base64url")}`
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
