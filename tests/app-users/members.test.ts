/** What members see and may do: all connections of an app, who has to connect again, ending one for a user. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import {
  connectUser,
  createConnector,
  createUser,
  statusFor,
  type TestUser,
  tokenFor,
  tokenOfUser,
  userPath,
  workspaceOf,
} from "../harness/app-users.ts"
import { connectShared, consent, initiate } from "../harness/connect.ts"
import { requestsTo } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import type { GrantWrite } from "../../packages/server/src/storage/stores/connections.ts"
import { addMember, withStorage } from "../security/with-storage.ts"

const type = "googlecalendar"
const read = "https://www.googleapis.com/auth/calendar.readonly"
const write = "https://www.googleapis.com/auth/calendar.events"

interface ListBody {
  readonly connections: readonly Record<string, unknown>[]
  readonly next_cursor: string | null
}

describe.each(databases)("members and app users' connections on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let connector: string
  let workspace: string
  let users: TestUser[]
  let tests = 0

  beforeAll(async () => {
    server = await startTestServer({ database, revocationIntervalMs: 200 })
    workspace = await workspaceOf(server.url)
  })
  beforeEach(async () => {
    tests += 1
    app = await createApp(server.url)
    connector = await createConnector(server.url, { integration_type: type, scopes: [read] })
    users = []
    for (const name of ["a", "b", "c"])
      users.push(await createUser(server.url, app, { user_id: `${name}-${tests}` }))
  })
  afterAll(() => server.destroy())

  const connectAll = async () => {
    for (const user of users)
      await connectUser(server.url, app, user, connector, { account: `${user.id}@example.com` })
  }
  const list = async (query = "", path = `/api/apps/${app.id}/connections`) =>
    (await call<ListBody>(server.url, "GET", path + query)).body
  const usersOf = (body: ListBody) => body.connections.map((one) => one["user_id"])

  test("the list holds shared and users' connections, filtered and by page, and never a token", async () => {
    await connectAll()
    await connectShared(server.url, app, type, { account: `shared${tests}@example.com` })
    const all = await list()
    expect(usersOf(all)).toEqual([null, ...users.map(({ id }) => id)])
    expect(all.next_cursor).toBeNull()
    expect(all.connections[1]).toMatchObject({
      app_id: app.id,
      owner_kind: "app_user",
      connector_id: connector,
      integration_type: type,
      display_name: "Google Calendar",
      status: "active",
      account: { label: `${users[0]?.id}@example.com` },
      scopes: expect.arrayContaining([read]),
      missing_scopes: [],
      last_refresh_error: null,
    })
    const token = (await tokenOfUser(server.url, app, users[0]?.id ?? "", connector)).body.access_token
    expect(JSON.stringify(all)).not.toContain(token)

    expect(usersOf(await list("?owner_kind=app"))).toEqual([null])
    expect(usersOf(await list(`?user_id=${users[1]?.id}`))).toEqual([users[1]?.id])
    expect(usersOf(await list("?user_id="))).toEqual([])
    expect(usersOf(await list(`?owner_kind=app_user&connector_id=${connector}&limit=2`))).toEqual([
      users[0]?.id,
      users[1]?.id,
    ])
    expect(usersOf(await list("?connector_id=con_other"))).toEqual([])
    expect(usersOf(await list("?status=disconnected"))).toEqual([])
    const pages: unknown[] = []
    for (let cursor: string | null = ""; cursor !== null;) {
      const page: ListBody = await list(`?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`)
      pages.push(...usersOf(page))
      cursor = page.next_cursor
    }
    expect(pages).toEqual(usersOf(all))
    for (const bad of ["?status=alive", "?owner_kind=x", "?limit=0", "?limit=201", "?limit=x", "?cursor=x"])
      expect((await call(server.url, "GET", `/api/apps/${app.id}/connections${bad}`)).status).toBe(400)
  })

  test("an editor ends a user's connection, a viewer may not", async () => {
    await connectAll()
    const [first] = (await list(`?user_id=${users[0]?.id}`)).connections
    const path = `/api/apps/${app.id}/connections/${String(first?.["id"])}`
    const viewer = await addMember(server, { workspaceId: workspace, role: "viewer" })
    expect((await call(server.url, "DELETE", path, { as: viewer.as })).status).toBe(403)
    expect((await call(server.url, "GET", `/api/apps/${app.id}/connections`, { as: viewer.as })).status).toBe(
      200,
    )
    const ended = await call(server.url, "DELETE", path)
    expect(ended).toMatchObject({
      status: 200,
      body: { status: "disconnected", id: first?.["id"], revoked: "revoked" },
    })
    expect((await tokenOfUser(server.url, app, users[0]?.id ?? "", connector)).status).toBe(404)
    expect((await tokenOfUser(server.url, app, users[1]?.id ?? "", connector)).status).toBe(200)
    expect(await call(server.url, "DELETE", path)).toMatchObject({
      status: 200,
      body: { revoked: "unsupported" },
    })
    expect(usersOf(await list("?status=disconnected"))).toEqual([users[0]?.id])
  })

  test("a connection of another app, and one that is not there, cannot be ended", async () => {
    await connectAll()
    const [first] = (await list()).connections
    const sibling = await createApp(server.url)
    for (const id of [String(first?.["id"]), "conn_none"]) {
      const refused = await call(server.url, "DELETE", `/api/apps/${sibling.id}/connections/${id}`)
      expect(refused).toMatchObject({ status: 404, body: { code: "NOT_FOUND" } })
    }
  })

  test("a shared connection of one connector can be ended by itself", async () => {
    const begun = await initiate(server.url, app, type, { connector_id: connector })
    expect((await consent(begun.redirect_url ?? "", { account: `solo${tests}@example.com` })).status).toBe(
      200,
    )
    const path = `/api/apps/${app.id}/external-auth/tokens/connectors/${connector}`
    const as = { bearer: app.serviceKey }
    expect((await call(server.url, "GET", path, { as })).status).toBe(200)
    const ended = await call(server.url, "DELETE", `/api/apps/${app.id}/connections/${begun.connection_id}`)
    expect(ended).toMatchObject({ status: 200, body: { revoked: "revoked" } })
    expect((await call(server.url, "GET", path, { as })).status).toBe(404)
  })

  test("a job goes through all connected users of a connector, by page", async () => {
    await connectAll()
    const path = userPath(app, connector, "/users")
    const as = { bearer: app.serviceKey }
    const jobs = (query = "") =>
      call<{ users: { user_id: string; status: string }[]; next_cursor: string | null }>(
        server.url,
        "GET",
        path + query,
        { as },
      )
    const first = await jobs("?limit=2")
    const rest = await jobs(`?limit=2&cursor=${first.body.next_cursor}`)
    expect([...first.body.users, ...rest.body.users]).toEqual(
      users.map(({ id }) => ({
        user_id: id,
        status: "connected",
        account: { id: expect.any(String), label: `${id}@example.com` },
        missing_scopes: [],
      })),
    )
    expect(rest.body.next_cursor).toBeNull()
    for (const { user_id } of first.body.users)
      expect((await tokenOfUser(server.url, app, user_id, connector)).status).toBe(200)
    await call(server.url, "DELETE", userPath(app, connector), { as: { bearer: users[0]?.token ?? "" } })
    expect((await jobs()).body.users).toHaveLength(2)
    expect(await call(server.url, "GET", userPath(app, "con_none", "/users"), { as })).toMatchObject({
      status: 404,
    })
  })

  test("after a change of scopes the count and the list say who has to connect again, and reconnecting mends it", async () => {
    await connectAll()
    const path = `/api/workspace/${workspace}/connectors/${connector}`
    const changed = await call(server.url, "PUT", path, { body: { scopes: [read, write] } })
    expect(changed.body["reconnect_required"]).toBe(3)
    const missing = () => list("?missing_scopes=true&limit=2", `${path}/connections`)
    const first = await missing()
    const rest = await list(`?missing_scopes=true&limit=2&cursor=${first.next_cursor}`, `${path}/connections`)
    expect(new Set([...usersOf(first), ...usersOf(rest)])).toEqual(new Set(users.map(({ id }) => id)))
    expect(first.connections[0]).toMatchObject({ missing_scopes: [write], status: "active" })
    const [user] = users
    if (!user) throw new Error("no user")
    expect((await statusFor(server.url, app, user, connector)).body).toMatchObject({
      status: "connected",
      missing_scopes: [write],
    })
    await connectUser(server.url, app, user, connector, { account: `${user.id}@example.com` })
    expect(usersOf(await list("?missing_scopes=true", `${path}/connections`))).toHaveLength(2)
    expect(usersOf(await list("", `${path}/connections`))).toHaveLength(3)
    expect((await tokenFor(server.url, app, user, connector)).body.scopes).toContain(write)
    for (const bad of ["?missing_scopes=1", "?cursor=x"])
      expect((await call(server.url, "GET", `${path}/connections${bad}`)).status).toBe(400)
  })

  test("deleting a connector revokes and destroys all its connections, shared and users', however many", async () => {
    await connectAll()
    const begun = await initiate(server.url, app, type, { connector_id: connector })
    await consent(begun.redirect_url ?? "", { account: `deleted${tests}@example.com` })
    await withStorage(server, async ({ connections }) => {
      for (let index = 0; index < 450; index += 1)
        await connections.saveGrant(unreadableGrant(workspace, app.id, connector, index))
    })
    const before = (await requestsTo(server.url, type, "revoke")).length
    const path = `/api/workspace/${workspace}/connectors/${connector}`
    expect((await list("?limit=200")).connections).toHaveLength(200)
    expect((await call(server.url, "DELETE", path)).status).toBe(200)
    expect((await requestsTo(server.url, type, "revoke")).length).toBe(before + 4)
    expect((await list()).connections).toEqual([])
    expect((await call(server.url, "DELETE", path)).status).toBe(404)
    for (const user of users) expect((await tokenFor(server.url, app, user, connector)).status).toBe(404)
  })

  test("deleting an app ends its users' connections", async () => {
    await connectAll()
    const before = (await requestsTo(server.url, type, "revoke")).length
    expect((await call(server.url, "DELETE", `/api/apps/${app.id}`)).status).toBe(200)
    expect((await requestsTo(server.url, type, "revoke")).length).toBe(before + 3)
  })
})

/** A row like any other, except that nobody can open its token. */
function unreadableGrant(workspaceId: string, appId: string, connectorId: string, index: number): GrantWrite {
  const now = Date.now()
  return {
    id: `conn_${appId}_${index}`,
    workspaceId,
    appId,
    ownerKind: "app_user",
    ownerId: `many-${index}`,
    slot: `connector:${connectorId}`,
    type,
    connectorId,
    credentialSource: "sandbox",
    connectedBy: null,
    requestedScopes: [],
    grantedScopes: [],
    accountId: null,
    accountLabel: null,
    config: {},
    generation: 1,
    sealedAccessToken: new Uint8Array([1]),
    sealedRefreshToken: null,
    issuedAt: now,
    expiresAt: null,
    refreshDueAt: null,
    refreshAheadAt: null,
    now,
  }
}
