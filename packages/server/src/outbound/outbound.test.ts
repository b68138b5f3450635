import type { LookupAddress } from "node:dns"
import { once } from "node:events"
import { createServer, type RequestListener, type Server } from "node:http"
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer, type Socket } from "node:net"
import { setTimeout as wait } from "node:timers/promises"
import { inspect } from "node:util"
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib"
import { afterEach, describe, expect, test } from "vitest"
import { createOutbound, type Lookup, type Outbound, type OutboundError, type OutboundOptions, parseAllowList } from "./outbound.ts"

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function listen(server: Server | TcpServer, host = "127.0.0.1", port = 0): Promise<number> {
  server.listen(port, host)
  await once(server, "listening")
  cleanups.push(() => new Promise((done) => server.close(done)))
  return (server.address() as AddressInfo).port
}

async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler)
  cleanups.push(() => server.closeAllConnections())
  return `http://127.0.0.1:${await listen(server)}`
}

/** A peer that speaks bytes instead of HTTP. */
async function serveBytes(onRequest: (socket: Socket, count: number) => void, host?: string, port?: number) {
  const sockets = new Set<Socket>()
  let count = 0
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket))
    socket.on("data", () => onRequest(socket, ++count))
  })
  cleanups.push(() => sockets.forEach((socket) => socket.destroy()))
  const bound = await listen(server, host, port)
  return { port: bound, url: `http://127.0.0.1:${bound}`, sockets, requests: () => count }
}

function client(options: Partial<OutboundOptions> = {}): Outbound {
  const outbound = createOutbound({ allowPrivate: parseAllowList("127.0.0.1"), userAgent: "Grantry/test", ...options })
  cleanups.push(() => outbound.close())
  return outbound
}

const get = (url: string, deadlineMs = 5_000) => ({ method: "GET", url, headers: {}, deadlineMs })

async function failure(answer: Promise<unknown>): Promise<OutboundError> {
  return answer.then(
    () => Promise.reject(new Error("an answer came")),
    (error: OutboundError) => error,
  )
}

/** Answers each question with the next of the given address lists, then with the last. */
function resolver(...answers: readonly (readonly string[])[]) {
  const asked: string[] = []
  const lookup: Lookup = (host, _options, callback) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? []
    asked.push(host)
    const found: LookupAddress[] = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))
    setImmediate(() => callback(null, found))
  }
  return { lookup, asked }
}

describe("an answer", () => {
  test("carries status, headers and text, and the request what was given", async () => {
    const url = await serve((request, response) => {
      request.setEncoding("utf8").on("data", (body: string) => {
        response.writeHead(201, { "X-Seen": `${request.method} ${request.url}`, "Set-Cookie": ["a=1", "b=2"] })
        response.end(JSON.stringify({ body, headers: request.headers }))
      })
    })
    const headers = { "Content-Type": "text/plain", "Accept-Encoding": "zstd" }
    const answer = await client().send({ method: "POST", url: `${url}/a%20b?c=d`, headers, body: "grüße", deadlineMs: 5_000 })
    expect(answer).toMatchObject({ status: 201, headers: { "x-seen": "POST /a%20b?c=d", "set-cookie": "a=1, b=2" } })
    expect(JSON.parse(answer.text)).toMatchObject({
      body: "grüße",
      headers: { "user-agent": "Grantry/test", "accept-encoding": "gzip, deflate, br", "content-type": "text/plain" },
    })
  })

  test("may be any status: a redirect is answered, not followed", async () => {
    const paths: (string | undefined)[] = []
    const url = await serve((request, response) => {
      paths.push(request.url)
      response.writeHead(302, { location: "/elsewhere" }).end()
    })
    const answer = await client().send(get(`${url}/start`))
    expect([answer.status, answer.headers["location"], paths]).toEqual([302, "/elsewhere", ["/start"]])
  })

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync],
    ["br", brotliCompressSync],
  ] as const)("packed with %s is unpacked", async (encoding, pack) => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-encoding": encoding }).end(pack("unpacked ✓"))
    })
    expect((await client().send(get(url))).text).toBe("unpacked ✓")
  })

  test.each([
    ["zstd", Buffer.from("x")],
    ["gzip", Buffer.from("not gzip")],
    ["gzip", gzipSync("cut off").subarray(0, -6)],
  ])("packed with %s that cannot be unpacked is refused", async (encoding, body) => {
    const url = await serve((_request, response) => response.writeHead(200, { "content-encoding": encoding }).end(body))
    expect(await failure(client().send(get(url)))).toMatchObject({ kind: "bad_answer", maybeSent: true })
  })

  test("that is no HTTP is refused", async () => {
    const { url } = await serveBytes((socket) => socket.end("hello\r\n\r\n"))
    expect(await failure(client().send(get(url)))).toMatchObject({ kind: "bad_answer", maybeSent: true })
  })

  test("to HEAD has the length of a body that does not come", async () => {
    const url = await serve((_request, response) => response.writeHead(200, { "content-length": 99_999_999 }).end())
    expect((await client().send({ ...get(url), method: "HEAD" })).text).toBe("")
  })
})

