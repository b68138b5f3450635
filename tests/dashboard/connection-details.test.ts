/** All about one connection, as the dashboard shows it. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { moveClock, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"

describe.each(databases)("a connection's details on %s", (database) => {
  let server: TestServer
  let app: TestApp

  beforeAll(async () => {
    server = await startTestServer({ database })
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  const read = (id: string) =>
    call<Record<string, unknown>>(server.url, "GET", `/api/apps/${app.id}/connections/${id}`)

  test("they say whose account it is, what was asked for, and when it is refreshed; never a token", async () => {
    const { connection_id: id } = await connectShared(server.url, app, "dropbox", {
      account: "ada@example.com",
    })
    const token = (await fetchToken(server.url, app, "dropbox")).body.access_token
    const { body, status } = await read(id ?? "")
    expect(status).toBe(200)
    expect(body).toMatchObject({
      addressed_by: "type",
      status: "active",
      account: { label: "ada@example.com" },
      connected_by: "owner@localhost",
      trouble: null,
      last_refreshed_at: null,
      missing_scopes: [],
    })
    expect(body["requested_scopes"]).not.toEqual([])
    expect(Date.parse(String(body["expires_at"]))).toBeGreaterThan(Date.parse(String(body["refresh_due_at"])))
    expect(JSON.stringify(body)).not.toContain(token)
  })

  test("a refresh moves its times, and a dead grant says why and since when", async () => {
    const { connection_id: id } = await connectShared(server.url, app, "googlecalendar")
    await moveClock(server.url, 24 * 3_600_000)
    await fetchToken(server.url, app, "googlecalendar")
    expect((await read(id ?? "")).body["last_refreshed_at"]).not.toBeNull()
    await setFault(server.url, "googlecalendar", "invalid_grant")
    await moveClock(server.url, 24 * 3_600_000)
    await fetchToken(server.url, app, "googlecalendar")
    expect((await read(id ?? "")).body).toMatchObject({
      status: "expired",
      trouble: { code: "invalid_grant" },
    })
  })
})
