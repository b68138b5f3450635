/** CONTRACT.md section 2: each refusal of a token call, to the letter. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { type Answer, call, createApp, type Credential, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent } from "../harness/connect.ts"
import { createDatabase, startPostgres } from "../harness/postgres.ts"
import { moveClock, requestsTo, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { newKey } from "../../packages/server/src/callers/keys.ts"
import { withRawDatabase } from "./raw-database.ts"

const hourMs = 3_600_000

interface ErrorBody {
  readonly detail: string
  readonly message: string
  readonly code: string
  readonly request_id: string
  readonly [more: string]: unknown
}

interface Refusal {
  readonly status: number
  readonly code: string
  /** The header; null: it must be absent. */
  readonly header?: string | null
  /** Exactly, or its start. */
  readonly detail?: string | RegExp
}

function expectRefusal(
  answer: Answer<unknown>,
  { code, detail, header = code.toLowerCase(), status }: Refusal,
): ErrorBody {
  const body = answer.body as ErrorBody
  expect({ status: answer.status, code: body.code }).toEqual({ status, code })
  expect(answer.headers.get("x-base44-connector-error")).toBe(header)
  expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8")
  expect(answer.headers.get("cache-control")).toBe("no-store")
  expect(body.message).toBe(body.detail)
  expect(body.request_id).toMatch(/^req_\w+$/)
  if (typeof detail === "string") expect(body.detail).toBe(detail)
  if (detail instanceof RegExp) expect(body.detail).toMatch(detail)
  expect(body.detail).toMatch(/^[^\n]+$/)
  expect(JSON.stringify(body)).not.toMatch(/node_modules|\.ts:|at async|gsk_|b44k_|xox|ya29/)
  return body
}