describe("the size cap", () => {
  const maxBytes = 1000

  test("lets through what just fits, packed or not", async () => {
    const text = "x".repeat(maxBytes)
    const url = await serve((request, response) => {
      if (request.url === "/plain") response.end(text)
      else response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(text))
    })
    const outbound = client({ maxBytes })
    expect((await outbound.send(get(`${url}/plain`))).text).toBe(text)
    expect((await outbound.send(get(`${url}/packed`))).text).toBe(text)
  })

  test("stops an answer that announces too much before it is read", async () => {
    const { url, sockets } = await serveBytes((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"))
    expect(await failure(client({ maxBytes }).send(get(url)))).toMatchObject({ kind: "too_large", maybeSent: true })
    await wait(50)
    expect(sockets.size).toBe(0)
  })

  test("stops an answer that announces nothing and never ends", async () => {
    let written = 0
    const url = await serve((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) written += 16_384
      }
      response.on("drain", more).on("error", () => undefined)
      more()
    })
    expect(await failure(client().send(get(url)))).toMatchObject({ kind: "too_large" })
    expect(written).toBeLessThan(64 * 1024 * 1024)
  })

  test.each([
    ["gzip", gzipSync(Buffer.alloc(100_000_000))],
    ["deflate", deflateSync(Buffer.alloc(100_000_000))],
    ["br", brotliCompressSync(Buffer.alloc(100_000_000))],
  ])("stops a %s bomb while it unpacks", async (encoding, bomb) => {
    expect(bomb.length).toBeLessThan(1024 * 1024)
    const url = await serve((_request, response) => response.writeHead(200, { "content-encoding": encoding }).end(bomb))
    expect(await failure(client().send(get(url)))).toMatchObject({ kind: "too_large" })
  })

  test("holds for headers too", async () => {
    const { url } = await serveBytes((socket) => socket.write(`HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(100_000)}\r\n\r\n`))
    expect(await failure(client().send(get(url)))).toMatchObject({ kind: "too_large" })
  })
})

