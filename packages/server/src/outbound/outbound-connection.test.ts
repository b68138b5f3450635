import { once } from "node:events"
import { type AddressInfo, createServer as createTcpServer } from "node:net"
import { setTimeout as wait } from "node:timers/promises"
import { describe, expect, test } from "vitest"
import {
  failureOf,
  get,
  outboundClient,
  serve,
  serveBytes,
} from "../../../../tests/harness/outbound-peers.ts"
import type { Lookup } from "./outbound.ts"

describe("the deadline", () => {
  async function expectTimeout(
    answer: Promise<unknown>,
    deadlineMs: number,
    maybeSent: boolean,
  ): Promise<void> {
    const startedAt = performance.now()
    expect(await failureOf(answer)).toMatchObject({ kind: "timeout", maybeSent })
    const tookMs = performance.now() - startedAt
    expect(tookMs).toBeGreaterThan(deadlineMs - 20)
    expect(tookMs).toBeLessThan(deadlineMs + 1_000)
  }

  test("ends a name that does not resolve", async () => {
    const outbound = outboundClient({ lookup: () => undefined })
    await expectTimeout(outbound.send(get("http://silent.test/", 200)), 200, false)
  })

  test("ends a TLS handshake that hangs, and its connection", async () => {
    const { port, sockets } = await serveBytes(() => undefined)
    await expectTimeout(outboundClient().send(get(`https://127.0.0.1:${port}/`, 200)), 200, false)
    await wait(50)
    expect(sockets.size).toBe(0)
  })

  test("ends a wait for the answer, and its connection", async () => {
    const { url, sockets, requests } = await serveBytes(() => undefined)
    await expectTimeout(outboundClient().send(get(url, 200)), 200, true)
    await wait(50)
    expect([sockets.size, requests()]).toEqual([0, 1])
  })

  test("ends an answer that drips", async () => {
    const { url, sockets } = await serveBytes((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
      const drip = setInterval(() => socket.write("."), 30)
      socket.on("close", () => clearInterval(drip))
    })
    await expectTimeout(outboundClient().send(get(url, 300)), 300, true)
    await wait(50)
    expect(sockets.size).toBe(0)
  })
})

describe("a broken connection", () => {
  test("that was never there sent nothing", async () => {
    const server = createTcpServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    const { port } = server.address() as AddressInfo
    await new Promise((done) => server.close(done))
    expect(await failureOf(outboundClient().send(get(`http://127.0.0.1:${port}/`)))).toMatchObject({
      kind: "unreachable",
      maybeSent: false,
    })
  })

  test("of a name that does not exist sent nothing", async () => {
    const lookup: Lookup = (_host, _options, callback) =>
      callback(Object.assign(new Error("no"), { code: "ENOTFOUND" }), [])
    expect(await failureOf(outboundClient({ lookup }).send(get("https://gone.test/")))).toMatchObject({
      kind: "unreachable",
      maybeSent: false,
    })
  })

  test.each(["GET", "POST"])("is not tried again with %s, neither new nor reused", async (method) => {
    const { url, requests } = await serveBytes((socket, count) => {
      if (count === 2) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      else socket.resetAndDestroy()
    })
    const outbound = outboundClient()
    const request = { ...get(url), method }
    expect(await failureOf(outbound.send(request))).toMatchObject({ kind: "unreachable", maybeSent: true })
    expect((await outbound.send(request)).status).toBe(200)
    expect(await failureOf(outbound.send(request))).toMatchObject({ kind: "unreachable", maybeSent: true })
    expect(requests()).toBe(3)
  })

  test("closed by the peer while idle does not hurt the next request", async () => {
    const { url, sockets } = await serveBytes((socket) =>
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    )
    const outbound = outboundClient()
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
  const outbound = outboundClient()
  for (let round = 0; round < 5; round++) await outbound.send(get(url))
  expect(ports.size).toBe(1)
  const answers = await Promise.all(Array.from({ length: 100 }, () => outbound.send(get(url))))
  expect(answers.every(({ text }) => text === "ok")).toBe(true)
})

test("the caller's signal ends a request", async () => {
  const { url, sockets } = await serveBytes(() => controller.abort())
  const controller = new AbortController()
  expect(await failureOf(outboundClient().send({ ...get(url), signal: controller.signal }))).toMatchObject({
    kind: "aborted",
    maybeSent: true,
  })
  expect(await failureOf(outboundClient().send({ ...get(url), signal: controller.signal }))).toMatchObject({
    kind: "aborted",
    maybeSent: false,
  })
  await wait(50)
  expect(sockets.size).toBe(0)
})

test("closing ends what runs and refuses what comes later", async () => {
  const outbound = outboundClient()
  const { url } = await serveBytes(() => void outbound.close())
  expect(await failureOf(outbound.send(get(url)))).toMatchObject({ kind: "aborted", maybeSent: true })
  expect(await failureOf(outbound.send(get(url)))).toMatchObject({ kind: "aborted", maybeSent: false })
})
