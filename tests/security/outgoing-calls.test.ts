/** SECURITY.md line 19 on the HTTP interface: whatever address a tenant gives, and whatever a peer answers. */
import { createServer, type RequestListener, type Server } from "node:http"
import { type AddressInfo, createServer as createTcpServer } from "node:net"
import { gzipSync } from "node:zlib"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import { goToProvider, initiate } from "../harness/connect.ts"
import { issuerAudience, type IssuerKey, issuerName, newIssuerKey, signToken } from "../harness/issuer.ts"
import { inSandbox } from "../harness/replicas.ts"
import { startRotatingProvider } from "../harness/rotating-provider.ts"
import { moveClock } from "../harness/sandbox.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { trust, whoAmI } from "../harness/user-tokens.ts"
import { allEvents, type DeliveryBody, webhooksOf } from "../events/webhook-steps.ts"

/** Ways to write an address that is not public; PORT is one where something listens on 127.0.0.1. */
const private_ = [
  "http://127.0.0.1:PORT/",
  "http://localhost:PORT/",
  "http://localhost.:PORT/",
  "http://127.1:PORT/",
  "http://2130706433:PORT/",
  "http://0x7f000001:PORT/",
  "http://0177.0.0.1:PORT/",
  "http://0.0.0.0:PORT/",
  "http://[::1]:PORT/",
  "http://[::]:PORT/",
  "http://[::ffff:127.0.0.1]:PORT/",
  "http://[::ffff:7f00:1]:PORT/",
  "http://[::127.0.0.1]:PORT/",
  "http://[64:ff9b::7f00:1]:PORT/",
  "http://[2002:7f00:1::]:PORT/",
  "http://10.0.0.1/",
  "http://172.16.0.1/",
  "http://192.168.0.1/",
  "http://100.64.0.1/",
  "http://169.254.169.254/latest/meta-data/",
  "http://[fd00:ec2::254]/",
  "http://[fe80::1]/",
  "http://metadata.google.internal/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
]

interface Peer {
  readonly origin: string
  readonly port: number
  asked: number
  answer: RequestListener
  readonly server: Server
}

