/** What is Microsoft's own: the tenant, tokens that roll, refusals that only a person or a new secret mends. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import { connectShared, consent, goToProvider, initiate } from "../harness/connect.ts"
import { callProvider, moveClock, resetSandbox, setClient, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const graph = "https://graph.microsoft.com/"

describe.each(databases)("Microsoft on %s", (database) => {
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

  async function providerPage(type: string, connectionConfig: Record<string, string>): Promise<string> {
    const begun = await initiate(server.url, app, type, { connection_config: connectionConfig })
    return (await goToProvider(new TestBrowser(), begun.redirect_url ?? "")).url
  }

  test("people of any kind sign in to mail and files, and only people with work accounts where no others are taken", async () => {
    expect(await providerPage("outlook", {})).toContain("/common/oauth2/v2.0/authorize")
    expect(await providerPage("one_drive", {})).toContain("/common/oauth2/v2.0/authorize")
    expect(await providerPage("microsoft_teams", {})).toContain("/organizations/oauth2/v2.0/authorize")
    expect(await providerPage("share_point", { site_path: "sites/mysite" })).toContain(
      "/organizations/oauth2/v2.0/authorize",
    )
  })

  test("an organisation's own tenant is asked, refreshed at and handed out, beside the tenant that the token names", async () => {
    const tenant = "5a4db0c5-0000-4000-8000-000000000001"
    await connectShared(server.url, app, "outlook", { config: { tenant } })
    await moveClock(server.url, 2 * hourMs)
    expect((await token("outlook")).body.connection_config).toEqual({ tenant, tenant_id: tenant })
  })

  test.each([
    "common/oauth2",
    "..",
    "common?x=1",
    "contoso",
    "a@b.com",
    "contoso.com%2f",
    "login.evil.com/x",
  ])("%s is no tenant", async (tenant) => {
    const path = `/api/apps/${app.id}/external-auth/initiate`
    const body = { integration_type: "outlook", connection_config: { tenant } }
    expect(await call(server.url, "POST", path, { body })).toMatchObject({
      status: 400,
      body: { code: "INVALID_REQUEST" },
    })
  })

  test("the site of SharePoint is asked for on the connect page, its host is looked up, and both reach the caller", async () => {
    await connectShared(server.url, app, "share_point", { config: { site_path: "sites/mysite" } })
    expect((await token("share_point")).body.connection_config).toEqual({
      tenant: "organizations",
      tenant_id: "5a4db0c5-0000-4000-8000-000000000001",
      site_path: "sites/mysite",
      hostname: "contoso.sharepoint.com",
    })
  })

  test("a host of SharePoint that was given stands", async () => {
    const site = { site_path: "teams/Sales", hostname: "contosoeur.sharepoint.com" }
    await connectShared(server.url, app, "share_point", { config: site })
    expect((await token("share_point")).body.connection_config).toMatchObject(site)
  })

  test("a connection whose token may not look up the host does without it", async () => {
    const begun = await initiate(server.url, app, "share_point", {
      scopes: ["Sites.Selected"],
      connection_config: { site_path: "sites/mysite" },
    })
    expect((await consent(begun.redirect_url ?? "")).status).toBe(200)
    const { status, body } = await token("share_point")
    expect([status, body.connection_config]).toMatchObject([200, { site_path: "sites/mysite" }])
    expect(body.connection_config).not.toHaveProperty("hostname")
  })

  test("a connection outlives 90 days, because each refresh stores the refresh token that came with it", async () => {
    await connectShared(server.url, app, "outlook")
    await moveClock(server.url, 60 * dayMs)
    expect((await token("outlook")).status).toBe(200)
    await moveClock(server.url, 60 * dayMs)
    expect((await token("outlook")).status).toBe(200)
  })

  test("90 days without use end the grant", async () => {
    await connectShared(server.url, app, "outlook")
    await moveClock(server.url, 91 * dayMs)
    const dead = await token("outlook")
    expect(dead).toMatchObject({ status: 409, body: { code: "RECONNECT_REQUIRED" } })
    expect(dead.body.detail).toContain("AADSTS700082")
  })

  test("a new rule on multi-factor sign-in asks the person to connect again", async () => {
    await connectShared(server.url, app, "one_drive")
    await setClient(server.url, "one_drive", { require_mfa: true })
    await moveClock(server.url, 2 * hourMs)
    const refused = await token("one_drive")
    expect(refused).toMatchObject({ status: 409, body: { code: "RECONNECT_REQUIRED" } })
    expect(refused.body.detail).toContain("AADSTS50076")
  })

  test("a secret that is wrong or has expired kills no connection", async () => {
    await connectShared(server.url, app, "outlook")
    await moveClock(server.url, 2 * hourMs)
    await setFault(server.url, "outlook", "wrong_client", { times: 1 })
    expect(await token("outlook")).toMatchObject({ status: 503, body: { code: "OAUTH_CLIENT_REJECTED" } })
    await moveClock(server.url, hourMs)
    expect((await token("outlook")).status).toBe(200)
  })

  test("scopes are the same by their long names, by their short ones and in any case", async () => {
    await setClient(server.url, "outlook", { long_scope_names: true })
    const scopes = [
      "Mail.Send",
      "mail.read",
      `${graph}Calendars.Read`,
      "offline_access",
      `${graph}Group.Read.All`,
    ]
    const begun = await initiate(server.url, app, "outlook", { scopes })
    expect((await consent(begun.redirect_url ?? "")).status).toBe(200)
    const { body } = await token("outlook")
    expect(body.scopes).toEqual(expect.arrayContaining([`${graph}Mail.Send`, `${graph}Group.Read.All`]))
    expect(body.missing_scopes).toEqual([])
  })

  test("disconnecting says that nothing was revoked: the handed-out token works on until it expires", async () => {
    await connectShared(server.url, app, "one_drive")
    const { access_token: accessToken } = (await token("one_drive")).body
    expect(await disconnect("one_drive")).toMatchObject({ status: 200, body: { revoked: "unsupported" } })
    expect(await token("one_drive")).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } })
    expect(await callProvider(server.url, "one_drive", `${graph}v1.0/me/drive`, accessToken)).toBe(200)
    await moveClock(server.url, 90 * 60_000)
    expect(await callProvider(server.url, "one_drive", `${graph}v1.0/me/drive`, accessToken)).toBe(401)
  })
})
