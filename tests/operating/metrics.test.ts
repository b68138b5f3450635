/** What Prometheus reads: it parses, it counts, and it tells nothing of tenants. */
import parsePrometheusTextFormat from "parse-prometheus-text-format"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { setFault } from "../harness/sandbox.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { startWebhookReceiver, type WebhookReceiver } from "../harness/webhook-receiver.ts"
import { eventually } from "../authorization/steps.ts"
import { firstWorkspace, webhooksOf } from "../events/webhook-steps.ts"

const hourMs = 3_600_000

interface ParsedMetric {
  readonly value?: string
  readonly buckets?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
}
interface ParsedFamily {
  readonly name: string
  readonly type: string
  readonly metrics: readonly ParsedMetric[]
}

describe.each(databases)("metrics on %s", (database) => {
  let replicas: Replicas
  let receiver: WebhookReceiver
  let url: string
  let app: TestApp
  let token: string
  beforeAll(async () => {
    receiver = await startWebhookReceiver()
    replicas = await startReplicas({ database, count: 1, catalog: testCatalog })
    url = replicas.first.url
    await tour()
  })
  afterAll(async () => {
    await replicas.destroy()
    await receiver.close()
  })

  /** Some of everything that is counted. */
  async function tour(): Promise<void> {
    app = await createApp(url)
    const webhooks = await webhooksOf(url)
    const hook = await webhooks.create({ url: `${receiver.url}/hook`, events: ["connection.connected"] })
    await connectShared(url, app, "steady")
    for (let reads = 0; reads < 7; reads += 1)
      token = (await fetchToken(url, app, "steady")).body.access_token
    await fetchToken(url, app, "slack")
    await replicas.moveClock(2 * hourMs)
    await setFault(replicas.sandbox, "steady", "5xx_then_ok", { endpoint: "refresh" })
    await fetchToken(url, app, "steady")
    await replicas.moveClock(hourMs)
    await fetchToken(url, app, "steady")
    await eventually(async () =>
      expect((await webhooks.deliveries(hook.body.id))[0]?.outcome).toBe("delivered"),
    )
    await call(url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/steady`)
    await call(url, "GET", `/api/apps/${app.id}/no-such-route`)
  }

  const text = async () => {
    const answer = await call<string>(url, "GET", "/metrics", { as: null })
    expect(answer.status).toBe(200)
    expect(answer.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8")
    return answer.body
  }
  const families = async () => parsePrometheusTextFormat(await text()) as readonly ParsedFamily[]
  const metrics = async (name: string) => (await families()).find((one) => one.name === name)?.metrics ?? []
  async function value(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const all = await metrics(name)
    const found = all.find((one) =>
      Object.entries(labels).every(([label, wanted]) => one.labels?.[label] === wanted),
    )
    return Number(found?.value ?? Number.NaN)
  }

  test("token reads by outcome", async () => {
    expect(await value("grantry_token_reads_total", { outcome: "ok" })).toBe(8)
    expect(await value("grantry_token_reads_total", { outcome: "NOT_FOUND" })).toBe(1)
    expect(await value("grantry_token_reads_total", { outcome: "PROVIDER_UNAVAILABLE" })).toBe(1)
  })

  // The parser keeps the buckets of a histogram, but not its labels.
  test("refreshes by type and outcome, with their duration and how late they were", async () => {
    const scraped = await text()
    expect(scraped).toContain('grantry_refresh_duration_seconds_count{type="steady",outcome="ok"} 1\n')
    expect(scraped).toContain('grantry_refresh_duration_seconds_count{type="steady",outcome="transient"} 1\n')
    expect(scraped).toMatch(
      /grantry_refresh_duration_seconds_bucket\{type="steady",outcome="ok",le="\+Inf"\} 1\n/,
    )
    const lag = (await metrics("grantry_refresh_lag_seconds"))[0]
    expect(lag?.buckets).toMatchObject({ "900": "0", "21600": "2", "+Inf": "2" })
  })

  test("revocations, webhooks and outboxes", async () => {
    expect(await value("grantry_revocation_tries_total", { outcome: "revoked" })).toBe(1)
    expect(await value("grantry_webhook_deliveries_total", { outcome: "delivered" })).toBe(1)
    expect(await value("grantry_outbox_pending", { outbox: "webhooks" })).toBe(0)
    expect(await value("grantry_outbox_lag_seconds", { outbox: "revocations" })).toBe(0)
    expect(await value("grantry_database_up")).toBe(1)
  })

  test("requests by route and status: HEAD once, and unknown addresses under one name", async () => {
    const route = "/api/apps/:app/external-auth/tokens/:type"
    expect(await value("grantry_http_requests_total", { route, status: "200" })).toBe(8)
    expect(await value("grantry_http_requests_total", { route: "(none)", status: "404" })).toBe(1)
    const healthz = { route: "/healthz", status: "200" }
    await call(url, "HEAD", "/healthz", { as: null })
    await call(url, "GET", "/healthz", { as: null })
    expect(await value("grantry_http_requests_total", { ...healthz, method: "HEAD" })).toBe(1)
    expect(await value("grantry_http_requests_total", { ...healthz, method: "GET" })).toBe(1)
  })

  test("the process, its event loop and, on PostgreSQL, the pool", async () => {
    expect(await value("process_resident_memory_bytes")).toBeGreaterThan(1e7)
    expect(await value("process_cpu_seconds_total")).toBeGreaterThan(0)
    expect(await value("nodejs_eventloop_lag_p99_seconds")).toBeGreaterThanOrEqual(0)
    expect(await value("grantry_build_info")).toBe(1)
    const size = await value("grantry_database_pool_size")
    if (database === "postgres") expect(size).toBe(10)
    else expect(size).toBeNaN()
  })

  test("no tenant, no key, no token, no address", async () => {
    const scraped = await text()
    const secrets = [token, app.serviceKey, ownerKey, app.id, await firstWorkspace(url), receiver.url]
    for (const secret of secrets) expect(scraped).not.toContain(secret)
    expect(scraped).not.toMatch(/\b(ws|app|conn|con|mem|key|sk|wh|msg)_[0-9a-z]{10,}/)
  })
})

describe("who may read the metrics", () => {
  const metricsToken = "metrics-token-0123456789"
  let server: TestServer | undefined
  const start = async (env: Readonly<Record<string, string>>) => {
    server = await startTestServer({ database: "sqlite", env })
    return server.url
  }
  const read = async (base: string, bearer?: string) =>
    (await call(base, "GET", "/metrics", { as: bearer === undefined ? null : { bearer } })).status
  const production = {
    NODE_ENV: "production",
    GRANTRY_MASTER_KEY: `k1:${Buffer.alloc(32, 7).toString("base64")}`,
  }

  test("with a token: its bearer, and nobody else", async () => {
    const base = await start({ GRANTRY_METRICS_TOKEN: metricsToken })
    try {
      expect(await read(base)).toBe(401)
      expect(await read(base, `${metricsToken}x`)).toBe(401)
      expect(await read(base, metricsToken)).toBe(200)
      expect((await call(base, "GET", `/metrics?token=${metricsToken}`, { as: null })).status).toBe(401)
      expect(server?.logged()).not.toContain(metricsToken)
    } finally {
      await server?.destroy()
    }
  })

  test("in production without a token: nobody, since a proxy makes every request come from this machine", async () => {
    const base = await start(production)
    try {
      expect(await read(base)).toBe(404)
      expect(await read(base, "")).toBe(404)
    } finally {
      await server?.destroy()
    }
  })
})
