/** Services whose hosts differ by customer, and what a connection learns of them: asked before consent or told with the token. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent, initiate } from "../harness/connect.ts"
import { callProvider, moveClock, requestsTo, resetSandbox, setClient, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"

const minuteMs = 60_000

describe.each(databases)("hosts of customers on %s", (database) => {
  let server: TestServer
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database })
  })
  beforeEach(async () => {
    await resetSandbox(server.url)
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  const token = (type: string) => fetchToken(server.url, app, type)
  const disconnect = (type: string) =>
    call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/${type}`)
  const start = (type: string, connectionConfig: Record<string, string>) =>
    call(server.url, "POST", `/api/apps/${app.id}/external-auth/initiate`, {
      body: { integration_type: type, connection_config: connectionConfig },
    })

  async function connectAt(
    type: string,
    connectionConfig: Record<string, string>,
    scopes?: readonly string[],
  ) {
    const asked = { connection_config: connectionConfig, ...(scopes && { scopes }) }
    const begun = await initiate(server.url, app, type, asked)
    const page = await consent(begun.redirect_url ?? "")
    expect(page.status, page.html).toBe(200)
  }

  test("BambooHR: the company is asked for, the ID token names the person, and a refresh goes to the same company", async () => {
    await connectShared(server.url, app, "bamboohr", { config: { subdomain: "acme" } })
    const first = await token("bamboohr")
    expect(first.body).toMatchObject({
      connection_config: { subdomain: "acme", companyDomain: "acme" },
      account: { id: "acme:101", label: "ada@example.com" },
    })
    await moveClock(server.url, 61 * minuteMs)
    expect((await token("bamboohr")).body.access_token).not.toBe(first.body.access_token)
    const [refresh] = await requestsTo(server.url, "bamboohr", "refresh")
    expect(refresh).toMatchObject({ host: "acme.bamboohr.com", path: "/token.php", outcome: "ok" })
    expect(Object.keys(refresh?.["params"] ?? {})).toEqual(
      expect.arrayContaining(["request", "redirect_uri"]),
    )
  })

  test("Databricks: a workspace of any cloud is asked for and handed out", async () => {
    const workspace = { workspace_host: "adb-1234567890123456.7.azuredatabricks.net" }
    await connectAt("databricks", workspace)
    const { body } = await token("databricks")
    expect(body).toMatchObject({
      connection_config: workspace,
      account: { id: `${workspace.workspace_host}:4000000000001`, label: "ada@example.com" },
    })
    expect(await disconnect("databricks")).toMatchObject({ body: { revoked: "unsupported" } })
  })

  test("Databricks: a refresh token that was idle for a week is told as a bad request and ends the connection", async () => {
    await connectShared(server.url, app, "databricks", {
      config: { workspace_host: "dbc-1.cloud.databricks.com" },
    })
    await moveClock(server.url, 8 * 24 * 60 * minuteMs)
    expect(await token("databricks")).toMatchObject({ status: 409, body: { code: "RECONNECT_REQUIRED" } })
  })

  test("Databricks: single-use refresh tokens are stored as they come", async () => {
    await setClient(server.url, "databricks", { rotation: true })
    await connectShared(server.url, app, "databricks", {
      config: { workspace_host: "dbc-1.cloud.databricks.com" },
    })
    for (let turn = 0; turn < 3; turn++) {
      await moveClock(server.url, 61 * minuteMs)
      expect((await token("databricks")).status).toBe(200)
    }
  })

  test("Snowflake: the account is asked for, the user's name learned, and both survive the refresh, which does not tell it", async () => {
    await connectAt("snowflake", { subdomain: "MyOrg-MyAccount" }, ["session:role:ANALYST"])
    const config = { subdomain: "myorg-myaccount", domain: "snowflakecomputing.com", username: "ADA" }
    const first = await token("snowflake")
    expect(first.body).toMatchObject({
      connection_config: config,
      account: { id: "myorg-myaccount:ADA", label: "ADA (myorg-myaccount)" },
      missing_scopes: [],
    })
    await moveClock(server.url, 11 * minuteMs)
    const second = await token("snowflake")
    expect(second.body).toMatchObject({ connection_config: config })
    expect(second.body.access_token).not.toBe(first.body.access_token)
    const [refresh] = await requestsTo(server.url, "snowflake", "refresh")
    expect(refresh).toMatchObject({
      host: "myorg-myaccount.snowflakecomputing.com",
      path: "/oauth/token-request",
    })
    expect(Object.keys(refresh?.["params"] ?? {}).toSorted()).toEqual([
      "grant_type",
      "redirect_uri",
      "refresh_token",
    ])
  })

  test("Snowflake: ten minutes are no reason to refresh on every call", async () => {
    await connectShared(server.url, app, "snowflake", { config: { subdomain: "myorg-myaccount" } })
    await moveClock(server.url, 7 * minuteMs)
    await token("snowflake")
    expect(await requestsTo(server.url, "snowflake", "refresh")).toHaveLength(0)
  })

  test("Snowflake: an account in China has its own domain", async () => {
    await connectAt("snowflake", { subdomain: "myorg-myaccount", domain: "snowflakecomputing.cn" })
    const [exchange] = await requestsTo(server.url, "snowflake", "token")
    expect(exchange).toMatchObject({ host: "myorg-myaccount.snowflakecomputing.cn", outcome: "ok" })
  })

  test("Splitwise: a token lasts, and nothing can be revoked", async () => {
    await connectShared(server.url, app, "splitwise")
    const first = await token("splitwise")
    expect(first.body).toMatchObject({
      expires_at: null,
      scopes: [],
      account: { id: "1000001", label: "ada@example.com" },
    })
    await moveClock(server.url, 400 * 24 * 60 * minuteMs)
    expect((await token("splitwise")).body.access_token).toBe(first.body.access_token)
    expect(await disconnect("splitwise")).toMatchObject({ body: { revoked: "unsupported" } })
  })

  test("Wrike: the host comes with the token, and only there the token is good", async () => {
    await connectShared(server.url, app, "wrike")
    const { body } = await token("wrike")
    expect(body).toMatchObject({
      connection_config: { host: "app-eu.wrike.com" },
      account: { id: "KUAA0001", label: "ada@example.com" },
      scopes: ["Default", "wsReadWrite"],
    })
    const at = (host: string) =>
      callProvider(server.url, "wrike", `https://${host}/api/v4/tasks`, body.access_token)
    expect([await at("app-eu.wrike.com"), await at("www.wrike.com")]).toEqual([200, 401])
  })

  test("a wrong secret is not a dead grant, in whatever words", async () => {
    const asked = {
      databricks: { workspace_host: "dbc-1.cloud.databricks.com" },
      snowflake: { subdomain: "myorg-a" },
      wrike: {},
    }
    for (const [type, config] of Object.entries(asked)) {
      await connectShared(server.url, app, type, { config })
      await moveClock(server.url, 61 * minuteMs)
      await setFault(server.url, type, "wrong_client")
      expect(await token(type), type).toMatchObject({ status: 503, body: { code: "OAUTH_CLIENT_REJECTED" } })
    }
  })

  test.each([
    ["bamboohr", "subdomain", "acme.evil.example/#"],
    ["bamboohr", "subdomain", "acme.evil"],
    ["bamboohr", "subdomain", "-acme"],
    ["bamboohr", "subdomain", "xn--acme"],
    ["databricks", "workspace_host", "dbc-1.cloud.databricks.com.evil.example"],
    ["databricks", "workspace_host", "evilazuredatabricks.net"],
    ["databricks", "workspace_host", "evil.example/.cloud.databricks.com"],
    ["databricks", "workspace_host", "https://dbc-1.cloud.databricks.com"],
    ["databricks", "workspace_host", "accounts.cloud.databricks.com"],
    ["snowflake", "subdomain", "my_account"],
    ["snowflake", "subdomain", "myorg-a.snowflakecomputing.com"],
    ["snowflake", "subdomain", "a@evil.example"],
    ["snowflake", "subdomain", "evil.example\\"],
    ["snowflake", "domain", "evil.example"],
    ["snowflake", "domain", "x.snowflakecomputing.com"],
  ])("%s: %s is refused when it is %s", async (type, name, value) => {
    expect(await start(type, { [name]: value })).toMatchObject({
      status: 400,
      body: { code: "INVALID_REQUEST" },
    })
  })
})
