/** What callers need besides the token, and where it comes from: callback, token answer, identity, OAuth client. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp, type TokenBody } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import { connectShared, consent, goToProvider, initiate } from "../harness/connect.ts"
import { moveClock, requestsTo, resetSandbox, setClient, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"

const dayMs = 86_400_000
const selfHosted = ["github", "gitlab"] as const

describe.each(databases)("values beside the token on %s", (database) => {
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

  const token = async (type: string): Promise<TokenBody> => (await fetchToken(server.url, app, type)).body
  const disconnect = (type: string) =>
    call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/${type}`)

  test("quickbooks: the company's realm comes with the callback alone, and stays through a refresh", async () => {
    await connectShared(server.url, app, "quickbooks")
    const first = await token("quickbooks")
    expect(first.connection_config).toEqual({ realmId: expect.stringMatching(/^\d{10,19}$/) })
    expect(first.account).toEqual({ id: first.connection_config?.["realmId"], label: "Acme Example Ltd" })
    await moveClock(server.url, dayMs)
    expect((await token("quickbooks")).connection_config).toEqual(first.connection_config)
  })

  test("quickbooks: yesterday's refresh token is replaced, stored and used", async () => {
    await connectShared(server.url, app, "quickbooks")
    for (let day = 0; day < 3; day += 1) {
      await moveClock(server.url, dayMs + 1000)
      expect((await fetchToken(server.url, app, "quickbooks")).status, `day ${day}`).toBe(200)
    }
  })

  test("wix: the installation's id plays the code, and mints every later token", async () => {
    await connectShared(server.url, app, "wix")
    const first = await token("wix")
    expect(first.connection_config).toEqual({ instanceId: expect.stringMatching(/^[0-9a-f-]{36}$/) })
    expect(first.account).toEqual({ id: first.connection_config?.["instanceId"], label: "Ada's Site" })
    for (let times = 0; times < 2; times += 1) {
      await moveClock(server.url, 14_401_000)
      const next = await token("wix")
      expect(next.access_token).not.toBe(first.access_token)
    }
    const sent = await requestsTo(server.url, "wix", "refresh")
    expect(sent.map((request) => request["grant_type"])).toEqual(["client_credentials", "client_credentials"])
    expect((await disconnect("wix")).body).toMatchObject({ revoked: "unsupported" })
  })

  test("wix: another person's site asks before it replaces the one that is connected", async () => {
    await connectShared(server.url, app, "wix")
    const again = await initiate(server.url, app, "wix", { force_reconnect: true })
    const page = await consent(again.redirect_url ?? "", { account: "alan@example.com" })
    expect(page.html).toContain("Alan&#39;s Site")
    expect((await token("wix")).account?.label).toBe("Ada's Site")
  })

  test("instagram: the token lives sixty days, the person's unticked permissions are known, and the long id is exact", async () => {
    const scopes = ["instagram_business_basic", "instagram_business_manage_messages"]
    const begun = await initiate(server.url, app, "instagram", { scopes })
    await consent(begun.redirect_url ?? "", { untick: ["instagram_business_manage_messages"] })
    const body = await token("instagram")
    expect(body).toMatchObject({
      scopes: ["instagram_business_basic"],
      missing_scopes: ["instagram_business_manage_messages"],
      connection_config: { ig_user_id: "17841400000000001", username: "ada" },
      account: { id: "17841400000000001", label: "ada" },
    })
    const [sent] = await requestsTo(server.url, "instagram", "token")
    expect(sent).toMatchObject({ method: "POST" })
    await moveClock(server.url, 2 * 3_600_000)
    expect((await token("instagram")).access_token, "the short-lived token lived an hour").toBe(
      body.access_token,
    )
    expect(await requestsTo(server.url, "instagram", "refresh")).toEqual([])
  })

  test("instagram: the flat answer with its number and its array is read like the wrapped one", async () => {
    await setClient(server.url, "instagram", { flat_answers: true })
    await connectShared(server.url, app, "instagram")
    expect(await token("instagram")).toMatchObject({
      scopes: ["instagram_business_basic"],
      account: { id: "17841400000000001" },
    })
  })

  test("instagram: a long-lived token that nobody asked for in sixty days is gone, and says so", async () => {
    await connectShared(server.url, app, "instagram")
    await moveClock(server.url, 60 * dayMs + 1000)
    expect(await fetchToken(server.url, app, "instagram")).toMatchObject({
      status: 409,
      body: { code: "RECONNECT_REQUIRED" },
    })
  })

  test("instagram: an exchange whose second half fails connects nothing", async () => {
    await setFault(server.url, "instagram", "5xx_then_ok", { endpoint: "token", times: 2 })
    const begun = await initiate(server.url, app, "instagram")
    expect((await consent(begun.redirect_url ?? "")).status).toBeGreaterThanOrEqual(400)
    expect((await fetchToken(server.url, app, "instagram")).status).toBe(404)
  })

  test("tiktok: the client is named by client_key everywhere, and the callback tells what was ticked", async () => {
    const begun = await initiate(server.url, app, "tiktok", { scopes: ["user.info.basic", "video.list"] })
    await consent(begun.redirect_url ?? "", { untick: ["video.list"] })
    const body = await token("tiktok")
    expect(body).toMatchObject({ missing_scopes: ["video.list"], account: { label: "Ada Example" } })
    expect(body.connection_config).toEqual({ open_id: body.account?.id, granted_scopes: "user.info.basic" })
    await moveClock(server.url, 7_201_000)
    expect(
      (await disconnect("tiktok")).body,
      "revoked after a refresh, since only living tokens are",
    ).toMatchObject({
      revoked: "revoked",
    })
  })

  test("square: a token is renewed after seven of its thirty days, and revoked in Square's own scheme", async () => {
    await connectShared(server.url, app, "square")
    const first = await token("square")
    expect(first.connection_config).toEqual({ merchant_id: "MLSANDBOX0001" })
    expect(first.expires_at).toMatch(/^\d{4}-/)
    await moveClock(server.url, 6 * dayMs)
    expect((await token("square")).access_token).toBe(first.access_token)
    expect(await requestsTo(server.url, "square", "refresh")).toEqual([])
    await moveClock(server.url, dayMs + 1000)
    expect((await token("square")).access_token).toBe(first.access_token)
    await expect.poll(async () => (await token("square")).access_token).not.toBe(first.access_token)
    expect((await disconnect("square")).body).toMatchObject({ revoked: "revoked" })
  })

  test("linkedin: a partner's token is refreshed, everybody else connects again", async () => {
    await setClient(server.url, "linkedin", { refresh_tokens: true })
    await connectShared(server.url, app, "linkedin")
    await moveClock(server.url, 60 * dayMs + 1000)
    expect((await fetchToken(server.url, app, "linkedin")).status).toBe(200)
    // The refresh token's year began with the consent.
    await moveClock(server.url, 310 * dayMs)
    expect((await fetchToken(server.url, app, "linkedin")).body.code).toBe("RECONNECT_REQUIRED")
  })

  test("linear: one GraphQL request names the person and the workspace", async () => {
    await connectShared(server.url, app, "linear")
    const body = await token("linear")
    expect(body.connection_config).toEqual({
      organization_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      organization_url_key: "ada",
    })
    expect(body.account?.label).toBe("ada@example.com (Ada's Workspace)")
  })

  test("hubspot: the account's number comes with the token, and the scopes as an array", async () => {
    await connectShared(server.url, app, "hubspot")
    expect(await token("hubspot")).toMatchObject({
      scopes: ["oauth"],
      connection_config: { hub_id: "62515", user_id: "9000001" },
      account: { id: "62515:9000001", label: "HubSpot account 62515, user 9000001" },
    })
  })

  test("discord: a webhook's channel is handed out, its secret never", async () => {
    const begun = await initiate(server.url, app, "discord", { scopes: ["identify", "webhook.incoming"] })
    await consent(begun.redirect_url ?? "")
    const body = await token("discord")
    expect(Object.keys(body.connection_config ?? {})).toEqual(["webhook_id", "webhook_channel_id"])
    expect(JSON.stringify(body)).not.toContain("sandbox-webhook")
  })

  describe.each(selfHosted)("%s on a server that somebody runs", (type) => {
    const host = `${type}.corp.example`

    async function workspace(): Promise<string> {
      const answer = await call<{ workspaces: { id: string }[] }>(
        server.url,
        "GET",
        "/api/workspace/workspaces",
      )
      return answer.body.workspaces[0]?.id ?? ""
    }

    async function connectorAt(hostname: string) {
      const body = {
        integration_type: type,
        name: `${type} ${hostname} ${app.id}`,
        connection_config: { hostname },
      }
      return call<{ id: string; detail?: string }>(
        server.url,
        "POST",
        `/api/workspace/${await workspace()}/connectors`,
        { body },
      )
    }

    const removeConnector = async (id: string) =>
      call(server.url, "DELETE", `/api/workspace/${await workspace()}/connectors/${id}`)

    test("is reached where its connector says: consent, token, identity, refresh and revocation", async () => {
      const { body: connector } = await connectorAt(host)
      const begun = await initiate(server.url, app, type, { connector_id: connector.id })
      const atProvider = await goToProvider(new TestBrowser(), begun.redirect_url ?? "")
      expect(new URL(atProvider.url).pathname).toContain(`/sandbox/${type}/${host}/`)
      await consent(begun.redirect_url ?? "")
      const path = `/api/apps/${app.id}/external-auth/tokens/connectors/${connector.id}`
      const read = () => call<TokenBody>(server.url, "GET", path, { as: { bearer: app.serviceKey } })
      expect(await read()).toMatchObject({
        status: 200,
        body: { connection_config: { hostname: host }, account: { label: "ada" } },
      })
      await moveClock(server.url, dayMs)
      expect((await read()).status).toBe(200)
      expect((await removeConnector(connector.id)).status).toBe(200)
      const hosts = new Set((await requestsTo(server.url, type)).map((request) => request["host"]))
      expect([...hosts]).toEqual([host])
      await expect.poll(async () => (await requestsTo(server.url, type, "revoke")).length).toBe(1)
    })

    test("is left behind when its connector moves to another host: a new secret never goes to the old one", async () => {
      if (type === "github") await setClient(server.url, type, { expiring_tokens: true })
      const { body: connector } = await connectorAt(host)
      await consent(
        (await initiate(server.url, app, type, { connector_id: connector.id })).redirect_url ?? "",
      )
      const moved = { connection_config: { hostname: `new.${host}` } }
      const path = `/api/workspace/${await workspace()}/connectors/${connector.id}`
      expect((await call(server.url, "PUT", path, { body: moved })).status).toBe(200)
      await moveClock(server.url, dayMs)
      const tokenPath = `/api/apps/${app.id}/external-auth/tokens/connectors/${connector.id}`
      await call(server.url, "GET", tokenPath, { as: { bearer: app.serviceKey } })
      const refreshes = await requestsTo(server.url, type, "refresh")
      expect(refreshes.map((request) => request["host"])).toEqual([`new.${host}`])
      await removeConnector(connector.id)
    })

    test("is not for whoever connects to choose: the secret would go there", async () => {
      for (const given of [host, "evil.example"]) {
        const path = `/api/apps/${app.id}/external-auth/initiate`
        const body = { integration_type: type, connection_config: { hostname: given } }
        expect(await call(server.url, "POST", path, { body })).toMatchObject({
          status: 400,
          body: { code: "INVALID_REQUEST", field: "hostname" },
        })
      }
      const begun = await initiate(server.url, app, type)
      const page = await new TestBrowser().open(begun.redirect_url ?? "")
      expect(page.html).not.toContain("hostname")
      const refused = await goToProvider(new TestBrowser(), begun.redirect_url ?? "", {
        hostname: "evil.example",
      })
      expect(refused.status).toBe(400)
      expect(await requestsTo(server.url, type)).toEqual([])
    })

    test.each([
      "127.0.0.1",
      "localhost",
      "a@b.example",
      "git.example:8080",
      "git.example/x",
      "xn--80ak6aa92e.com",
    ])("is never %s", async (hostname) => {
      expect(await connectorAt(hostname)).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } })
    })
  })
})
