import { createClient } from "@base44/sdk"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, type TestApp, fetchToken } from "../harness/api.ts"
import { createUser, initiateFor, tokenFor, tokenOfUser } from "../harness/app-users.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { mintToken } from "../harness/user-tokens.ts"
import { withStorage } from "../security/with-storage.ts"

interface Shown {
  readonly name: string
  readonly functions_upstream: string | null
  readonly backend_functions_enabled: boolean
  readonly connect_completion: string
  readonly detail: string
}

describe.each(databases)("an app's settings, on %s", (database) => {
  let server: TestServer
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  const put = (body: Record<string, unknown>) =>
    call<Shown>(server.url, "PUT", `/api/apps/${app.id}`, { body })
  const show = async () => (await call<Shown>(server.url, "GET", `/api/apps/${app.id}`)).body

  test("begin without functions, switched on, with the plain completion", async () => {
    const fresh = await createApp(server.url, "fresh")
    const { body } = await call<readonly (Shown & { id: string })[]>(server.url, "GET", "/api/apps")
    expect(body.find(({ id }) => id === fresh.id)).toMatchObject({
      functions_upstream: null,
      backend_functions_enabled: true,
      connect_completion: "confirm",
    })
  })

  test("change one by one; what is not named stays", async () => {
    expect((await put({ functions_upstream: "http://127.0.0.1:9999/fn/" })).body.functions_upstream).toBe(
      "http://127.0.0.1:9999/fn",
    )
    expect((await put({ backend_functions_enabled: false })).status).toBe(200)
    expect((await put({ connect_completion: "verified" })).status).toBe(200)
    expect((await put({ name: "Shop" })).status).toBe(200)
    expect(await show()).toMatchObject({
      name: "Shop",
      functions_upstream: "http://127.0.0.1:9999/fn",
      backend_functions_enabled: false,
      connect_completion: "verified",
    })
    expect((await put({ functions_upstream: null, backend_functions_enabled: true })).status).toBe(200)
    expect(await show()).toMatchObject({ functions_upstream: null, backend_functions_enabled: true })
    expect((await put({})).status).toBe(200)
  })

  test.each([
    [{ functions_upstream: "ftp://a.example" }, "body.functions_upstream must be an http or https URL"],
    [{ functions_upstream: "9999" }, "body.functions_upstream must be an http or https URL"],
    [{ functions_upstream: "" }, "body.functions_upstream must be an http or https URL"],
    [{ functions_upstream: "https://u:p@a.example" }, "credentials"],
    [{ functions_upstream: "https://1.1.1.1/?x=1" }, "query"],
    [{ functions_upstream: "http://169.254.169.254/" }, "may not be reached"],
    [{ functions_upstream: "http://192.168.1.1:9999" }, "may not be reached"],
    [{ connect_completion: "sure" }, "body.connect_completion"],
    [{ backend_functions_enabled: "yes" }, "body.backend_functions_enabled must be boolean"],
    [{ workspace_id: "ws_1" }, "body.workspace_id is not a known field"],
  ])("%j is refused: %s", async (body, detail) => {
    const before = await show()
    const answer = await put(body)
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toContain(detail)
    expect(await show()).toEqual(before)
  })
})

