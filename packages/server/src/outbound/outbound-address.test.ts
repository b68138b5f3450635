import { describe, expect, test } from "vitest"
import {
  failureOf,
  get,
  outboundClient,
  resolver,
  serve,
  serveBytes,
} from "../../../../tests/harness/outbound-peers.ts"
import { parseAllowList } from "./outbound.ts"

describe("an address that may not be reached", () => {
  const spellings = [
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
  ]

  test.each(spellings)("is recognised as %s", async (host) => {
    const { port, requests } = await serveBytes(() => undefined)
    const outbound = outboundClient({ allowPrivate: parseAllowList("") })
    for (const scheme of ["http", "https"]) {
      expect(await failureOf(outbound.send(get(`${scheme}://${host}:${port}/`)))).toMatchObject({
        kind: "address_refused",
        maybeSent: false,
      })
    }
    expect(requests()).toBe(0)
  })

  test("is refused although another address of the name may be reached", async () => {
    const { port, requests } = await serveBytes(() => undefined)
    for (const addresses of [
      ["127.0.0.1", "10.0.0.1"],
      ["10.0.0.1", "127.0.0.1"],
    ]) {
      const { lookup } = resolver(addresses)
      expect(
        await failureOf(outboundClient({ lookup }).send(get(`http://mixed.test:${port}/`))),
      ).toMatchObject({
        kind: "address_refused",
      })
    }
    expect(requests()).toBe(0)
  })

  test("stays out of reach when a name changes its address (rebinding)", async () => {
    const good = await serveBytes((socket) =>
      socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\ngood"),
    )
    const secret = await serveBytes(
      (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret"),
      "127.0.0.2",
      good.port,
    )
    const { lookup, asked } = resolver(["127.0.0.1"], ["127.0.0.2"])
    const outbound = outboundClient({ lookup })
    expect((await outbound.send(get(`http://rebind.test:${good.port}/`))).text).toBe("good")
    expect(asked).toEqual(["rebind.test"])
    expect(await failureOf(outbound.send(get(`http://rebind.test:${good.port}/`)))).toMatchObject({
      kind: "address_refused",
    })
    expect(secret.requests()).toBe(0)
  })

  test.each(["http://metadata.google.internal/", "https://metadata.google.internal./", "https://METADATA/"])(
    "%s is not even resolved",
    async (url) => {
      const { lookup, asked } = resolver(["127.0.0.1"])
      expect(await failureOf(outboundClient({ lookup }).send(get(url)))).toMatchObject({
        kind: "address_refused",
      })
      expect(asked).toEqual([])
    },
  )

  test("includes every public one by plain http", async () => {
    const { lookup } = resolver(["8.8.8.8"])
    expect(await failureOf(outboundClient({ lookup }).send(get("http://public.test/")))).toMatchObject({
      kind: "address_refused",
    })
  })

  test.each(["http://127.0.0.1:1/", "ftp://127.0.0.1/", "file:///etc/hosts"])(
    "includes %s where http is not allowed",
    async (url) => {
      expect(await failureOf(outboundClient().send({ ...get(url), allowHttp: false }))).toMatchObject({
        kind: "address_refused",
      })
    },
  )

  test("includes one with credentials in its URL", async () => {
    expect(await failureOf(outboundClient().send(get("https://user:pass@127.0.0.1/")))).toMatchObject({
      kind: "address_refused",
    })
  })
})

test("a host on the list may resolve to a private address", async () => {
  const url = new URL(await serve((request, response) => response.end(request.headers.host)))
  const { lookup } = resolver(["127.0.0.1"])
  const outbound = outboundClient({ lookup, allowPrivate: parseAllowList("functions.internal") })
  const answer = await outbound.send(get(`http://functions.internal:${url.port}/`))
  expect(answer.text).toBe(`functions.internal:${url.port}`)
})