describe("a content-length that lies", () => {
  test("too long: the cut answer is refused", async () => {
    const { url } = await serveBytes((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"))
    expect(await failure(client().send(get(url)))).toMatchObject({ maybeSent: true })
  })

  test("too short: what follows is never taken for the next answer", async () => {
    const forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
    const { url } = await serveBytes((socket, count) => {
      const answer = `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n#${count}`
      socket.write(count === 1 ? answer + forged : answer)
    })
    const outbound = client()
    const first = await outbound.send(get(url)).catch((error: OutboundError) => ({ text: error.kind }))
    expect(["#1", "bad_answer"]).toContain(first.text)
    expect((await outbound.send(get(url))).text).toBe("#2")
  })
})

describe("the deadline", () => {
  async function expectTimeout(answer: Promise<unknown>, deadlineMs: number, maybeSent: boolean): Promise<void> {
    const startedAt = performance.now()
    expect(await failure(answer)).toMatchObject({ kind: "timeout", maybeSent })
    const tookMs = performance.now() - startedAt
    expect(tookMs).toBeGreaterThan(deadlineMs - 20)
    expect(tookMs).toBeLessThan(deadlineMs + 1_000)
  }

  test("ends a name that does not resolve", async () => {
    const outbound = client({ lookup: () => undefined })
    await expectTimeout(outbound.send(get("http://silent.test/", 200)), 200, false)
  })

  test("ends a TLS handshake that hangs, and its connection", async () => {
    const { port, sockets } = await serveBytes(() => undefined)
    await expectTimeout(client().send(get(`https://127.0.0.1:${port}/`, 200)), 200, false)
    await wait(50)
    expect(sockets.size).toBe(0)
  })

  test("ends a wait for the answer, and its connection", async () => {
    const { url, sockets, requests } = await serveBytes(() => undefined)
    await expectTimeout(client().send(get(url, 200)), 200, true)
    await wait(50)
    expect([sockets.size, requests()]).toEqual([0, 1])
  })

  test("ends an answer that drips", async () => {
    const { url, sockets } = await serveBytes((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
      const drip = setInterval(() => socket.write("."), 30)
      socket.on("close", () => clearInterval(drip))
    })
    await expectTimeout(client().send(get(url, 300)), 300, true)
    await wait(50)
    expect(sockets.size).toBe(0)
  })
})

describe("a broken connection", () => {
  test("that was never there sent nothing", async () => {
    const server = createTcpServer()
    const port = await listen(server)
    await new Promise((done) => server.close(done))
    expect(await failure(client().send(get(`http://127.0.0.1:${port}/`)))).toMatchObject({ kind: "unreachable", maybeSent: false })
  })

  test("of a name that does not exist sent nothing", async () => {
    const lookup: Lookup = (_host, _options, callback) => callback(Object.assign(new Error("no"), { code: "ENOTFOUND" }), [])
    expect(await failure(client({ lookup }).send(get("https://gone.test/")))).toMatchObject({ kind: "unreachable", maybeSent: false })
  })

  test.each(["GET", "POST"])("is not tried again with %s, neither new nor reused", async (method) => {
    const { url, requests } = await serveBytes((socket, count) => {
      if (count === 2) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      else socket.resetAndDestroy()
    })
    const outbound = client()
    const request = { ...get(url), method }
    expect(await failure(outbound.send(request))).toMatchObject({ kind: "unreachable", maybeSent: true })
    expect((await outbound.send(request)).status).toBe(200)
    expect(await failure(outbound.send(request))).toMatchObject({ kind: "unreachable", maybeSent: true })
    expect(requests()).toBe(3)
  })

  test("closed by the peer while idle does not hurt the next request", async () => {
    const { url, sockets } = await serveBytes((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    const outbound = client()
    await outbound.send(get(url))
    sockets.forEach((socket) => socket.end())
    await wait(50)
    expect((await outbound.send(get(url))).status).toBe(200)
  })
})

test("connections are used again, one request at a time", async () => {
  const ports = new Set<number | undefined>()
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort)
    response.end("ok")
  })
  const outbound = client()
  for (let round = 0; round < 5; round++) await outbound.send(get(url))
  expect(ports.size).toBe(1)
  const answers = await Promise.all(Array.from({ length: 100 }, () => outbound.send(get(url))))
  expect(answers.every(({ text }) => text === "ok")).toBe(true)
})

test("the caller's signal ends a request", async () => {
  const { url, sockets } = await serveBytes(() => controller.abort())
  const controller = new AbortController()
  expect(await failure(client().send({ ...get(url), signal: controller.signal }))).toMatchObject({ kind: "aborted", maybeSent: true })
  expect(await failure(client().send({ ...get(url), signal: controller.signal }))).toMatchObject({ kind: "aborted", maybeSent: false })
  await wait(50)
  expect(sockets.size).toBe(0)
})

test("closing ends what runs and refuses what comes later", async () => {
  const outbound = client()
  const { url } = await serveBytes(() => void outbound.close())
  expect(await failure(outbound.send(get(url)))).toMatchObject({ kind: "aborted", maybeSent: true })
  expect(await failure(outbound.send(get(url)))).toMatchObject({ kind: "aborted", maybeSent: false })
})

describe("an address that may not be reached", () => {
  const spellings = ["127.0.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "%31%32%37.0.0.1", "１２７.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"]

  test.each(spellings)("is recognised as %s", async (host) => {
    const { port, requests } = await serveBytes(() => undefined)
    const outbound = client({ allowPrivate: parseAllowList("") })
    for (const scheme of ["http", "https"]) {
      expect(await failure(outbound.send(get(`${scheme}://${host}:${port}/`)))).toMatchObject({ kind: "address_refused", maybeSent: false })
    }
    expect(requests()).toBe(0)
  })

  test("is refused although another address of the name may be reached", async () => {
    const { port, requests } = await serveBytes(() => undefined)
    for (const addresses of [["127.0.0.1", "10.0.0.1"], ["10.0.0.1", "127.0.0.1"]]) {
      const { lookup } = resolver(addresses)
      expect(await failure(client({ lookup }).send(get(`http://mixed.test:${port}/`)))).toMatchObject({ kind: "address_refused" })
    }
    expect(requests()).toBe(0)
  })

  test("stays out of reach when a name changes its address (rebinding)", async () => {
    const good = await serveBytes((socket) => socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\ngood"))
    const secret = await serveBytes((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"), "127.0.0.2", good.port)
    const { lookup, asked } = resolver(["127.0.0.1"], ["127.0.0.2"])
    const outbound = client({ lookup })
    expect((await outbound.send(get(`http://rebind.test:${good.port}/`))).text).toBe("good")
    expect(asked).toEqual(["rebind.test"])
    expect(await failure(outbound.send(get(`http://rebind.test:${good.port}/`)))).toMatchObject({ kind: "address_refused" })
    expect(secret.requests()).toBe(0)
  })

  test.each(["http://metadata.google.internal/", "https://metadata.google.internal./", "https://METADATA/"])(
    "%s is not even resolved",
    async (url) => {
      const { lookup, asked } = resolver(["127.0.0.1"])
      expect(await failure(client({ lookup }).send(get(url)))).toMatchObject({ kind: "address_refused" })
      expect(asked).toEqual([])
    },
  )

  test("includes every public one by plain http", async () => {
    const { lookup } = resolver(["8.8.8.8"])
    expect(await failure(client({ lookup }).send(get("http://public.test/")))).toMatchObject({ kind: "address_refused" })
  })

  test.each(["http://127.0.0.1:1/", "ftp://127.0.0.1/", "file:///etc/hosts"])("includes %s where http is not allowed", async (url) => {
    expect(await failure(client().send({ ...get(url), allowHttp: false }))).toMatchObject({ kind: "address_refused" })
  })

  test("includes one with credentials in its URL", async () => {
    expect(await failure(client().send(get("https://user:pass@127.0.0.1/")))).toMatchObject({ kind: "address_refused" })
  })
})

test("a host on the list may resolve to a private address", async () => {
  const url = new URL(await serve((request, response) => response.end(request.headers.host)))
  const { lookup } = resolver(["127.0.0.1"])
  const outbound = client({ lookup, allowPrivate: parseAllowList("functions.internal") })
  const answer = await outbound.send(get(`http://functions.internal:${url.port}/`))
  expect(answer.text).toBe(`functions.internal:${url.port}`)
})

test("a header with a line break is not sent", async () => {
  const { url, requests } = await serveBytes(() => undefined)
  await expect(client().send({ ...get(url), headers: { "x-a": "1\r\nx-b: 2" } })).rejects.toThrow("invalid x-a header")
  expect(requests()).toBe(0)
})

test("no error holds what was sent", async () => {
  const { url } = await serveBytes((socket) => socket.resetAndDestroy())
  const request = { method: "POST", url: `${url}/canary?token=canary`, headers: { authorization: "canary" }, body: "canary", deadlineMs: 200 }
  const silent = await serveBytes(() => undefined)
  for (const target of [url, silent.url]) {
    const error = await failure(client().send({ ...request, url: `${target}/canary?token=canary` }))
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("canary")
  }
})
