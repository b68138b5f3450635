/** CONTRACT section 8: what reaches a function, what comes back, and what never does. */
import { once } from "node:events"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { createClient } from "@base44/sdk"
import { decodeJwt } from "jose"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { moveClock } from "../harness/sandbox.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { mintToken, whoAmI } from "../harness/user-tokens.ts"

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

interface Upstream {
  readonly url: string
  readonly seen: Seen[]
  answer: (response: ServerResponse, request: IncomingMessage) => void
  readonly server: Server
}

async function startUpstream(): Promise<Upstream> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    let body = ""
    request.setEncoding("utf8").on("data", (text: string) => (body += text))
    request.on("error", () => undefined)
    request.on("end", () => {
      seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body })
      upstream.answer(response, request)
    })
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const upstream: Upstream = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answer: (response) => void response.end("ok"),
    server,
  }
  return upstream
}

describe.each(databases)("backend functions behind the gateway, on %s", (database) => {
  let server: TestServer
  let upstream: Upstream
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database })
    upstream = await startUpstream()
    app = await createApp(server.url)
    await set({ functions_upstream: `${upstream.url}/fn` })
  })
  afterAll(async () => {
    await server.destroy()
    upstream.server.closeAllConnections()
    await new Promise((done) => upstream.server.close(done))
  })
  beforeEach(() => {
    upstream.seen.length = 0
    upstream.answer = (response) => void response.end("ok")
  })

  const set = (body: Record<string, unknown>, to = app) =>
    call(server.url, "PUT", `/api/apps/${to.id}`, { body })
  const functionUrl = (rest: string, of = app) => `${server.url}/api/apps/${of.id}/functions/${rest}`
  const invoke = (rest: string, init: RequestInit = {}) =>
    fetch(functionUrl(rest), { redirect: "manual", ...init })
  const lastSeen = (): Seen => {
    const last = upstream.seen.at(-1)
    if (!last) throw new Error("the function was not called")
    return last
  }

  test.each(["GET", "POST", "PUT", "PATCH", "DELETE"])(
    "%s is passed on with path, query and body",
    async (method) => {
      const body = method === "GET" ? null : '{"a":1}'
      const answer = await invoke("orders/42%2F7/items?x=1&x=2&q=%C3%A9", {
        method,
        body,
        headers: { "content-type": "application/vnd.own+json", "x-own": "yes" },
      })
      expect([answer.status, await answer.text()]).toEqual([200, "ok"])
      expect(lastSeen()).toMatchObject({
        method,
        url: "/fn/orders/42%2F7/items?x=1&x=2&q=%C3%A9",
        body: body ?? "",
        headers: { "content-type": "application/vnd.own+json", "x-own": "yes" },
      })
      expect(lastSeen().headers.host).toBe(new URL(upstream.url).host)
    },
  )

  test("HEAD is answered with the function's headers", async () => {
    upstream.answer = (response) =>
      void response.writeHead(200, { "x-own": "yes", "content-length": "2" }).end()
    const answer = await invoke("x", { method: "HEAD" })
    expect([answer.status, answer.headers.get("x-own"), await answer.text()]).toEqual([200, "yes", ""])
  })

  test("what Grantry says of a call cannot be said by the caller", async () => {
    await invoke("x", {
      headers: {
        "Base44-App-Id": "app_forged",
        "BASE44-API-URL": "https://evil.example",
        "base44-service-authorization": "Bearer forged",
        "Base44-State": "forged",
        "base44-functions-version": "forged",
      },
    })
    const { headers } = lastSeen()
    const injected = Object.entries(headers).filter(([name]) => name.startsWith("base44-"))
    expect(Object.fromEntries(injected)).toEqual({
      "base44-app-id": app.id,
      "base44-api-url": server.url,
      "base44-service-authorization": expect.stringMatching(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/),
    })
  })

  test("credentials for Grantry stay here: keys, cookies, whom a service calls for", async () => {
    const headers = { api_key: ownerKey, cookie: "grantry.session_token=x", "on-behalf-of": "Bearer x" }
    for (const authorization of [`Bearer ${ownerKey}`, `bearer ${ownerKey}`, `Bearer ${app.serviceKey}`]) {
      await invoke("x", { headers: { ...headers, authorization } })
      for (const name of ["api_key", "cookie", "on-behalf-of", "authorization"])
        expect([name, lastSeen().headers[name]]).toEqual([name, undefined])
      expect(JSON.stringify(lastSeen())).not.toContain(ownerKey)
    }
  })

  test("a user's token and what only the function understands are passed on", async () => {
    const token = await mintToken(server.url, app, "u-1")
    for (const authorization of [`Bearer ${token}`, "Basic dTpw", "Bearer a-partner's-own-secret"]) {
      await invoke("x", { headers: { authorization } })
      expect(lastSeen().headers.authorization).toBe(authorization)
    }
  })

  test("hop-by-hop headers end here", async () => {
    await call(server.url, "GET", `/api/apps/${app.id}/functions/x`, {
      as: null,
      headers: { te: "trailers", "proxy-authorization": "Basic x", "x-kept": "1" },
    })
    const { headers } = lastSeen()
    expect([headers.te, headers["proxy-authorization"], headers["x-kept"]]).toEqual([
      undefined,
      undefined,
      "1",
    ])
    upstream.answer = (response) =>
      void response.writeHead(200, { connection: "x-hop", "x-hop": "1", "x-kept": "1" }).end()
    const answer = await invoke("x")
    expect([answer.headers.get("x-hop"), answer.headers.get("x-kept")]).toEqual([null, "1"])
  })

  test("the service token opens this app for minutes, and no other", async () => {
    const sibling = await createApp(server.url, "sibling")
    await connectShared(server.url, app, "slack")
    await invoke("x")
    const bearer = String(lastSeen().headers["base44-service-authorization"]).slice("Bearer ".length)
    const fetchWith = (of: TestApp) => fetchToken(server.url, { ...of, serviceKey: bearer }, "slack")
    expect((await fetchWith(app)).status).toBe(200)
    expect((await fetchWith(sibling)).status).toBe(404)
    // It is nobody's user, and no member.
    expect((await whoAmI(server.url, app.id, { bearer })).body.code).toBe("APP_USER_REQUIRED")
    expect((await call(server.url, "GET", "/api/apps", { as: { bearer } })).body["code"]).toBe(
      "MEMBER_REQUIRED",
    )
    // Nor is a user's token a service's.
    const user = await mintToken(server.url, app, "u-1")
    const asUser = await fetchToken(server.url, { ...app, serviceKey: user }, "slack")
    expect([asUser.status, asUser.body.code]).toEqual([403, "SERVICE_TOKEN_REQUIRED"])
    // Another app's function never sees it.
    await set({ functions_upstream: upstream.url }, sibling)
    await fetch(functionUrl("x", sibling), { headers: { authorization: `Bearer ${bearer}` } })
    expect(lastSeen().headers.authorization).toBeUndefined()
    const { exp = 0, iat = 0 } = decodeJwt(bearer)
    expect(exp - iat).toBe(600)
    await moveClock(server.url, 601_000)
    expect((await fetchWith(app)).status).toBe(401)
    await invoke("x")
    const next = String(lastSeen().headers["base44-service-authorization"]).slice("Bearer ".length)
    expect((await fetchToken(server.url, { ...app, serviceKey: next }, "slack")).status).toBe(200)
  })

  test("switched-off functions answer nobody, and their tokens open nothing at once", async () => {
    await invoke("x")
    const bearer = String(lastSeen().headers["base44-service-authorization"]).slice("Bearer ".length)
    expect((await fetchToken(server.url, { ...app, serviceKey: bearer }, "gmail")).status).toBe(404)
    await set({ backend_functions_enabled: false })
    upstream.seen.length = 0
    const refused = await invoke("x")
    expect([refused.status, await refused.json()]).toEqual([
      403,
      expect.objectContaining({ code: "BACKEND_FUNCTIONS_DISABLED" }),
    ])
    expect((await fetchToken(server.url, { ...app, serviceKey: bearer }, "gmail")).body.code).toBe(
      "BACKEND_FUNCTIONS_DISABLED",
    )
    expect(upstream.seen).toEqual([])
    await set({ backend_functions_enabled: true })
    expect((await invoke("x")).status).toBe(200)
  })

  test("redirects are the caller's to follow", async () => {
    upstream.answer = (response) =>
      void response.writeHead(302, { location: "https://elsewhere.example/" }).end()
    const answer = await invoke("x")
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "https://elsewhere.example/"])
    expect(upstream.seen).toHaveLength(1)
  })

  test("a function sets no cookies here, opens no answers to pages, and its pages run apart", async () => {
    upstream.answer = (response) =>
      void response
        .writeHead(200, {
          "content-type": "text/html",
          "set-cookie": ["grantry.session_token=evil; Path=/", "b=2"],
          "access-control-allow-origin": "*",
          "access-control-allow-credentials": "true",
          "clear-site-data": '"cookies"',
          "content-security-policy": "default-src 'self'",
          vary: "Accept",
        })
        .end("<script>alert(1)</script>")
    const { headers } = await invoke("x", { headers: { origin: "https://evil.example" } })
    for (const name of [
      "set-cookie",
      "access-control-allow-origin",
      "access-control-allow-credentials",
      "clear-site-data",
    ])
      expect([name, headers.get(name)]).toEqual([name, null])
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'self', sandbox /)
    expect(headers.get("content-security-policy")).not.toContain("allow-same-origin")
    expect(headers.get("x-content-type-options")).toBe("nosniff")
    expect(headers.get("vary")).toBe("Accept, Origin")
  })

  test("a registered page may call and read", async () => {
    const origin = "https://shop.example"
    await call(server.url, "PUT", `/api/apps/${app.id}/allowed-origins`, { body: { origins: [origin] } })
    const preflight = await invoke("x", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    })
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([204, origin])
    expect(upstream.seen).toEqual([])
    const answer = await invoke("x", { method: "POST", body: "{}", headers: { origin } })
    expect(answer.headers.get("access-control-allow-origin")).toBe(origin)
  })

  test("answers come as they are written", async () => {
    let finish = (): void => undefined
    upstream.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n")
      finish = () => void response.end("data: 2\n\n")
    }
    const answer = await invoke("x")
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader?.read())?.value).toBe("data: 1\n\n")
    finish()
    expect((await reader?.read())?.value).toBe("data: 2\n\n")
    expect((await reader?.read())?.done).toBe(true)
  })

  test("a caller who leaves ends the call", async () => {
    const left = new Promise<void>((done) => {
      upstream.answer = (response) => {
        response.once("close", () => done())
        response.writeHead(200).write("begun")
      }
    })
    const controller = new AbortController()
    const answer = await invoke("x", { signal: controller.signal })
    await answer.body?.getReader().read()
    controller.abort()
    await left
  })

  test("compressed answers pass as they are", async () => {
    const { gzipSync } = await import("node:zlib")
    upstream.answer = (response) =>
      void response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("hello"))
    expect(await (await invoke("x")).text()).toBe("hello")
  })

  test("a body of more than 32 MiB is refused, announced or not", async () => {
    const tooLarge = new Uint8Array(32 * 1024 * 1024 + 1)
    const announced = await invoke("x", { method: "POST", body: tooLarge })
    expect([announced.status, await announced.json()]).toEqual([
      413,
      expect.objectContaining({ code: "INVALID_REQUEST" }),
    ])
    expect(upstream.seen).toEqual([])
    const chunk = new Uint8Array(1024 * 1024)
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1
        if (sent > 40) controller.close()
        else controller.enqueue(chunk)
      },
    })
    const init = { method: "POST", body, duplex: "half" } as RequestInit
    // The answer may come while the body is still being sent, or the connection ends.
    const unannounced = await invoke("x", init).catch(() => null)
    expect(unannounced?.status ?? 413).toBe(413)
    expect(upstream.seen).toEqual([])
  })

  test("an upstream that is Grantry itself is not called in circles", async () => {
    const circle = await createApp(server.url, "circle")
    await set({ functions_upstream: functionUrl("x", circle) }, circle)
    const answer = await fetch(functionUrl("x", circle))
    expect([answer.status, await answer.json()]).toEqual([
      502,
      expect.objectContaining({ detail: expect.stringContaining("leads back to Grantry") }),
    ])
  })

  test("an upstream that is not there, or breaks off: 502 with what to do", async () => {
    const lost = await createApp(server.url, "lost")
    const { url, server: gone } = await startUpstream()
    await new Promise((done) => gone.close(done))
    await set({ functions_upstream: url }, lost)
    const answer = await fetch(functionUrl("x", lost))
    expect([answer.status, await answer.json()]).toEqual([
      502,
      expect.objectContaining({
        code: "FUNCTIONS_UPSTREAM_UNAVAILABLE",
        detail: expect.stringContaining("functions_upstream"),
      }),
    ])
    upstream.answer = (_response, request) => void request.socket.destroy()
    expect((await invoke("x")).status).toBe(502)
    upstream.answer = (response) => void response.writeHead(503).end("the function's own trouble")
    expect((await invoke("x")).status).toBe(503)
  })

  test("an app without functions answers as one that does not exist", async () => {
    const bare = await createApp(server.url, "bare")
    const [none, missing] = await Promise.all([
      fetch(functionUrl("x", bare)),
      fetch(functionUrl("x", { ...bare, id: "app_none" })),
    ])
    const shown = async (answer: Response) => ({
      ...(await (answer.json() as Promise<Record<string, unknown>>)),
      request_id: "",
    })
    expect([none.status, missing.status]).toEqual([404, 404])
    expect(await shown(none)).toEqual(await shown(missing))
  })

  test.each(["..%2f..%2fadmin", "%2e%2e/secret", "a/%2E%2E/%2e./x", "a/%2e/b", "a\\..\\..\\b", "a/b%00c"])(
    "the path %s leaves the upstream's folder nowhere",
    async (path) => {
      const { request } = await import("node:http")
      const { port } = new URL(server.url)
      const status = await new Promise((done, fail) => {
        request({ host: "127.0.0.1", port, path: `/api/apps/${app.id}/functions/${path}` }, (answer) => {
          answer.resume()
          done(answer.statusCode)
        })
          .on("error", fail)
          .end()
      })
      expect([400, 404]).toContain(status)
      expect(upstream.seen).toEqual([])
    },
  )

  test("functions.invoke of the published SDK, by a user and by a service", async () => {
    const token = await mintToken(server.url, app, "u-1")
    upstream.answer = (response) =>
      void response.writeHead(200, { "content-type": "application/json" }).end('{"sum":3}')
    const client = createClient({
      serverUrl: server.url,
      appId: app.id,
      token,
      serviceToken: app.serviceKey,
      analytics: { enabled: false },
    })
    expect(await client.functions.invoke("add", { a: 1, b: 2 })).toMatchObject({ data: { sum: 3 } })
    expect(lastSeen()).toMatchObject({ method: "POST", url: "/fn/add", body: '{"a":1,"b":2}' })
    await client.asServiceRole.functions.invoke("add", {})
    expect(lastSeen().headers.authorization).toBeUndefined()
    client.cleanup()
  })
})

