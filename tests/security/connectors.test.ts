/** CONTRACT.md section 6 and SECURITY.md lines 7, 18, 20 and 22: a workspace's own OAuth clients. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, call, createApp, fetchToken, type TestApp, type TokenBody } from "../harness/api.ts"
import { consent, initiate } from "../harness/connect.ts"
import { moveClock, requestsTo } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { type ProviderTap, startProviderTap } from "./provider-tap.ts"

interface ConnectorBody {
  readonly id: string
  readonly redirect_uri: string
  readonly credential_source: string
  readonly reconnect_required?: number
  readonly client_problem: string | null
}

describe.each(databases)("connectors on %s", (database) => {
  let server: TestServer
  let tap: ProviderTap
  let path: string
  let names = 0
  const secret = "the-secret-of-the-own-client-0123456789"

  beforeAll(async () => {
    // Own clients reach the emulated providers too.
    tap = await startProviderTap()
    server = await startTestServer({ database, providerAddress: tap.providerAddress })
    tap.connectTo(server.url)
    const list = await call<{ workspaces: { id: string }[] }>(server.url, "GET", "/api/workspace/workspaces")
    path = `/api/workspace/${list.body.workspaces[0]?.id}/connectors`
  })
  afterAll(async () => {
    await server.destroy()
    await tap.close()
  })

  const post = (body: Record<string, unknown>): Promise<Answer<ConnectorBody>> => {
    names += 1
    return call<ConnectorBody>(server.url, "POST", path, { body: { name: `connector ${names}`, ...body } })
  }
  const put = (id: string, body: Record<string, unknown>) =>
    call<ConnectorBody>(server.url, "PUT", `${path}/${id}`, { body })

  /** An own client that the provider knows. */
  async function ownClient(type: string, more: Record<string, unknown> = {}): Promise<ConnectorBody> {
    const clientId = `client-${names}`
    await call(server.url, "POST", "/sandbox/_control/client", {
      as: null,
      body: { type, client_id: clientId, client_secret: secret },
    })
    return (await post({ integration_type: type, client_id: clientId, client_secret: secret, ...more })).body
  }

  async function connect(
    app: TestApp,
    type: string,
    connectorId: string,
    more: Parameters<typeof consent>[1] = {},
  ): Promise<void> {
    const begun = await initiate(server.url, app, type, { connector_id: connectorId })
    const page = await consent(begun.redirect_url ?? "", more)
    expect([page.status, page.html]).toMatchObject([200, expect.any(String)])
  }

  const tokenOf = (app: TestApp, id: string) =>
    call<TokenBody>(server.url, "GET", `/api/apps/${app.id}/external-auth/tokens/connectors/${id}`, {
      as: { bearer: app.serviceKey },
    })

  test("the client secret is write-only: no answer holds it", async () => {
    const created = await post({ integration_type: "slack", client_id: "an-id", client_secret: secret })
    expect(created).toMatchObject({ status: 200, body: { client_id: "an-id", credential_source: "byo" } })
    const answers = [
      created,
      await call(server.url, "GET", path),
      await call(server.url, "GET", `${path}/${created.body.id}`),
      await put(created.body.id, { name: "other name" }),
    ]
    for (const answer of answers) {
      expect(answer.status).toBe(200)
      expect(JSON.stringify(answer.body)).not.toMatch(new RegExp(`${secret}|client_secret|sealed`))
    }
  })

  test("without id and secret it uses the sandbox; with one of them alone it is refused, naming the other", async () => {
    expect((await post({ integration_type: "slack" })).body.credential_source).toBe("sandbox")
    expect(await post({ integration_type: "slack", client_id: "x" })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("body.client_secret") },
    })
    expect(await post({ integration_type: "slack", client_secret: "x" })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("body.client_id") },
    })
  })

  test("a name is taken once per workspace", async () => {
    const first = await post({ integration_type: "slack", name: "Taken" })
    expect(await post({ integration_type: "notion", name: "Taken" })).toMatchObject({
      status: 409,
      body: { code: "NAME_TAKEN" },
    })
    const other = await post({ integration_type: "slack" })
    expect(await put(other.body.id, { name: "Taken" })).toMatchObject({
      status: 409,
      body: { code: "NAME_TAKEN" },
    })
    expect((await put(first.body.id, { name: "Taken" })).status).toBe(200)
  })

  test("an unknown type, scopes that are none and hostile config values are refused", async () => {
    expect(await post({ integration_type: "slak" })).toMatchObject({
      status: 404,
      body: { code: "UNKNOWN_CONNECTOR_TYPE" },
    })
    for (const scope of ["a b", 'a"b', "a\\b", "ä", "a\nb"]) {
      expect(await post({ integration_type: "slack", scopes: ["ok", scope] })).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining("scopes[1]") },
      })
    }
    for (const hostname of [
      "acme.evil.com/#",
      "a@b.salesforce.com",
      "..",
      "%2e",
      "a\r\nb.salesforce.com",
      "xn--x.salesforce.com",
    ]) {
      const answer = await post({ integration_type: "salesforce", connection_config: { hostname } })
      expect(answer).toMatchObject({
        status: 400,
        body: { detail: expect.stringContaining("body.connection_config.hostname") },
      })
    }
  })

  test("its connection is apart from the type-addressed one", async () => {
    const app = await createApp(server.url)
    const own = await ownClient("googlecalendar")
    await connect(app, "googlecalendar", own.id, { account: "own@example.com" })
    expect((await tokenOf(app, own.id)).body).toMatchObject({ account: { label: "own@example.com" } })
    expect((await fetchToken(server.url, app, "googlecalendar")).status).toBe(404)
    expect((await call(server.url, "GET", `/api/apps/${app.id}/external-auth/list`)).body).toEqual({
      integrations: [],
    })
  })

  test("a connector of another type, or of nobody, begins nothing", async () => {
    const app = await createApp(server.url)
    const { body } = await post({ integration_type: "notion" })
    const initiatePath = `/api/apps/${app.id}/external-auth/initiate`
    const wrongType = await call(server.url, "POST", initiatePath, {
      body: { integration_type: "slack", connector_id: body.id },
    })
    expect(wrongType).toMatchObject({
      status: 400,
      body: { code: "INVALID_REQUEST", detail: expect.stringContaining("integration_type") },
    })
    const missing = await call(server.url, "POST", initiatePath, {
      body: { integration_type: "slack", connector_id: "con_missing" },
    })
    expect(missing).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } })
  })

  test("rotating the secret keeps the connections, and the next refresh uses the new one", async () => {
    const app = await createApp(server.url)
    const own = await ownClient("googlecalendar")
    await connect(app, "googlecalendar", own.id)
    const before = await tokenOf(app, own.id)
    const clientId = (await call<{ client_id: string }>(server.url, "GET", `${path}/${own.id}`)).body
      .client_id
    const renewed = "the-renewed-secret-9876543210"
    await call(server.url, "POST", "/sandbox/_control/client", {
      as: null,
      body: { type: "googlecalendar", client_id: clientId, client_secret: renewed },
    })
    await put(own.id, { client_secret: renewed })
    expect((await tokenOf(app, own.id)).body).toEqual(before.body)
    await moveClock(server.url, 2 * 3_600_000)
    expect((await tokenOf(app, own.id)).status).toBe(200)
    expect(tap.secrets).toContain(renewed)
  })

  test("a wrong secret flags the connector, names it, and kills nothing; the right one mends it", async () => {
    const app = await createApp(server.url)
    const own = await ownClient("googlecalendar")
    await connect(app, "googlecalendar", own.id)
    await put(own.id, { client_secret: "wrong" })
    expect((await tokenOf(app, own.id)).status).toBe(200)
    await moveClock(server.url, 2 * 3_600_000)
    expect(await tokenOf(app, own.id)).toMatchObject({
      status: 503,
      body: { code: "OAUTH_CLIENT_REJECTED", detail: expect.stringContaining(own.id) },
    })
    expect((await call<ConnectorBody>(server.url, "GET", `${path}/${own.id}`)).body.client_problem).toEqual(
      expect.any(String),
    )
    expect((await put(own.id, { client_secret: secret })).body.client_problem).toBeNull()
    await moveClock(server.url, 60_000)
    expect((await tokenOf(app, own.id)).status).toBe(200)
  })

  test("editing the scopes counts who must reconnect, and asks for them in new consents only", async () => {
    const app = await createApp(server.url)
    const scope = (name: string) => `https://www.googleapis.com/auth/${name}`
    const own = await ownClient("googlecalendar", { scopes: [scope("calendar.events")] })
    await connect(app, "googlecalendar", own.id)
    expect((await put(own.id, { name: `renamed ${own.id}` })).body).not.toHaveProperty("reconnect_required")
    expect((await put(own.id, { scopes: [scope("calendar.events")] })).body.reconnect_required).toBe(0)
    expect(
      (await put(own.id, { scopes: [scope("calendar.events"), scope("calendar.readonly")] })).body
        .reconnect_required,
    ).toBe(1)
    expect((await tokenOf(app, own.id)).status).toBe(200)
  })

  test("deleting revokes its connections at the provider and destroys them; deleting twice is 404", async () => {
    const app = await createApp(server.url)
    const own = await ownClient("googlecalendar")
    await connect(app, "googlecalendar", own.id, { account: `gone${names}@example.com` })
    const before = (await requestsTo(server.url, "googlecalendar", "revoke")).length
    expect(await call(server.url, "DELETE", `${path}/${own.id}`)).toMatchObject({
      status: 200,
      body: { status: "deleted", id: own.id },
    })
    expect((await requestsTo(server.url, "googlecalendar", "revoke")).length).toBe(before + 1)
    expect((await tokenOf(app, own.id)).status).toBe(404)
    expect((await call(server.url, "DELETE", `${path}/${own.id}`)).status).toBe(404)
  })

  test("an attempt whose connector was deleted ends without a grant", async () => {
    const app = await createApp(server.url)
    const own = await ownClient("googlecalendar")
    const begun = await initiate(server.url, app, "googlecalendar", { connector_id: own.id })
    await call(server.url, "DELETE", `${path}/${own.id}`)
    const page = await fetch(begun.redirect_url ?? "")
    expect(page.status).toBe(409)
    expect(await page.text()).toContain("OAUTH_CLIENT_MISSING")
  })
})
