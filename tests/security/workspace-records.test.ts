/** CONTRACT.md section 6: workspaces, apps, keys and redirect URIs, as their owners see them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, call, createApp, fetchToken } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { requestsTo } from "../harness/sandbox.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"

interface Workspace {
  readonly id: string
  readonly name: string
}

describe.each(databases)("workspaces, apps and keys on %s", (database) => {
  let server: TestServer
  let workspaceId: string
  const get = <Body>(path: string, apiKey = ownerKey): Promise<Answer<Body>> =>
    call<Body>(server.url, "GET", path, { as: { apiKey } })
  const post = <Body>(path: string, body: unknown, apiKey = ownerKey): Promise<Answer<Body>> =>
    call<Body>(server.url, "POST", path, { as: { apiKey }, body })
  const del = (path: string, apiKey = ownerKey) => call(server.url, "DELETE", path, { as: { apiKey } })

  beforeAll(async () => {
    server = await startTestServer({ database })
    workspaceId =
      (await get<{ workspaces: Workspace[] }>("/api/workspace/workspaces")).body.workspaces[0]?.id ?? ""
  })
  afterAll(() => server.destroy())

  test("workspaces are listed with the caller's role, the personal one first", async () => {
    const added = await post<Workspace>("/api/workspace/workspaces", { name: "A team" })
    expect(added).toMatchObject({
      status: 200,
      body: { name: "A team", user_role: "owner", subscription_tier: "free", is_enterprise: false },
    })
    const { workspaces } = (await get<{ workspaces: Workspace[] }>("/api/workspace/workspaces")).body
    expect(workspaces[0]).toEqual({
      id: workspaceId,
      name: "Personal",
      user_role: "owner",
      subscription_tier: "free",
      is_enterprise: false,
    })
    expect(workspaces.map(({ id }) => id)).toContain(added.body.id)
  })

  test("an API key is shown once, works at once, and is refused at once when revoked", async () => {
    const path = `/api/workspace/${workspaceId}/api-keys`
    const created = await post<{ id: string; key: string }>(path, { name: "for CI" })
    expect(created.headers.get("cache-control")).toBe("no-store")
    expect(created.body).toEqual({
      id: expect.any(String),
      name: "for CI",
      key: expect.stringMatching(/^b44k_[\w-]{43,}$/),
    })
    expect((await get("/api/apps", created.body.key)).status).toBe(200)
    const list = await get<{ api_keys: { id: string }[]; next_cursor: null }>(path)
    expect(list.body.next_cursor).toBeNull()
    expect(list.body.api_keys.find(({ id }) => id === created.body.id)).toEqual({
      id: created.body.id,
      name: "for CI",
      prefix: created.body.key.slice(0, 12),
      created_at: expect.stringMatching(/Z$/),
      last_used_at: null,
    })
    expect(JSON.stringify(list.body)).not.toContain(created.body.key.slice(0, 20))
    expect(await del(`${path}/${created.body.id}`)).toMatchObject({
      status: 200,
      body: { status: "deleted", id: created.body.id },
    })
    expect((await get("/api/apps", created.body.key)).status).toBe(401)
    expect((await del(`${path}/${created.body.id}`)).status).toBe(404)
  })

  test("a key of a second workspace sees nothing of the first", async () => {
    const second = (await post<Workspace>("/api/workspace/workspaces", { name: "Second" })).body
    const key = (await post<{ key: string }>(`/api/workspace/${second.id}/api-keys`, { name: "x" })).body.key
    const app = await createApp(server.url)
    expect((await get("/api/apps", key)).body).toEqual([])
    expect((await get(`/api/apps/${app.id}`, key)).status).toBe(404)
    expect((await get(`/api/workspace/${workspaceId}/connectors`, key)).status).toBe(404)
    const own = await post<{ organization_id: string }>("/api/apps", { name: "own" }, key)
    expect(own.body.organization_id).toBe(second.id)
    expect((await post("/api/apps", { name: "theft", organization_id: workspaceId }, key)).status).toBe(404)
  })

  test("a service key is shown once, fetches its own app's tokens, and is refused at once when revoked", async () => {
    const app = await createApp(server.url)
    await connectShared(server.url, app, "slack")
    const path = `/api/apps/${app.id}/service-keys`
    const created = await post<{ id: string; key: string }>(path, { name: "backend" })
    expect(created.headers.get("cache-control")).toBe("no-store")
    expect(created.body.key).toMatch(/^gsk_[\w-]{43,}$/)
    const renewed = { id: app.id, serviceKey: created.body.key }
    expect((await fetchToken(server.url, renewed, "slack")).status).toBe(200)
    expect((await del(`${path}/${created.body.id}`)).status).toBe(200)
    expect((await fetchToken(server.url, renewed, "slack")).status).toBe(401)
    expect((await fetchToken(server.url, app, "slack")).status).toBe(200)
    expect((await del(`${path}/${created.body.id}`)).status).toBe(404)
  })

  test("a key of one kind never counts as the other, in whichever header it comes", async () => {
    const app = await createApp(server.url)
    const asApiKey = await call(server.url, "GET", "/api/apps", { as: { apiKey: app.serviceKey } })
    expect(asApiKey).toMatchObject({ status: 403, body: { code: "MEMBER_REQUIRED" } })
    const asBearer = await call(server.url, "GET", `/api/apps/${app.id}/external-auth/tokens/slack`, {
      as: { bearer: ownerKey },
    })
    expect(asBearer).toMatchObject({ status: 403, body: { code: "SERVICE_TOKEN_REQUIRED" } })
  })

  test("apps are a bare array with what the other CLI reads", async () => {
    const app = await createApp(server.url, "Listed")
    const list = await get<Record<string, unknown>[]>("/api/apps")
    expect(Array.isArray(list.body)).toBe(true)
    expect(list.body.find(({ id }) => id === app.id)).toEqual({
      id: app.id,
      name: "Listed",
      user_description: null,
      is_managed_source_code: false,
      organization_id: workspaceId,
      created_at: expect.stringMatching(/Z$/),
      functions_upstream: null,
      backend_functions_enabled: true,
      connect_completion: "confirm",
    })
  })

  test("deleting an app revokes its grants at the provider and ends its keys", async () => {
    const app = await createApp(server.url)
    await connectShared(server.url, app, "dropbox", { account: "leaver@example.com" })
    const before = (await requestsTo(server.url, "dropbox", "revoke")).length
    expect(await del(`/api/apps/${app.id}`)).toMatchObject({
      status: 200,
      body: { status: "deleted", id: app.id },
    })
    expect((await requestsTo(server.url, "dropbox", "revoke")).length).toBe(before + 1)
    expect((await fetchToken(server.url, app, "dropbox")).status).toBe(401)
    expect((await get(`/api/apps/${app.id}`)).status).toBe(404)
    expect((await del(`/api/apps/${app.id}`)).status).toBe(404)
  })

  test("the link of a deleted app leads nowhere", async () => {
    const app = await createApp(server.url)
    const begun = await post<{ redirect_url: string }>(`/api/apps/${app.id}/external-auth/initiate`, {
      integration_type: "slack",
    })
    await del(`/api/apps/${app.id}`)
    expect((await fetch(begun.body.redirect_url)).status).toBe(410)
  })

  test("renaming an app changes its name and nothing else", async () => {
    const app = await createApp(server.url, "Before")
    const before = (await get<Record<string, unknown>>(`/api/apps/${app.id}`)).body
    const renamed = await call<Record<string, unknown>>(server.url, "PUT", `/api/apps/${app.id}`, {
      body: { name: "After" },
    })
    expect(renamed.body).toEqual({ ...before, name: "After" })
    expect((await get(`/api/apps/${app.id}`)).body).toEqual(renamed.body)
  })

  test("the redirect URIs to register are those that are sent", async () => {
    const app = await createApp(server.url)
    const { redirect_uris } = (
      await get<{ redirect_uris: { integration_type: string; redirect_uri: string }[] }>(
        `/api/apps/${app.id}/oauth-redirect-uris`,
      )
    ).body
    expect(redirect_uris.find(({ integration_type }) => integration_type === "slack")).toEqual({
      integration_type: "slack",
      credential_source: "sandbox",
      redirect_uri: `${server.url}/api/external-auth/callback/sandbox-slack`,
    })
  })

  test("payments: the status that the other CLI asks for, and a clear refusal to install", async () => {
    const app = await createApp(server.url)
    expect((await get(`/api/apps/${app.id}/payments/stripe/status`)).body).toEqual({ stripe_mode: null })
    expect(await post(`/api/apps/${app.id}/payments/stripe/install`, {})).toMatchObject({
      status: 501,
      body: { detail: expect.stringContaining("no payments") },
    })
  })
})
