import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { requestsTo } from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { expectNoReuse } from "./invariants.ts"

const hourMs = 3_600_000
const clientId = "a-client-of-the-workspace"
const firstSecret = "the-first-secret-of-the-client"
const secondSecret = "the-second-secret-of-the-client"

interface ConnectorBody {
  readonly id: string
  readonly client_problem: string | null
}

describe.each(databases)("a workspace's OAuth client that the provider rejects, on %s", (database) => {
  let replicas: Replicas
  let url: string
  let connectors: string
  let connector: ConnectorBody
  let apps: readonly [TestApp, TestApp]

  beforeAll(async () => {
    replicas = await startReplicas({ database, count: 1, catalog: testCatalog })
    url = replicas.first.url
    await atProvider(firstSecret)
    const workspaces = await call<{ workspaces: { id: string }[] }>(url, "GET", "/api/workspace/workspaces")
    connectors = `/api/workspace/${workspaces.body.workspaces[0]?.id ?? ""}/connectors`
    const body = {
      integration_type: "rotating",
      name: "Ours",
      client_id: clientId,
      client_secret: firstSecret,
    }
    connector = (await call<ConnectorBody>(url, "POST", connectors, { body })).body
  })
  afterAll(() => replicas.destroy())
  afterEach(() => expectNoReuse(replicas.sandbox))
  beforeEach(async () => {
    apps = [await createApp(url), await createApp(url)]
    for (const app of apps) await connectShared(url, app, "rotating")
  })

  /** What is registered in the provider's console. */
  async function atProvider(clientSecret: string): Promise<void> {
    const body = { type: "rotating", client_id: clientId, client_secret: clientSecret }
    expect(
      (await call(replicas.sandbox, "POST", "/sandbox/_control/client", { as: null, body })).status,
    ).toBe(200)
  }

  const token = (app: TestApp) => fetchToken(url, app, "rotating")
  const problem = async () =>
    (await call<ConnectorBody>(url, "GET", `${connectors}/${connector.id}`)).body.client_problem
  const refreshes = async () => (await requestsTo(replicas.sandbox, "rotating", "refresh")).length
  const mend = (secret: string) =>
    call(url, "PUT", `${connectors}/${connector.id}`, { body: { client_secret: secret } })

  test("it is flagged and named, nothing dies, and the right secret heals at once", async () => {
    const [app, other] = apps
    expect(await problem()).toBeNull()
    await atProvider(secondSecret)
    expect((await token(app)).status).toBe(200)
    await replicas.moveClock(2 * hourMs)

    const before = await refreshes()
    const refused = await token(app)
    expect(refused).toMatchObject({ status: 503, body: { code: "OAUTH_CLIENT_REJECTED" } })
    expect(refused.body.detail).toContain(connector.id)
    expect(refused.body.detail).toContain("invalid_client")
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0)
    expect(await problem()).toContain("invalid_client")
    expect((await token(app)).status).toBe(503)
    expect(await refreshes()).toBe(before + 1)
    const listed = await call<{ integrations: unknown[] }>(
      url,
      "GET",
      `/api/apps/${app.id}/external-auth/list`,
    )
    expect(listed.body.integrations).toMatchObject([{ integration_type: "rotating", status: "active" }])

    expect((await mend(secondSecret)).status).toBe(200)
    expect(await problem()).toBeNull()
    expect((await token(app)).status).toBe(200)
    expect((await token(other)).status).toBe(200)
    expect(await problem()).toBeNull()
    await atProvider(firstSecret)
    await mend(firstSecret)
  })

  test("a wrong correction is told again, and costs one call", async () => {
    const [app] = apps
    await atProvider(secondSecret)
    await replicas.moveClock(2 * hourMs)
    expect((await token(app)).body.code).toBe("OAUTH_CLIENT_REJECTED")
    const before = await refreshes()
    await mend("not-the-secret-either")
    for (let round = 0; round < 5; round += 1)
      expect((await token(app)).body.code).toBe("OAUTH_CLIENT_REJECTED")
    expect(await refreshes()).toBe(before + 1)
    expect(await problem()).toContain("invalid_client")
    await mend(secondSecret)
    expect((await token(app)).status).toBe(200)
    await atProvider(firstSecret)
    await mend(firstSecret)
  })

  test("a provider that accepts it again clears the flag by the next refresh", async () => {
    const [app] = apps
    await atProvider(secondSecret)
    await replicas.moveClock(2 * hourMs)
    const refused = await token(app)
    expect(refused.body.code).toBe("OAUTH_CLIENT_REJECTED")
    await atProvider(firstSecret)
    await replicas.moveClock(Number(refused.headers.get("retry-after")) * 1000)
    expect((await token(app)).status).toBe(200)
    expect(await problem()).toBeNull()
  })

  test("no answer and no log line holds a secret", () => {
    expect(replicas.first.logged()).not.toContain(firstSecret)
    expect(replicas.first.logged()).not.toContain(secondSecret)
  })
})
