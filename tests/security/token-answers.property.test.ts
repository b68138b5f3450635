/** SECURITY.md line 9: whatever a provider answers to a refresh, the caller hears a typed word, and the grant survives it. */
import { createServer, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { plant } from "../harness/canaries/planted.ts"
import { TestBrowser } from "../harness/browser.ts"
import { goToProvider, initiate } from "../harness/connect.ts"
import { inSandbox } from "../harness/replicas.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"

const type = "wordless"
/** Longer than the life of any token here that is believed. */
const longMs = 10 * 86_400_000

interface Scripted {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** Answers every code with a good pair, and every refresh with what the test says. */
class ScriptedPeer {
  next: Scripted | undefined
  readonly presented: string[] = []
  #count = 0

  good(): Record<string, unknown> {
    this.#count += 1
    const pair = { access_token: `good-access-${this.#count}`, refresh_token: `good-refresh-${this.#count}` }
    for (const [name, value] of Object.entries(pair)) plant(name, value)
    return { ...pair, token_type: "Bearer", expires_in: 3_600 }
  }

  serve(path: string, body: URLSearchParams, response: ServerResponse): void {
    const url = new URL(path, "http://peer")
    if (url.pathname.endsWith("/authorize")) {
      const back = new URL(url.searchParams.get("redirect_uri") ?? "")
      back.searchParams.set("code", "a-code-of-the-peer")
      back.searchParams.set("state", url.searchParams.get("state") ?? "")
      return void response.writeHead(302, { location: back.href }).end()
    }
    if (!url.pathname.endsWith("/token")) return json(response, 200, { sub: "ada", email: "ada@example.com" })
    const refreshToken = body.get("refresh_token")
    if (refreshToken === null) return json(response, 200, this.good())
    this.presented.push(refreshToken)
    const answer = this.next
    if (!answer) return json(response, 200, this.good())
    response.writeHead(answer.status, { "content-type": answer.contentType }).end(answer.body)
  }
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

const word = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "\u0000",
    "null",
    "Bearer",
    "invalid_grant",
    "invalid_client",
    "temporarily_unavailable",
  ),
  fc.string({ unit: "grapheme", maxLength: 30 }),
)
/** Lives that cannot be, and short ones: a token that lived for years would not be refreshed again. */
const number = fc.oneof(
  fc.constantFrom(0, -1, 1e308, 3_600, 2 ** 53),
  fc.double({ max: 100_000 }),
  fc.double({ min: 1e10 }),
  fc.constantFrom("3600", "", "soon", "-5"),
)
const token = fc.string({ unit: fc.constantFrom(..."abcdefgh0123-._~"), minLength: 20, maxLength: 40 })
const anything = fc.oneof(
  word,
  number,
  fc.boolean(),
  fc.constant(null),
  fc.array(word, { maxLength: 2 }),
  fc.object({ maxDepth: 1 }),
)
const members = fc.record(
  {
    access_token: fc.oneof(token, token, token, anything),
    refresh_token: fc.oneof(token, fc.constantFrom("", " ", null), anything),
    token_type: fc.oneof(fc.constant("Bearer"), anything),
    expires_in: fc.oneof(fc.constant(3_600), fc.constant(3_600), number, anything),
    scope: fc.oneof(fc.constant("read"), anything),
    error: fc.option(anything, { freq: 1, nil: undefined }),
    error_description: anything,
    __proto__: anything,
  },
  { requiredKeys: [] },
)
const answers: fc.Arbitrary<Scripted> = fc.record({
  status: fc.constantFrom(200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503),
  contentType: fc.constantFrom(
    "application/json",
    "application/json",
    "text/html",
    "application/x-www-form-urlencoded",
    "x",
  ),
  body: fc.oneof(
    members.map((value) => JSON.stringify(value)),
    members.map((value) => JSON.stringify(value)),
    fc.json(),
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.constantFrom("", "<html>no</html>", "{", "access_token=x&refresh_token=", "[]", "null"),
  ),
})

/** Some providers answer in a form, whatever they call it. */
function membersOf(body: string): Record<string, unknown> {
  if (!body.trimStart().startsWith("{")) return Object.fromEntries(new URLSearchParams(body))
  return JSON.parse(body) as Record<string, unknown>
}

const codes = ["RECONNECT_REQUIRED", "PROVIDER_UNAVAILABLE", "OAUTH_CLIENT_REJECTED"]

describe.each(databases)("token answers on %s", (database) => {
  const peer = new ScriptedPeer()
  let http: Server
  let server: TestServer
  let app: TestApp

  beforeAll(async () => {
    http = createServer((request, response) => {
      text(request)
        .then((body) => peer.serve(request.url ?? "/", new URLSearchParams(body), response))
        .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
    })
    await new Promise<void>((done) => http.listen(0, "127.0.0.1", done))
    const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    server = await startTestServer({ database, catalog: testCatalog, providerAddress: inSandbox(origin) })
    app = await createApp(server.url)
    await connect()
  })
  afterAll(async () => {
    await server.destroy()
    http.closeAllConnections()
    await new Promise((done) => http.close(done))
  })

  async function connect(): Promise<void> {
    const begun = await initiate(server.url, app, type, { force_reconnect: true })
    const page = await goToProvider(new TestBrowser(), begun.redirect_url ?? "")
    if (page.status !== 200) throw new Error(`the consent failed: ${page.html}`)
  }

  /** The refresh token that is stored: the next refresh, which goes well, presents it. */
  async function presentedNext(): Promise<string | undefined> {
    peer.next = undefined
    await moveClock(server.url, longMs)
    const answer = await fetchToken(server.url, app, type)
    expect(answer.status).toBe(200)
    expect(answer.body.access_token).toMatch(/^good-access-/)
    return peer.presented.at(-1)
  }

  test("no answer to a refresh fails inside, is believed without a token, or costs the refresh token", async () => {
    const seen = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(answers, async (scripted) => {
        // A good refresh first: this is the token that must not get lost.
        await presentedNext()
        await moveClock(server.url, longMs)
        peer.next = scripted
        const { body, status } = await fetchToken(server.url, app, type)
        const stored = peer.presented.at(-1)
        seen.set(status, (seen.get(status) ?? 0) + 1)
        if (status === 409) {
          expect(body.code).toBe("RECONNECT_REQUIRED")
          return connect()
        }
        const sent = status === 200 ? membersOf(scripted.body) : {}
        if (status !== 200) expect([status, codes.includes(body.code ?? "")]).toEqual([503, true])
        else expect([body.access_token, body.access_token.length > 0]).toEqual([sent["access_token"], true])
        const kept = typeof sent["refresh_token"] === "string" && sent["refresh_token"].trim() !== ""
        expect(await presentedNext()).toBe(kept ? sent["refresh_token"] : stored)
      }),
      { numRuns: 100, endOnFailure: true },
    )
    // Refused, believed and dead: the property is about all three.
    expect([...seen.keys()]).toEqual(expect.arrayContaining([200, 503]))
    expect((await call(server.url, "GET", "/readyz", { as: null })).status).toBe(200)
  })
})