describe.each(databases)("the pages that may call an app, on %s", (database) => {
  let server: TestServer
  let app: TestApp
  const page = "https://shop.example"
  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
    await register([page, "http://localhost:5173"])
  })
  afterAll(() => server.destroy())

  const path = () => `/api/apps/${app.id}/allowed-origins`
  const register = (origins: readonly string[]) =>
    call<{ origins: readonly string[]; detail: string }>(server.url, "PUT", path(), { body: { origins } })
  const cors = (headers: Headers) =>
    Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")))
  const preflight = (origin: string, headers: string, appId = app.id) =>
    fetch(`${server.url}/api/apps/${appId}/entities/User/me`, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "GET",
        "access-control-request-headers": headers,
      },
    })

  test("are kept normalised, once each, and replaced as a whole", async () => {
    const other = await createApp(server.url, "other")
    const put = (origins: readonly string[]) =>
      call<{ origins: readonly string[] }>(server.url, "PUT", `/api/apps/${other.id}/allowed-origins`, {
        body: { origins },
      })
    const answer = await put(["https://B.example:443/", "https://b.example", "http://localhost:3000"])
    expect(answer.body).toEqual({ origins: ["http://localhost:3000", "https://b.example"] })
    expect((await put(["https://c.example"])).body.origins).toEqual(["https://c.example"])
    const shown = await call(server.url, "GET", `/api/apps/${other.id}/allowed-origins`)
    expect(shown.body).toEqual({ origins: ["https://c.example"] })
    expect((await put([])).body).toEqual({ origins: [] })
  })

  test.each([
    "https://*.example",
    "http://shop.example",
    "https://shop.example/path",
    "null",
    "javascript:x",
  ])("%s is refused, and what was registered stays", async (origin) => {
    const answer = await register([page, origin])
    expect(answer.status).toBe(400)
    expect(answer.body.detail).toContain("body.origins.1")
    expect((await call(server.url, "GET", path())).body).toEqual({
      origins: ["http://localhost:5173", page],
    })
  })

  test("are at most fifty", async () => {
    const origins = Array.from({ length: 51 }, (_, index) => `https://p${index}.example`)
    expect((await register(origins)).status).toBe(400)
  })

  test("a registered page's preflight is granted what the published SDK sends", async () => {
    const wanted =
      "authorization, base44-functions-version, base44-state, content-type, x-app-id, x-base44-anonymous-id, x-data-env, x-origin-url"
    const answer = await preflight(page, wanted)
    expect(answer.status).toBe(204)
    const { "access-control-allow-headers": granted = "", ...rest } = cors(answer.headers)
    expect(granted.split(", ")).toEqual(expect.arrayContaining(wanted.split(", ")))
    expect(rest).toEqual({
      "access-control-allow-origin": page,
      "access-control-expose-headers": "*",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-max-age": "600",
    })
    expect(answer.headers.get("vary")).toContain("Origin")
  })

  test("a preflight is granted no header that a page has no business sending", async () => {
    const answer = await preflight(page, "api_key, cookie, x-ok, x-\u00e9, on-behalf-of")
    const granted = answer.headers.get("access-control-allow-headers") ?? ""
    expect(granted).toContain("x-ok")
    for (const name of ["api_key", "cookie", "on-behalf-of"]) expect(granted).not.toContain(name)
  })

  test.each([
    "https://evil.example",
    "http://shop.example",
    "https://shop.example:8443",
    "https://shop.example.evil.example",
    "null",
  ])("a page of %s is granted nothing", async (origin) => {
    const asked = await preflight(origin, "authorization")
    expect([asked.status, cors(asked.headers)]).toEqual([204, {}])
    const token = await mintToken(server.url, app, "u")
    const called = await fetch(`${server.url}/api/apps/${app.id}/entities/User/me`, {
      headers: { origin, authorization: `Bearer ${token}` },
    })
    expect([called.status, cors(called.headers)]).toEqual([200, {}])
    expect(called.headers.get("vary")).toContain("Origin")
  })

  test("one app's pages are no other app's", async () => {
    const other = await createApp(server.url, "other")
    expect(cors((await preflight(page, "authorization", other.id)).headers)).toEqual({})
    expect(cors((await preflight(page, "authorization", "app_none")).headers)).toEqual({})
  })

  test("a registered page can read why it was refused, without credentials mode", async () => {
    const refused = await fetch(`${server.url}/api/apps/${app.id}/entities/User/me`, {
      headers: { origin: page },
    })
    expect(refused.status).toBe(401)
    expect(refused.headers.get("access-control-allow-origin")).toBe(page)
    expect(refused.headers.get("access-control-allow-credentials")).toBeNull()
  })

  test("no page may call what has no app, e.g. the workspace's routes", async () => {
    const answer = await fetch(`${server.url}/api/workspace/workspaces`, { headers: { origin: page } })
    expect(cors(answer.headers)).toEqual({})
  })

  test("the published SDK's requests are answered as before", async () => {
    const token = await mintToken(server.url, app, "u-1")
    const client = createClient({
      serverUrl: server.url,
      appId: app.id,
      token,
      analytics: { enabled: false },
    })
    expect(await client.auth.isAuthenticated()).toBe(true)
    client.cleanup()
  })
})

test("where a plan is required, a lower one has neither connectors nor users' connections", async () => {
  const server = await startTestServer({ database: "sqlite", env: { GRANTRY_REQUIRED_PLAN: "pro" } })
  try {
    const { body } = await call<{ workspaces: { id: string }[] }>(
      server.url,
      "GET",
      "/api/workspace/workspaces",
    )
    const path = `/api/workspace/${body.workspaces[0]?.id}/connectors`
    const answer = await call(server.url, "POST", path, { body: { integration_type: "slack", name: "x" } })
    expect([answer.status, answer.body["code"]]).toEqual([403, "PLAN_REQUIRED"])
    expect((await call<{ connectors: unknown[] }>(server.url, "GET", path)).body.connectors).toEqual([])
    const app = await createApp(server.url)
    const user = await createUser(server.url, app)
    for (const refused of [
      await initiateFor(server.url, app, user, "con_1"),
      await tokenFor(server.url, app, user, "con_1"),
      await tokenOfUser(server.url, app, user.id, "con_1"),
    ])
      expect([refused.status, refused.body.code]).toEqual([403, "PLAN_REQUIRED"])
    // The app's own accounts are everybody's.
    expect((await fetchToken(server.url, app, "slack")).body.code).toBe("NOT_FOUND")
  } finally {
    await server.destroy()
  }
})

test.each(databases)("what changes who may call is in the audit, on %s", async (database) => {
  const server = await startTestServer({ database })
  try {
    const app = await createApp(server.url)
    const base = `/api/apps/${app.id}`
    await call(server.url, "PUT", base, { body: { backend_functions_enabled: false } })
    await call(server.url, "PUT", `${base}/allowed-origins`, { body: { origins: ["https://a.example"] } })
    const issuer = { issuer: "https://a.example", audience: "a", jwks_url: "https://1.1.1.1/jwks" }
    const added = await call<{ id: string }>(server.url, "POST", `${base}/identity-issuers`, { body: issuer })
    await call(server.url, "DELETE", `${base}/identity-issuers/${added.body.id}`)
    const events = await withStorage(server, async ({ accounts, apps, audit }) => {
      const workspaceId = (await apps.findAnywhere(app.id))?.workspaceId ?? ""
      const owner = await accounts.findMemberByEmail("owner@localhost")
      return (await audit.list(workspaceId, { appId: app.id, limit: 50 })).filter(
        ({ actor }) => actor === `member:${owner?.id}`,
      )
    })
    const seen = events.map(({ action, target }) => `${action} ${target}`).toReversed()
    expect(seen.filter((event) => !event.startsWith("service_key"))).toEqual([
      `app.create ${app.id}`,
      `app.update ${app.id}`,
      `allowed_origins.replace ${app.id}`,
      `identity_issuer.add ${added.body.id}`,
      `identity_issuer.remove ${added.body.id}`,
    ])
  } finally {
    await server.destroy()
  }
})