async function startPeer(): Promise<Peer> {
  const server = createServer((request, response) => {
    peer.asked += 1
    peer.answer(request, response)
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const { port } = server.address() as AddressInfo
  const peer: Peer = {
    origin: `http://127.0.0.1:${port}`,
    port,
    asked: 0,
    answer: (_, response) => response.end(),
    server,
  }
  return peer
}

async function closePeer({ server }: Peer): Promise<void> {
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
}

describe("an address that is not public", () => {
  let open: TestServer
  let closed: TestServer
  let peer: Peer
  beforeAll(async () => {
    peer = await startPeer()
    open = await startTestServer({ database: "sqlite" })
    closed = await startTestServer({ database: "sqlite", env: { GRANTRY_ALLOW_PRIVATE_NETWORK: "" } })
  })
  afterAll(async () => {
    await open.destroy()
    await closed.destroy()
    await closePeer(peer)
  })

  /** Whether the server takes the address in each of the places where a tenant may give one, or calls it. */
  async function tryEverywhere(server: TestServer, url: string): Promise<readonly boolean[]> {
    const app = await createApp(server.url)
    const webhooks = await webhooksOf(server.url)
    const created = await webhooks.create({ url, events: allEvents })
    const delivered =
      created.status === 200
        ? (await webhooks.call<DeliveryBody>("POST", `${created.body.id}/test`)).body.outcome === "delivered"
        : false
    const trusted = await trust(server.url, app, { issuer: issuerName, audience: "x", jwks_url: url })
    const upstream = await call(server.url, "PUT", `/api/apps/${app.id}`, {
      body: { functions_upstream: url },
    })
    return [delivered, trusted.status === 200, upstream.status === 200]
  }

  test.each(private_)("%s is neither taken nor reached", async (address) => {
    const before = peer.asked
    const url = address.replace("PORT", String(peer.port))
    expect([url, await tryEverywhere(closed, url)]).toEqual([url, [false, false, false]])
    expect(peer.asked).toBe(before)
  })

  test("is taken and reached where the operator allows it", async () => {
    const before = peer.asked
    expect(await tryEverywhere(open, `${peer.origin}/`)).toEqual([true, true, true])
    expect(peer.asked).toBe(before + 1)
  })
})

describe("an issuer's keys and a webhook's endpoint", () => {
  let server: TestServer
  let peer: Peer
  let elsewhere: Peer
  let key: IssuerKey
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database: "sqlite", env: { GRANTRY_PROVIDER_TIMEOUT_MS: "1000" } })
    key = await newIssuerKey("key-1")
  })
  beforeEach(async () => {
    peer = await startPeer()
    elsewhere = await startPeer()
    app = await createApp(server.url)
    await trust(server.url, app, {
      issuer: issuerName,
      audience: issuerAudience,
      jwks_url: `${peer.origin}/jwks`,
    })
  })
  afterEach(async () => {
    await closePeer(peer)
    await closePeer(elsewhere)
  })
  afterAll(() => server.destroy())

  const jwks = () => JSON.stringify({ keys: [key.publicJwk] })
  const json = { "content-type": "application/json" }
  const asUser = async () => (await whoAmI(server.url, app.id, { bearer: await signToken(key) })).status

  test("are taken as they come, packed too, as long as they are small", async () => {
    peer.answer = (_, response) =>
      response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(gzipSync(jwks()))
    expect(await asUser()).toBe(200)
  })

  test("that are small on the wire and more than a megabyte unpacked are refused", async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from(jwks()), Buffer.alloc(2 << 20, 0x20)]))
    expect(bomb.length).toBeLessThan(10_000)
    peer.answer = (_, response) => response.writeHead(200, { ...json, "content-encoding": "gzip" }).end(bomb)
    expect(await asUser()).toBe(503)
  })

  test("are not looked for where a redirect points", async () => {
    elsewhere.answer = (_, response) => response.writeHead(200, json).end(jwks())
    peer.answer = (_, response) => response.writeHead(302, { location: `${elsewhere.origin}/jwks` }).end()
    expect(await asUser()).toBe(503)
    const webhooks = await webhooksOf(server.url)
    peer.answer = (_, response) => response.writeHead(307, { location: `${elsewhere.origin}/hook` }).end()
    const { body } = await webhooks.create({ url: `${peer.origin}/hook`, events: allEvents })
    const sent = await webhooks.call<DeliveryBody>("POST", `${body.id}/test`)
    expect(sent.body).toMatchObject({ outcome: "failed", http_status: 307 })
    expect([peer.asked, elsewhere.asked]).toEqual([2, 0])
  })

  test("that never end are given up at the deadline", async () => {
    peer.answer = (_, response) => {
      response.writeHead(200, json)
      const drip = setInterval(() => response.write(" "), 50)
      response.on("close", () => clearInterval(drip))
    }
    expect(await asUser()).toBe(503)
    await expect.poll(() => openConnections(peer), { timeout: 15_000 }).toBe(0)
  })

  test("behind https without TLS get nothing in plain text", async () => {
    const heard: Buffer[] = []
    const plain = createTcpServer((socket) => {
      socket.on("error", () => undefined)
      socket.on("data", (chunk) => {
        heard.push(chunk)
        socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      })
    })
    await new Promise<void>((done) => plain.listen(0, "127.0.0.1", done))
    const url = `https://127.0.0.1:${(plain.address() as AddressInfo).port}/hook`
    const webhooks = await webhooksOf(server.url)
    const { body } = await webhooks.create({ url, events: allEvents })
    const sent = await webhooks.call<DeliveryBody>("POST", `${body.id}/test`)
    expect(sent.body).toMatchObject({ outcome: "failed", http_status: null })
    expect(heard.length).toBeGreaterThan(0)
    expect(Buffer.concat(heard).toString("latin1")).not.toMatch(/POST|webhook/)
    await new Promise((done) => plain.close(done))
  })
})

test("a token request is not sent again to where a redirect points, and its answer is no larger than a megabyte", async () => {
  const provider = await startRotatingProvider()
  const elsewhere = await startPeer()
  const server = await startTestServer({
    database: "sqlite",
    catalog: testCatalog,
    providerAddress: inSandbox(provider.origin),
  })
  const app = await createApp(server.url)
  const { redirect_url } = await initiate(server.url, app, "rotating")
  expect((await goToProvider(new TestBrowser(), redirect_url ?? "")).status).toBe(200)
  const expire = async () => {
    provider.moveClock(7_200_000)
    await moveClock(server.url, 7_200_000)
  }
  for (const status of [301, 302, 303, 307, 308]) {
    await expire()
    provider.onRefresh(
      ({ response }) => void response.writeHead(status, { location: `${elsewhere.origin}/token` }).end(),
    )
    expect([status, (await fetchToken(server.url, app, "rotating")).status]).toEqual([status, 503])
  }
  await expire()
  const bomb = gzipSync(Buffer.alloc(2 << 20, 0x20))
  provider.onRefresh(
    ({ response }) =>
      void response
        .writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" })
        .end(bomb),
  )
  expect((await fetchToken(server.url, app, "rotating")).status).toBe(503)
  await expire()
  expect((await fetchToken(server.url, app, "rotating")).status).toBe(200)
  expect(elsewhere.asked).toBe(0)
  await server.destroy()
  await provider.close()
  await closePeer(elsewhere)
})

function openConnections({ server }: Peer): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )
}
