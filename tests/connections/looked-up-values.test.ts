/** What callers need of ClickUp, Contentful, Calendly, Supabase, Typeform and Hugging Face besides the token. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent, initiate } from "../harness/connect.ts"
import { callProvider, moveClock, requestsTo, resetSandbox, setClient, setFault } from "../harness/sandbox.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"

const weekMs = 7 * 24 * 3_600_000

describe("values beside the token", () => {
  let server: TestServer
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database: "sqlite" })
  })
  afterAll(() => server.destroy())
  beforeEach(async () => {
    await resetSandbox(server.url)
    app = await createApp(server.url)
  })

  const token = async (type: string) => (await fetchToken(server.url, app, type)).body

  test("ClickUp's workspace and Contentful's organisation are looked up after the consent", async () => {
    await connectShared(server.url, app, "clickup")
    expect(await token("clickup")).toMatchObject({
      connection_config: { team_id: "9000000001", team_name: "Example Workspace" },
      account: { id: "80000001", label: "ada@example.com" },
      expires_at: null,
    })
    await connectShared(server.url, app, "contentful")
    expect((await token("contentful")).connection_config).toEqual({
      domain: "contentful.com",
      organizationId: "sandboxorganization001",
    })
  })

  test("a connection does without them where the call fails", async () => {
    await setFault(server.url, "clickup", "5xx_then_ok", { endpoint: "api" })
    await connectShared(server.url, app, "clickup")
    const { access_token: accessToken, connection_config: config } = await token("clickup")
    expect(config).toBeNull()
    const me = "https://api.clickup.com/api/v2/user"
    expect(await callProvider(server.url, "clickup", me, accessToken)).toBe(200)
  })

  test("ClickUp is sent what it documents and nothing else", async () => {
    await connectShared(server.url, app, "clickup")
    const names = async (endpoint: string) => {
      const [request] = await requestsTo(server.url, "clickup", endpoint)
      return Object.keys((request?.["params"] ?? {}) as Record<string, unknown>).sort()
    }
    expect(await names("authorize")).toEqual(["client_id", "redirect_uri", "state"])
    expect(await names("token")).toEqual(["client_id", "client_secret", "code"])
  })

  test("Contentful is asked for one scope where a connector names both, and both are held", async () => {
    const scopes = ["content_management_read", "content_management_manage"]
    const path = `/api/apps/${app.id}/external-auth/integrations/contentful`
    const begun = await call<{ redirect_url: string }>(server.url, "PUT", path, { body: { scopes } })
    expect((await consent(begun.body.redirect_url)).status).toBe(200)
    expect(await token("contentful")).toMatchObject({
      scopes: ["content_management_manage"],
      missing_scopes: [],
    })
  })

  test("Contentful's European region is reached at its own hosts", async () => {
    await connectShared(server.url, app, "contentful", { config: { domain: "eu.contentful.com" } })
    const { access_token: accessToken, connection_config: config } = await token("contentful")
    expect(config).toMatchObject({ domain: "eu.contentful.com", organizationId: "sandboxorganization001" })
    const me = "https://api.eu.contentful.com/users/me"
    expect(await callProvider(server.url, "contentful", me, accessToken)).toBe(200)
  })

  test("Calendly's person and organisation are learned as URLs, and the person is named", async () => {
    await connectShared(server.url, app, "calendly")
    expect(await token("calendly")).toMatchObject({
      account: { id: "https://api.calendly.com/users/SANDBOX000000001", label: "ada@example.com" },
      connection_config: {
        owner: "https://api.calendly.com/users/SANDBOX000000001",
        organization: "https://api.calendly.com/organizations/SANDBOX000000001",
      },
    })
  })

  test("Calendly's person is known by the token where the profile may not be read", async () => {
    const begun = await initiate(server.url, app, "calendly", { scopes: ["scheduled_events:read"] })
    expect((await consent(begun.redirect_url ?? "")).status).toBe(200)
    const owner = "https://api.calendly.com/users/SANDBOX000000001"
    expect((await token("calendly")).account).toEqual({ id: owner, label: owner })
  })

  test("Supabase' organisation is read from a bare list", async () => {
    await connectShared(server.url, app, "supabase")
    expect(await token("supabase")).toMatchObject({
      account: { id: "sandboxexampleorgaaa", label: "Example Org" },
      connection_config: {
        organization_id: "sandboxexampleorgaaa",
        organization_slug: "sandboxexampleorgaaa",
      },
    })
  })

  test("Typeform's third data centre has hosts of its own, and a refresh names the granted scopes", async () => {
    const config = { api_host: "api.typeform.eu", auth_host: "api.typeform.eu" }
    await connectShared(server.url, app, "typeform", { config, untick: ["responses:read"] })
    const first = await token("typeform")
    expect(first).toMatchObject({ connection_config: config, missing_scopes: ["responses:read"] })
    await moveClock(server.url, weekMs)
    const second = await token("typeform")
    expect(second.access_token).not.toBe(first.access_token)
    const [refresh] = await requestsTo(server.url, "typeform", "refresh")
    expect(refresh).toMatchObject({
      host: "api.typeform.eu",
      status: 200,
      params: { scope: "forms:read offline accounts:read" },
    })
    expect(
      await callProvider(server.url, "typeform", "https://api.typeform.eu/me", second.access_token),
    ).toBe(200)
  })

  test.each([
    ["typeform", { api_host: "api.typeform.com.evil.example" }],
    ["typeform", { auth_host: "api.eu.typeform.com" }],
    ["contentful", { domain: "evil.contentful.com" }],
    ["contentful", { domain: "contentful.com/" }],
  ])("%s takes no %j", async (type, config) => {
    const body = { integration_type: type, connection_config: config }
    const answer = await call(server.url, "POST", `/api/apps/${app.id}/external-auth/initiate`, { body })
    expect(answer).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST" } })
  })

  test("Hugging Face without refresh tokens works until the token ends, and then asks for the person", async () => {
    await setClient(server.url, "hugging_face", { refresh_tokens: false })
    await connectShared(server.url, app, "hugging_face")
    expect((await fetchToken(server.url, app, "hugging_face")).status).toBe(200)
    await moveClock(server.url, 28_801_000)
    expect(await fetchToken(server.url, app, "hugging_face")).toMatchObject({
      status: 409,
      body: { code: "RECONNECT_REQUIRED" },
    })
    expect(await requestsTo(server.url, "hugging_face", "refresh")).toEqual([])
  })
})
