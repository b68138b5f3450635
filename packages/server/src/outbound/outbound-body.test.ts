import { setTimeout as wait } from "node:timers/promises"
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import {
  failureOf,
  get,
  outboundClient,
  serve,
  serveBytes,
} from "../../../../tests/harness/outbound-peers.ts"
import type { OutboundError } from "./outbound.ts"

describe("the size cap", () => {
  const maxBytes = 1000

  test("lets through what just fits, packed or not", async () => {
    const text = "x".repeat(maxBytes)
    const url = await serve((request, response) => {
      if (request.url === "/plain") response.end(text)
      else response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(text))
    })
    const outbound = outboundClient({ maxBytes })
    expect((await outbound.send(get(`${url}/plain`))).text).toBe(text)
    expect((await outbound.send(get(`${url}/packed`))).text).toBe(text)
  })

  test("stops an answer that announces too much before it is read", async () => {
    const { url, sockets } = await serveBytes((socket) =>
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"),
    )
    expect(await failureOf(outboundClient({ maxBytes }).send(get(url)))).toMatchObject({
      kind: "too_large",
      maybeSent: true,
    })
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
    expect(await failureOf(outboundClient().send(get(url)))).toMatchObject({ kind: "too_large" })
    expect(written).toBeLessThan(64 * 1024 * 1024)
  })

  test.each([
    ["gzip", gzipSync(Buffer.alloc(100_000_000))],
    ["deflate", deflateSync(Buffer.alloc(100_000_000))],
    ["br", brotliCompressSync(Buffer.alloc(100_000_000))],
  ])("stops a %s bomb while it unpacks", async (encoding, bomb) => {
    expect(bomb.length).toBeLessThan(1024 * 1024)
    const url = await serve((_request, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(bomb),
    )
    expect(await failureOf(outboundClient().send(get(url)))).toMatchObject({ kind: "too_large" })
  })

  test("holds for headers too", async () => {
    const { url } = await serveBytes((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nX-Long: ${"x".repeat(100_000)}\r\n\r\n`),
    )
    expect(await failureOf(outboundClient().send(get(url)))).toMatchObject({ kind: "too_large" })
  })
})

describe("a content-length that lies", () => {
  test("too long: the cut answer is refused", async () => {
    const { url } = await serveBytes((socket) =>
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort"),
    )
    expect(await failureOf(outboundClient().send(get(url)))).toMatchObject({ maybeSent: true })
  })

  test("too short: what follows is never taken for the next answer", async () => {
    const forged = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
    const { url } = await serveBytes((socket, count) => {
      const answer = `HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n#${count}`
      socket.write(count === 1 ? answer + forged : answer)
    })
    const outbound = outboundClient()
    const first = await outbound.send(get(url)).catch((error: OutboundError) => ({ text: error.kind }))
    expect(["#1", "bad_answer"]).toContain(first.text)
    expect((await outbound.send(get(url))).text).toBe("#2")
  })
})
