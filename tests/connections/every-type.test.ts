/** Every type of the catalogue through its whole life, against the sandbox, which is as strict as the provider. */
import { builtInCatalog, type ConnectorDefinition, endpoint } from "@grantry/catalog"
import { sandboxUrl } from "@grantry/sandbox"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp, type TokenBody } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { moveClock, requestsTo } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"

/** What a person would type into the connect page: the example that the page shows. */
function exampleConfig(definition: ConnectorDefinition): Record<string, string> {
  const empty = definition.config.asked.filter((field) => field.default === null && field.required)
  return Object.fromEntries(empty.map((field) => [field.name, field.placeholder]))
}

/** A call of the provider's API, as backend code would make it. */
async function callApi(
  server: TestServer,
  definition: ConnectorDefinition,
  token: TokenBody,
): Promise<number> {
  const [base = ""] = definition.api.baseUrls
  const url = endpoint(definition, base, token.connection_config ?? {})
  url.pathname = `${url.pathname.replace(/\/$/, "")}/anything`
  const response = await fetch(sandboxUrl(server.url, definition.type, url), {
    headers: {
      "user-agent": "test",
      accept: "application/json",
      ...definition.api.headers,
      authorization: `Bearer ${token.access_token}`,
    },
  })
  const text = await response.text()
  const refusedInside = definition.api.successPath !== null && /"ok":\s*false/.test(text)
  return refusedInside ? 401 : response.status
}

describe.each(databases)("every type on %s", (database) => {
  let server: TestServer
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  test.each(builtInCatalog.all().map((definition) => [definition.type, definition] as const))(
    "%s: connect → token → API → expiry → refresh → disconnect",
    async (type, definition) => {
      await connectShared(server.url, app, type, { config: exampleConfig(definition) })
      const first = await fetchToken(server.url, app, type)
      expect(first).toMatchObject({ status: 200, body: { integration_type: type, missing_scopes: [] } })
      expect(first.body.account, "the account has a name").not.toBeNull()
      expect(await callApi(server, definition, first.body)).toBe(200)

      const live = await outliveExpiry(definition, first.body)
      if (live === undefined) return
      expect(await callApi(server, definition, live)).toBe(200)

      const gone = await call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/${type}`)
      expect(gone).toMatchObject({
        status: 200,
        body: { revoked: definition.revocation ? "revoked" : "unsupported" },
      })
      expect(await fetchToken(server.url, app, type)).toMatchObject({
        status: 404,
        body: { code: "NOT_FOUND" },
      })
      if (definition.revocation) expect(await callApi(server, definition, live)).toBeGreaterThanOrEqual(400)
    },
  )

  /** The token that works after the first one has died; undefined where nothing but a new consent helps. */
  async function outliveExpiry(
    definition: ConnectorDefinition,
    first: TokenBody,
  ): Promise<TokenBody | undefined> {
    const { lifetimeS } = definition.token
    if (lifetimeS === null) return first
    if (definition.refresh?.requiresLiveToken === true) return outliveTerm(definition, first)
    await moveClock(server.url, lifetimeS * 1000 + 1000)
    expect(await callApi(server, definition, first), "the first token has expired").toBeGreaterThanOrEqual(
      400,
    )
    const before = (await requestsTo(server.url, definition.type, "refresh")).length
    const second = await fetchToken(server.url, app, definition.type)
    const withoutRefresh =
      definition.refresh === null || (definition.refresh.optional && second.status === 409)
    if (withoutRefresh) {
      expect(second).toMatchObject({ status: 409, body: { code: "RECONNECT_REQUIRED" } })
      return undefined
    }
    expect(second.status).toBe(200)
    expect((await requestsTo(server.url, definition.type, "refresh")).length).toBe(before + 1)
    return second.body
  }

  /** A token that can be refreshed only while it lives is handed out when it is due, and renewed behind the caller. */
  async function outliveTerm(definition: ConnectorDefinition, first: TokenBody): Promise<TokenBody> {
    await moveClock(server.url, (definition.refresh?.dueAfterS ?? 0) * 1000)
    const due = await fetchToken(server.url, app, definition.type)
    expect(due).toMatchObject({ status: 200, body: { access_token: first.access_token } })
    const handedOut = async () => (await fetchToken(server.url, app, definition.type)).body.access_token
    await expect.poll(handedOut, { timeout: 5000 }).not.toBe(first.access_token)
    expect((await requestsTo(server.url, definition.type, "refresh")).length).toBe(1)
    return (await fetchToken(server.url, app, definition.type)).body
  }
})
