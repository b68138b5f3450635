/** The numbers behind the health page. */
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { moveClock, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"

interface Health {
  readonly counted_at: string
  readonly connections: readonly Record<string, unknown>[]
}

describe.each(databases)("a workspace's health on %s", (database) => {
  let server: TestServer
  let app: TestApp
  let path: string

  beforeAll(async () => {
    server = await startTestServer({ database })
    const { body } = await call<{ workspaces: { id: string }[] }>(
      server.url,
      "GET",
      "/api/workspace/workspaces",
    )
    path = `/api/workspace/${body.workspaces[0]?.id}/health`
    app = await createApp(server.url)
  })
  afterAll(() => server.destroy())

  const read = async () => (await call<Health>(server.url, "GET", path)).body.connections
  /** What took long to count is answered for a while before it is counted again. */
  const patience = { timeout: 60_000 }
  const line = (type: string, status: string, numbers: Record<string, unknown> = {}) => ({
    integration_type: type,
    status,
    connections: 1,
    with_trouble: 0,
    due_now: 0,
    oldest_due_at: null,
    refreshed_last_hour: 0,
    ...numbers,
  })

  test("counts nothing while nothing is connected", async () => {
    expect(await read()).toEqual([])
  })

  test("counts by type and status, what is due, what was refreshed, and what is in trouble", async () => {
    for (const type of ["dropbox", "googlecalendar"]) await connectShared(server.url, app, type)
    await expect.poll(read, patience).toEqual([line("dropbox", "active"), line("googlecalendar", "active")])

    await moveClock(server.url, 24 * 3_600_000)
    const due = { due_now: 1, oldest_due_at: expect.stringMatching(/^\d{4}-.*Z$/) as unknown }
    await expect
      .poll(read, patience)
      .toEqual([line("dropbox", "active", due), line("googlecalendar", "active", due)])

    await setFault(server.url, "dropbox", "invalid_grant")
    await fetchToken(server.url, app, "dropbox")
    await fetchToken(server.url, app, "googlecalendar")
    await expect
      .poll(read, patience)
      .toEqual([
        line("dropbox", "expired", { with_trouble: 1 }),
        line("googlecalendar", "active", { refreshed_last_hour: 1 }),
      ])
  })

  test("a disconnected account is counted as such", async () => {
    await call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/googlecalendar`)
    await expect
      .poll(read, patience)
      .toContainEqual(line("googlecalendar", "disconnected", { refreshed_last_hour: 1 }))
  })
})
