/** Traces go to the operator's collector: from the request to the provider and the database, without anybody's secrets. */
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { pino } from "pino"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createTracing } from "../../packages/server/src/events/tracing/open-telemetry.ts"
import type { Tracing } from "../../packages/server/src/events/tracing/tracing.ts"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { expectNoSecret } from "../harness/canaries/sinks.ts"
import { connectShared } from "../harness/connect.ts"
import { moveClock } from "../harness/sandbox.ts"
import { ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"

interface SpanSeen {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, unknown> }[]
}

const traceId = "0af7651916cd43dd8448eb211c80319c"
let collector: Server
let bodies: string[]
let tracing: Tracing
let server: TestServer
let app: TestApp
let tokens: string[]
let lines: string[]

beforeAll(async () => {
  bodies = []
  lines = []
  collector = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      bodies.push(`${String(request.headers["x-team"])} ${request.url}\n${Buffer.concat(chunks).toString()}`)
      response.writeHead(200, { "content-type": "application/json" }).end("{}")
    })
  })
  await new Promise<void>((done) => collector.listen(0, "127.0.0.1", done))
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`
  tracing = createTracing({ endpoint, headers: { "x-team": "ours" }, serviceName: "grantry-test" })
  server = await startTestServer({ database: "sqlite", catalog: testCatalog, tracing })
  app = await createApp(server.url)
  await connectShared(server.url, app, "steady")
  tokens = [(await fetchToken(server.url, app, "steady")).body.access_token]
  await moveClock(server.url, 7_200_000)
  const path = `/api/apps/${app.id}/external-auth/tokens/steady`
  const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` }
  const refreshed = await call<{ access_token: string }>(server.url, "GET", `${path}?secret=in-the-query`, {
    as: { bearer: app.serviceKey },
    headers,
  })
  tokens.push(refreshed.body.access_token)
  const log = pino({ mixin: () => tracing.logFields() }, { write: (line: string) => void lines.push(line) })
  const span = tracing.open({ name: "a span" })
  span.within(() => log.info("inside"))
  span.end()
  log.info("outside")
  await server.stop()
})
afterAll(async () => {
  await server.destroy()
  await new Promise((done) => collector.close(done))
})

function spans(): readonly SpanSeen[] {
  return bodies.flatMap((body) => {
    const { resourceSpans } = JSON.parse(body.slice(body.indexOf("\n"))) as {
      resourceSpans: { scopeSpans: { spans: SpanSeen[] }[] }[]
    }
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
  })
}

test("one request is one trace, from the route over the refresh to the provider and the database", () => {
  const ours = spans().filter((span) => span.traceId === traceId)
  const parentOf = (span: SpanSeen | undefined) => ours.find(({ spanId }) => spanId === span?.parentSpanId)
  const named = (name: string) => ours.find((span) => span.name === name)
  const request = named("GET /api/apps/:app/external-auth/tokens/:type")
  expect(request?.parentSpanId).toBe("b7ad6b7169203331")
  expect(parentOf(named("token read"))).toBe(request)
  expect(parentOf(named("refresh"))?.name).toBe("token read")
  expect(parentOf(named("POST"))?.name).toBe("refresh")
  expect(parentOf(named("db connections.commitRefresh"))?.name).toBe("refresh")
})

test("it goes where the operator said, with the operator's headers", () => {
  expect(bodies.length).toBeGreaterThan(0)
  for (const body of bodies) expect(body).toMatch(/^ours \/v1\/traces\n/)
  expect(bodies.join("")).toContain("grantry-test")
})

test("no token, no key, no query, no id of a tenant", () => {
  expectNoSecret({ name: "traces", content: bodies.join("\n") })
  const sent = bodies.join("")
  for (const secret of [...tokens, app.serviceKey, ownerKey, "in-the-query", app.id]) {
    expect(sent).not.toContain(secret)
  }
})

test("log lines carry the ids of the span in which they were written", () => {
  const [inside, outside] = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(inside).toMatchObject({
    trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    span_id: expect.any(String),
  })
  expect(outside).not.toHaveProperty("trace_id")
})
