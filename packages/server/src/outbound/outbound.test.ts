import { inspect } from "node:util"
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import {
  failureOf,
  get,
  outboundClient,
  serve,
  serveBytes,
} from "../../../../tests/harness/outbound-peers.ts"

describe("an answer", () => {
  test("carries status, headers and text, and the request what was given", async () => {
    const url = await serve((request, response) => {
      request.setEncoding("utf8").on("data", (body: string) => {
        response.writeHead(201, {
          "X-Seen": `${request.method} ${request.url}`,
          "Set-Cookie": ["a=1", "b=2"],
        })
        response.end(JSON.stringify({ body, headers: request.headers }))
      })
    })
    const headers = { "Content-Type": "text/plain", "Accept-Encoding": "zstd" }
    const answer = await outboundClient().send({
      method: "POST",
      url: `${url}/a%20b?c=d`,
      headers,
      body: "grüße",
      deadlineMs: 5_000,
    })
    expect(answer).toMatchObject({
      status: 201,
      headers: { "x-seen": "POST /a%20b?c=d", "set-cookie": "a=1, b=2" },
    })
    expect(JSON.parse(answer.text)).toMatchObject({
      body: "grüße",
      headers: {
        "user-agent": "Grantry/test",
        "accept-encoding": "gzip, deflate, br",
        "content-type": "text/plain",
      },
    })
  })

  test("may be any status: a redirect is answered, not followed", async () => {
    const paths: (string | undefined)[] = []
    const url = await serve((request, response) => {
      paths.push(request.url)
      response.writeHead(302, { location: "/elsewhere" }).end()
    })
    const answer = await outboundClient().send(get(`${url}/start`))
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
    expect((await outboundClient().send(get(url))).text).toBe("unpacked ✓")
  })

  test.each([
    ["zstd", Buffer.from("x")],
    ["gzip", Buffer.from("not gzip")],
    ["gzip", gzipSync("cut off").subarray(0, -6)],
  ])("packed with %s that cannot be unpacked is refused", async (encoding, body) => {
    const url = await serve((_request, response) =>
      response.writeHead(200, { "content-encoding": encoding }).end(body),
    )
    expect(await failureOf(outboundClient().send(get(url)))).toMatchObject({
      kind: "bad_answer",
      maybeSent: true,
    })
  })

  test("that is no HTTP is refused", async () => {
    const { url } = await serveBytes((socket) => socket.end("hello\r\n\r\n"))
    expect(await failureOf(outboundClient().send(get(url)))).toMatchObject({
      kind: "bad_answer",
      maybeSent: true,
    })
  })

  test("to HEAD has the length of a body that does not come", async () => {
    const url = await serve((_request, response) =>
      response.writeHead(200, { "content-length": 99_999_999 }).end(),
    )
    expect((await outboundClient().send({ ...get(url), method: "HEAD" })).text).toBe("")
  })
})

test("a header with a line break is not sent", async () => {
  const { url, requests } = await serveBytes(() => undefined)
  await expect(outboundClient().send({ ...get(url), headers: { "x-a": "1\r\nx-b: 2" } })).rejects.toThrow(
    "invalid x-a header",
  )
  expect(requests()).toBe(0)
})

test("no error holds what was sent", async () => {
  const { url } = await serveBytes((socket) => socket.resetAndDestroy())
  const request = {
    method: "POST",
    url: `${url}/canary?token=canary`,
    headers: { authorization: "canary" },
    body: "canary",
    deadlineMs: 200,
  }
  const silent = await serveBytes(() => undefined)
  for (const target of [url, silent.url]) {
    const error = await failureOf(outboundClient().send({ ...request, url: `${target}/canary?token=canary` }))
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("canary")
  }
})
