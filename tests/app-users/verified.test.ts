/** `connect_completion: "verified"`: the app's page ends the consent with the user's own token. SECURITY.md line 1. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import {
  allowOrigins,
  backOf,
  completeBy,
  connectUser,
  createConnector,
  createUser,
  initiateFor,
  statusFor,
  type TestUser,
} from "../harness/app-users.ts"
import { consent } from "../harness/connect.ts"
import { moveClock, requestsTo } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { eventually, minuteMs, tokenCalls } from "../authorization/steps.ts"
import { withStorage } from "../security/with-storage.ts"

const type = "googlecalendar"
const page = "https://app.example/settings"

describe.each(databases)("verified completion on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let connector: string
  let user: TestUser
  let ada: string
  let grace: string
  let tests = 0
  let callsBefore: number

  beforeAll(async () => {
    server = await startTestServer({ database, revocationIntervalMs: 200 })
  })
  beforeEach(async () => {
    tests += 1
    ada = `ada${tests}@example.com`
    grace = `grace${tests}@example.com`
    app = await createApp(server.url)
    connector = await createConnector(server.url, { integration_type: type })
    user = await createUser(server.url, app)
    await allowOrigins(server.url, app, ["https://app.example"])
    await completeBy(server.url, app, "verified")
    callsBefore = await tokenCalls(server.url, type)
  })
  afterAll(() => server.destroy())

  const callsSince = async () => (await tokenCalls(server.url, type)) - callsBefore
  const revokes = async () => (await requestsTo(server.url, type, "revoke")).length
  const status = async () => (await statusFor(server.url, app, user, connector)).body

  /** As far as the final page: its handle. */
  async function upToHandle(account = ada): Promise<string> {
    const begun = await initiateFor(server.url, app, user, connector, { body: { return_to: page } })
    const back = backOf(await consent(begun.body.redirect_url, { account }))
    const handle = back?.message["connect_handle"]
    if (typeof handle !== "string") throw new Error(`no handle: ${JSON.stringify(back)}`)
    expect(back?.url.searchParams.get("connect_handle")).toBe(handle)
    expect(back?.leaves).toBe(true)
    return handle
  }

  const complete = (handle: string, more: Record<string, unknown> = {}, as = user, of = app) =>
    call(server.url, "POST", `/api/apps/${of.id}/app-user-auth/complete`, {
      as: { bearer: as.token },
      body: { handle, ...more },
    })

  test("nothing is exchanged before the user's own session says so, and then once", async () => {
    const handle = await upToHandle()
    expect(await callsSince()).toBe(0)
    expect(await status()).toMatchObject({ status: "not_connected" })
    const answers = await Promise.all(Array.from({ length: 20 }, () => complete(handle)))
    expect(answers.filter((one) => one.status === 200)).toHaveLength(1)
    expect(answers.filter((one) => one.status === 410)).toHaveLength(19)
    expect(answers.find((one) => one.status === 200)?.body).toEqual({
      status: "connected",
      connector_id: connector,
      connection_id: expect.stringMatching(/^conn_/),
    })
    expect(await callsSince()).toBe(1)
    expect(await status()).toMatchObject({ status: "connected", account: { label: ada } })
    expect(await complete(handle)).toMatchObject({ status: 410, body: { code: "ATTEMPT_OVER" } })
  })

  test("another user of the app is refused: no token call, the attempt is over, and it is audited", async () => {
    const handle = await upToHandle()
    const victim = await createUser(server.url, app)
    expect(await complete(handle, {}, victim)).toMatchObject({
      status: 403,
      body: { code: "AUTHORIZATION_REFUSED" },
    })
    expect(await complete(handle)).toMatchObject({ status: 410 })
    expect(await callsSince()).toBe(0)
    for (const one of [user, victim])
      expect((await statusFor(server.url, app, one, connector)).body["status"]).toBe("not_connected")
    const events = await withStorage(server, async ({ accounts, audit }) => {
      const [workspace] = await accounts.listWorkspaces(
        (await accounts.findMemberByEmail("owner@localhost"))?.id ?? "",
      )
      return audit.list(workspace?.id ?? "", { appId: app.id, limit: 50 })
    })
    expect(events).toContainEqual(
      expect.objectContaining({
        actor: `app_user:${victim.id}`,
        action: "connection.complete",
        outcome: "AUTHORIZATION_REFUSED",
      }),
    )
  })

  test("a user of another app, and who guesses, is told what an unknown handle is told", async () => {
    const handle = await upToHandle()
    const sibling = await createApp(server.url)
    const namesake = await createUser(server.url, sibling, { user_id: user.id })
    const foreign = await complete(handle, {}, namesake, sibling)
    const unknown = await complete("A".repeat(43), {}, namesake, sibling)
    expect(foreign.status).toBe(410)
    expect({ ...foreign.body, request_id: "" }).toEqual({ ...unknown.body, request_id: "" })
    expect(await complete(handle)).toMatchObject({ status: 200 })
  })

  test("a handle is good for two minutes", async () => {
    const handle = await upToHandle()
    await moveClock(server.url, 2 * minuteMs)
    expect(await complete(handle)).toMatchObject({
      status: 410,
      body: { code: "ATTEMPT_OVER", detail: expect.stringContaining("two minutes") },
    })
    expect(await callsSince()).toBe(0)
  })

  test("the handle is stored hashed, and neither it nor the code stands in the database in clear", async () => {
    const handle = await upToHandle()
    const stored = await withStorage(server, async (storage) =>
      (await storage.attempts.listStale(Number.MAX_SAFE_INTEGER, 500)).map((one) => JSON.stringify(one)),
    )
    expect(stored.some((one) => one.includes('"status":"verify_user"'))).toBe(true)
    for (const one of stored) expect(one).not.toContain(handle)
  })

  test("another account asks the app first; the old one stays until it has answered", async () => {
    const first = await complete(await upToHandle())
    const handle = await upToHandle(grace)
    const before = await revokes()
    for (let times = 0; times < 2; times += 1) {
      expect(await complete(handle)).toMatchObject({
        status: 409,
        body: { code: "ACCOUNT_CHANGED", old_account: ada, new_account: grace },
      })
    }
    expect(await status()).toMatchObject({ status: "connected", account: { label: ada } })
    const other = await createUser(server.url, app)
    expect(await complete(handle, { replace: true }, other)).toMatchObject({ status: 403 })
    expect(await complete(handle, { replace: true })).toMatchObject({
      status: 200,
      body: { status: "connected", connection_id: first.body["connection_id"] },
    })
    expect(await status()).toMatchObject({ account: { label: grace } })
    expect(await complete(handle, { replace: true })).toMatchObject({ status: 410 })
    await eventually(async () => expect(await revokes()).toBe(before + 1))
  })

  test("the app may keep the old account: the new grant is revoked", async () => {
    await complete(await upToHandle())
    const handle = await upToHandle(grace)
    await complete(handle)
    const before = await revokes()
    expect(await complete(handle, { replace: false })).toMatchObject({
      status: 200,
      body: { status: "kept" },
    })
    expect(await status()).toMatchObject({ status: "connected", account: { label: ada } })
    await eventually(async () => expect(await revokes()).toBe(before + 1))
  })

  test("without a page that could end it nothing begins", async () => {
    for (const headers of [{}, { "x-origin-url": "https://evil.example/" }]) {
      const refused = await initiateFor(server.url, app, user, connector, { headers })
      expect(refused).toMatchObject({ status: 400, body: { code: "INVALID_REQUEST", field: "return_to" } })
    }
    const headers = { "x-origin-url": page }
    expect((await initiateFor(server.url, app, user, connector, { headers })).status).toBe(200)
  })

  test("a denied consent is told like any other, without a handle", async () => {
    const begun = await initiateFor(server.url, app, user, connector, { body: { return_to: page } })
    const back = backOf(await consent(begun.body.redirect_url, { deny: true }))
    expect(back?.message).toMatchObject({ status: "error", error: "AUTHORIZATION_DENIED" })
    expect(back?.message).not.toHaveProperty("connect_handle")
  })

  test("members' shared connections end with the click, as ever", async () => {
    await completeBy(server.url, app, "confirm")
    await connectUser(server.url, app, user, connector, { account: ada })
    expect(await status()).toMatchObject({ status: "connected" })
  })

  test("a body without a handle is malformed", async () => {
    const path = `/api/apps/${app.id}/app-user-auth/complete`
    const as = { bearer: user.token }
    for (const body of [{}, { handle: "" }, { handle: 1 }, { handle: "x", replace: "yes" }, null])
      expect((await call(server.url, "POST", path, { as, body })).status).toBe(400)
  })
})