test("an upstream that is not public is reached where the operator allows it, and nowhere else", async () => {
  const upstream = await startUpstream()
  const server = await startTestServer({ database: "sqlite" })
  const app = await createApp(server.url)
  await call(server.url, "PUT", `/api/apps/${app.id}`, { body: { functions_upstream: upstream.url } })
  expect((await fetch(`${server.url}/api/apps/${app.id}/functions/x`)).status).toBe(200)
  const closed = await startTestServer({ database: "sqlite", env: { GRANTRY_ALLOW_PRIVATE_NETWORK: "" } })
  const other = await createApp(closed.url)
  const saved = await call(closed.url, "PUT", `/api/apps/${other.id}`, {
    body: { functions_upstream: upstream.url },
  })
  expect([saved.status, saved.body["detail"]]).toEqual([
    400,
    expect.stringContaining("GRANTRY_ALLOW_PRIVATE_NETWORK"),
  ])
  // A name is checked again when it is connected to: it may lead elsewhere by then.
  await call(closed.url, "PUT", `/api/apps/${other.id}`, {
    body: { functions_upstream: "https://no.invalid" },
  })
  expect((await fetch(`${closed.url}/api/apps/${other.id}/functions/x`)).status).toBe(502)
  await server.destroy()
  await closed.destroy()
  await new Promise((done) => upstream.server.close(done))
})