describe.each(databases)("the refusals of token calls on %s", (database) => {
  let server: TestServer
  let app: TestApp
  const tokenPath = (type: string, appId = app.id) => `/api/apps/${appId}/external-auth/tokens/${type}`
  const get = (
    path: string,
    as: Credential = { bearer: app.serviceKey },
    headers: Record<string, string> = {},
  ) => call<unknown>(server.url, "GET", path, { as, headers })

  beforeAll(async () => {
    server = await startTestServer({ database, env: { GRANTRY_PROVIDER_TIMEOUT_MS: "1000" } })
  })
  beforeEach(async () => {
    app = await createApp(server.url)
    await call(server.url, "POST", "/sandbox/_control/reset", { as: null })
  })
  afterAll(() => server.destroy())

  test("no credential, and every one that nobody was given: 401", async () => {
    const unauthorized: Refusal = { status: 401, code: "UNAUTHORIZED", header: null, detail: "Unauthorized" }
    expectRefusal(await get(tokenPath("slack"), null), unauthorized)
    const unknown: Record<string, string>[] = [
      { authorization: "" },
      { authorization: "Bearer" },
      { authorization: "Bearer " },
      { authorization: `Basic ${app.serviceKey}` },
      { authorization: `bearer ${app.serviceKey}x` },
      { authorization: app.serviceKey },
      { authorization: `Bearer ${app.serviceKey}x` },
      { authorization: `Bearer ${app.serviceKey.slice(0, -1)}` },
      { authorization: `Bearer ${app.serviceKey.toUpperCase()}` },
      { authorization: `Bearer ${newKey("gsk_").secret}` },
      { authorization: `Bearer ${newKey("b44k_").secret}` },
      { authorization: `Bearer gsk_${"x".repeat(5_000)}` },
      { authorization: "Bearer eyJhbGciOiJub25lIn0.e30." },
      { api_key: newKey("b44k_").secret },
      { cookie: `session=${app.serviceKey}` },
    ]
    for (const headers of unknown) expectRefusal(await get(tokenPath("slack"), null, headers), unauthorized)
  })

  test("a key in the query string is no credential: 401", async () => {
    for (const name of ["api_key", "access_token", "token", "key", "authorization"]) {
      const answer = await get(`${tokenPath("slack")}?${name}=${app.serviceKey}`, null)
      expectRefusal(answer, { status: 401, code: "UNAUTHORIZED", header: null, detail: "Unauthorized" })
    }
  })

  test("a member's key on a service route: 403", async () => {
    const answer = await call<unknown>(server.url, "GET", tokenPath("slack"))
    expectRefusal(answer, {
      status: 403,
      code: "SERVICE_TOKEN_REQUIRED",
      detail: "This endpoint is only accessible to service tokens",
    })
  })

  test("a service key on a member's route: 403", async () => {
    expectRefusal(await get("/api/apps"), { status: 403, code: "MEMBER_REQUIRED", header: null })
  })

  test("another app's path answers as one where nothing is connected: 404", async () => {
    const other = await createApp(server.url)
    await connectShared(server.url, other, "slack")
    const missing: Refusal = { status: 404, code: "NOT_FOUND", detail: "Connector connection not found" }
    const answers = [
      await get(tokenPath("slack", other.id)),
      await get(tokenPath("slack", "app_missing")),
      await get(tokenPath("slack")),
    ]
    const bodies = answers.map((answer) => ({ ...expectRefusal(answer, missing), request_id: "" }))
    expect(bodies[1]).toEqual(bodies[0])
    expect(bodies[2]).toEqual(bodies[0])
  })

  test("never connected, disconnected and removed: 404 with the same words", async () => {
    const missing: Refusal = { status: 404, code: "NOT_FOUND", detail: "Connector connection not found" }
    expectRefusal(await fetchToken(server.url, app, "slack"), missing)
    await connectShared(server.url, app, "slack")
    await call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/slack`)
    expectRefusal(await fetchToken(server.url, app, "slack"), missing)
    await call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/slack/remove`)
    expectRefusal(await fetchToken(server.url, app, "slack"), missing)
    expectRefusal(await get(`/api/apps/${app.id}/external-auth/tokens/connectors/con_missing`), missing)
  })

  test("a type that the catalogue does not know: 404 with the nearest names", async () => {
    const body = expectRefusal(await get(tokenPath("slak")), {
      status: 404,
      code: "UNKNOWN_CONNECTOR_TYPE",
      detail: /"slak".*slack/,
    })
    expect(body["nearest"]).toContain("slack")
    expectRefusal(await get(tokenPath("constructor")), { status: 404, code: "UNKNOWN_CONNECTOR_TYPE" })
    const hostile = expectRefusal(await get(tokenPath(encodeURIComponent("<script>"))), {
      status: 404,
      code: "UNKNOWN_CONNECTOR_TYPE",
    })
    expect(hostile.detail).not.toContain("<script>")
  })

  test("the provider ended the grant: 409 with its words and since when, and no further calls", async () => {
    await connectShared(server.url, app, "googlecalendar")
    await moveClock(server.url, 2 * hourMs)
    await setFault(server.url, "googlecalendar", "invalid_grant", { times: 5 })
    const refusal: Refusal = {
      status: 409,
      code: "RECONNECT_REQUIRED",
      detail: /^No active connection.*invalid_grant/,
    }
    const body = expectRefusal(await fetchToken(server.url, app, "googlecalendar"), refusal)
    expect(body).toMatchObject({
      provider_error: "invalid_grant",
      since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    })
    expect(body.detail).toContain(String(body["since"]))
    const calls = (await requestsTo(server.url, "googlecalendar", "refresh")).length
    expectRefusal(await fetchToken(server.url, app, "googlecalendar"), refusal)
    expect((await requestsTo(server.url, "googlecalendar", "refresh")).length).toBe(calls)
    expect(await statusInList(server, app)).toBe("expired")
  })

  test.each(["5xx_then_ok", "garbage", "html_error", "rate_limited", "hang"])(
    "the provider is in trouble (%s) and the token is expired: 503 with Retry-After, and the connection stays active",
    async (fault) => {
      await connectShared(server.url, app, "googlecalendar")
      await moveClock(server.url, 2 * hourMs)
      await setFault(server.url, "googlecalendar", fault, { times: 5, retry_after_s: 30 })
      const answer = await fetchToken(server.url, app, "googlecalendar")
      expectRefusal(answer, {
        status: 503,
        code: "PROVIDER_UNAVAILABLE",
        detail: /Google Calendar.*try again in \d+ s/,
      })
      expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/)
      expect(await statusInList(server, app)).toBe("active")
      await call(server.url, "POST", "/sandbox/_control/reset", { as: null })
    },
  )

  test("the provider rejects our OAuth client: 503 naming the connector, and the connection stays active", async () => {
    await connectShared(server.url, app, "googlecalendar")
    await moveClock(server.url, 2 * hourMs)
    await setFault(server.url, "googlecalendar", "wrong_client", { times: 5 })
    const answer = await fetchToken(server.url, app, "googlecalendar")
    expectRefusal(answer, {
      status: 503,
      code: "OAUTH_CLIENT_REJECTED",
      detail: /OAuth client.*client secret/,
    })
    expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/)
    expect(await statusInList(server, app)).toBe("active")
  })

  test("a stored token that was tampered with: 500 for this connection only, and reconnecting repairs it", async () => {
    const other = await createApp(server.url)
    const begun = await connectShared(server.url, app, "slack")
    await connectShared(server.url, other, "slack")
    await withRawDatabase(server, async (raw) => {
      const zeros = database === "postgres" ? "'\\x00'::bytea" : "x'00'"
      await raw.run(
        `update connections set sealed_access_token = ${zeros} where id = '${begun.connection_id}'`,
      )
    })
    expectRefusal(await fetchToken(server.url, app, "slack"), {
      status: 500,
      code: "CREDENTIAL_UNREADABLE",
      detail: /Connect the account again/,
    })
    expect((await fetchToken(server.url, other, "slack")).status).toBe(200)
    const again = await call<{ redirect_url: string }>(
      server.url,
      "POST",
      `/api/apps/${app.id}/external-auth/initiate`,
      {
        body: { integration_type: "slack", force_reconnect: true },
      },
    )
    expect((await consent(again.body.redirect_url)).status).toBe(200)
    expect((await fetchToken(server.url, app, "slack")).status).toBe(200)
  })
})

