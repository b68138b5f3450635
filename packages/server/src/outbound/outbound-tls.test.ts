import { execFile, execFileSync, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:https"
import { type AddressInfo, createServer as createTcpServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createOutbound, type OutboundError, parseAllowList } from "./outbound.ts"

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0

describe.skipIf(!hasOpenssl)("TLS", () => {
  let folder: string
  let server: Server
  let port: number
  let requests = 0

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "grantry-tls-"))
    const subject = ["-subj", "/CN=good.test", "-addext", "subjectAltName=DNS:good.test"]
    const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "cert.pem")]
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        ...subject,
        ...files,
      ],
      { stdio: "pipe" },
    )
    server = createServer(
      { key: readFileSync(join(folder, "key.pem")), cert: readFileSync(join(folder, "cert.pem")) },
      (request, response) => {
        requests++
        response.end(`hello ${request.headers.host} over ${request.httpVersion}`)
      },
    )
    server.listen(0, "127.0.0.1")
    await once(server, "listening")
    port = (server.address() as AddressInfo).port
  })

  afterAll(async () => {
    await new Promise((done) => server.close(done))
    rmSync(folder, { recursive: true })
  })

  /** A process of its own: Node reads NODE_EXTRA_CA_CERTS once, at its start. */
  async function sendTrusting(host: string): Promise<string> {
    const script = join(folder, `send-${host}.mjs`)
    writeFileSync(
      script,
      `import { createOutbound, parseAllowList } from ${JSON.stringify(new URL("outbound.ts", import.meta.url).href)}
       const lookup = (host, options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }])
       const outbound = createOutbound({ allowPrivate: parseAllowList("127.0.0.1"), lookup, userAgent: "test" })
       const request = { method: "GET", url: "https://${host}:${port}/", headers: {}, deadlineMs: 5000 }
       console.log(await outbound.send(request).then((answer) => answer.text, (error) => error.kind + " " + error.message))
       await outbound.close()`,
    )
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: join(folder, "cert.pem") }
    const { stdout } = await promisify(execFile)(process.execPath, [script], { env })
    return stdout.trim()
  }

  test("an authority added by NODE_EXTRA_CA_CERTS is trusted, and the host's name is sent and checked", async () => {
    expect(await sendTrusting("good.test")).toBe(`hello good.test:${port} over 1.1`)
    expect(await sendTrusting("other.test")).toContain("tls no trusted TLS connection to other.test")
    expect(await sendTrusting("127.0.0.1")).toContain("tls no trusted TLS connection to 127.0.0.1")
    expect(requests).toBe(1)
  })

  test("an untrusted certificate is final: nothing is sent, nothing is tried again", async () => {
    let connections = 0
    server.on("connection", () => connections++)
    const before = requests
    const outbound = createOutbound({ allowPrivate: parseAllowList("127.0.0.1"), userAgent: "test" })
    const request = { method: "GET", url: `https://127.0.0.1:${port}/`, headers: {}, deadlineMs: 5_000 }
    const error = await outbound.send(request).catch((thrown: OutboundError) => thrown)
    expect(error).toMatchObject({ kind: "tls", maybeSent: false })
    expect([connections, requests]).toEqual([1, before])
    await outbound.close()
  })

  test("a peer that speaks plain http on the port is a TLS failure", async () => {
    const plain = createTcpServer((socket) => {
      socket
        .on("error", () => undefined)
        .resume()
        .end("HTTP/1.1 400 Bad Request\r\n\r\n")
    })
    plain.listen(0, "127.0.0.1")
    await once(plain, "listening")
    const outbound = createOutbound({ allowPrivate: parseAllowList("127.0.0.1"), userAgent: "test" })
    const url = `https://127.0.0.1:${(plain.address() as AddressInfo).port}/`
    const error = await outbound
      .send({ method: "GET", url, headers: {}, deadlineMs: 5_000 })
      .catch((thrown: OutboundError) => thrown)
    expect(error).toMatchObject({ kind: "tls", maybeSent: false })
    await outbound.close()
    await new Promise((done) => plain.close(done))
  })
})