async function statusInList(server: TestServer, app: TestApp): Promise<string | undefined> {
  const list = await call<{ integrations: { status: string }[] }>(
    server.url,
    "GET",
    `/api/apps/${app.id}/external-auth/list`,
  )
  return list.body.integrations[0]?.status
}

test("without an OAuth client and without the sandbox: 409 naming where to register one", async () => {
  const server = await startTestServer({ database: "sqlite", env: { GRANTRY_SANDBOX: "off" } })
  try {
    const app = await createApp(server.url)
    const refusal: Refusal = {
      status: 409,
      code: "OAUTH_CLIENT_MISSING",
      detail: /https:\/\/.*GRANTRY_SLACK_CLIENT_ID/,
    }
    const initiate = `/api/apps/${app.id}/external-auth/initiate`
    expectRefusal(await call(server.url, "POST", initiate, { body: { integration_type: "slack" } }), refusal)
    const put = `/api/apps/${app.id}/external-auth/integrations/slack`
    expectRefusal(await call(server.url, "PUT", put, { body: { scopes: [] } }), refusal)
  } finally {
    await server.destroy()
  }
})

test("our database is away: 503 with Retry-After, and the same calls work when it is back", async () => {
  const postgres = await startPostgres()
  try {
    const database = await createDatabase(postgres.url)
    const server = await startTestServer({
      database: "postgres",
      env: { GRANTRY_DATABASE_URL: database.url },
    })
    try {
      const app = await createApp(server.url)
      await connectShared(server.url, app, "slack")
      const old = await fetchToken(server.url, app, "slack")
      await postgres.stop()
      const answer = await fetchToken(server.url, app, "slack")
      expectRefusal(answer, { status: 503, code: "STORAGE_UNAVAILABLE", header: null, detail: /database/ })
      expect(answer.headers.get("retry-after")).toMatch(/^[1-9]\d*$/)
      expect((await call(server.url, "GET", "/readyz", { as: null })).status).toBe(503)
      expect((await call(server.url, "GET", "/healthz", { as: null })).status).toBe(200)
      await postgres.start()
      await expect
        .poll(async () => (await fetchToken(server.url, app, "slack")).status, { timeout: 20_000 })
        .toBe(200)
      expect((await fetchToken(server.url, app, "slack")).body).toEqual(old.body)
    } finally {
      await server.destroy()
    }
  } finally {
    await postgres.destroy()
  }
})
