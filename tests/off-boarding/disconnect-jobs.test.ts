/** "Disconnect everything of …" as a job. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectUser, createConnector, createUser, workspaceOf } from "../harness/app-users.ts"
import { connectShared } from "../harness/connect.ts"
import { callFrom, join, type Person } from "../harness/members.ts"
import { liveTokens, resetSandbox, setFault } from "../harness/sandbox.ts"
import { databases, startTestServer, type TestServer } from "../harness/server.ts"
import { endedJob, type JobBody, jobsPath, startJob } from "./steps.ts"

describe.each(databases)("disconnecting everything on %s", (database) => {
  let server: TestServer
  let url: string
  let ws: string
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database, revocationIntervalMs: 100, offBoardingIntervalMs: 50 })
    url = server.url
    ws = await workspaceOf(url)
  })
  afterAll(() => server.destroy())
  beforeEach(async () => {
    await resetSandbox(url)
    app = await createApp(url, "My app")
  })
  afterEach(async () => {
    await call(url, "DELETE", `/api/apps/${app.id}`)
  })

  const statusOf = async (type: string): Promise<number> => (await fetchToken(url, app, type)).status

  test("of an app ends its shared connections and its users', revokes them, and counts each once", async () => {
    const connectorId = await createConnector(url, { integration_type: "notion" })
    await connectShared(url, app, "slack")
    await connectShared(url, app, "googlecalendar")
    for (let users = 0; users < 3; users += 1)
      await connectUser(url, app, await createUser(url, app), connectorId)
    const other = await createApp(url, "Other app")
    await connectShared(url, other, "dropbox")

    const started = await startJob(url, ws, { app_id: app.id, confirm: "My app" })
    expect(started).toMatchObject({
      status: 202,
      body: { app_id: app.id, connections: { total: 5 }, asked_by: expect.stringMatching(/^member:/) },
    })
    const job = await endedJob(url, ws, started.body.id)
    expect(job).toMatchObject({ status: "done", connections: { total: 5, done: 5, failed: 0 } })
    const { failed, pending, revoked, unsupported } = job.revocations
    expect([revoked + unsupported, pending, failed]).toEqual([5, 0, 0])
    expect(await statusOf("slack")).toBe(404)
    expect(await statusOf("googlecalendar")).toBe(404)
    expect(await liveTokens(url, "googlecalendar")).toEqual([])
    expect((await fetchToken(url, other, "dropbox")).status).toBe(200)
    await call(url, "DELETE", `/api/apps/${other.id}`)
  })

  test("of one type in one app leaves the other types and the other apps", async () => {
    await connectShared(url, app, "slack")
    await connectShared(url, app, "dropbox")
    const other = await createApp(url, "Other app")
    await connectShared(url, other, "slack")
    const covers = { app_id: app.id, integration_type: "slack", confirm: "slack" }
    const started = await startJob(url, ws, covers)
    expect(await endedJob(url, ws, started.body.id)).toMatchObject({ connections: { total: 1, done: 1 } })
    expect([await statusOf("slack"), await statusOf("dropbox")]).toEqual([404, 200])
    expect((await fetchToken(url, other, "slack")).status).toBe(200)
    await call(url, "DELETE", `/api/apps/${other.id}`)
  })

  test("of one connector ends every user's, of one user ends only that one's", async () => {
    const connectorId = await createConnector(url, { integration_type: "notion", name: "Notes" })
    const [ada, bob] = [await createUser(url, app), await createUser(url, app)]
    await connectUser(url, app, ada, connectorId)
    await connectUser(url, app, bob, connectorId)
    const ofUser = await startJob(url, ws, { app_id: app.id, user_id: ada.id, confirm: ada.id })
    expect(await endedJob(url, ws, ofUser.body.id)).toMatchObject({ connections: { total: 1, done: 1 } })
    const ofConnector = await startJob(url, ws, { connector_id: connectorId, confirm: "Notes" })
    expect(await endedJob(url, ws, ofConnector.body.id)).toMatchObject({ connections: { total: 1, done: 1 } })
  })

  test("asks for the name of what is disconnected, and says which it is", async () => {
    await connectShared(url, app, "slack")
    expect(await startJob(url, ws, { app_id: app.id, confirm: "my app" })).toMatchObject({
      status: 422,
      body: { code: "CONFIRMATION_REQUIRED", detail: expect.stringContaining('"My app"') },
    })
    expect(await startJob(url, ws, { user_id: "ada", confirm: "ada" })).toMatchObject({
      status: 422,
      body: { code: "INVALID_REQUEST" },
    })
    expect(await statusOf("slack")).toBe(200)
  })

  test("names of nothing in this workspace answer as missing ones", async () => {
    for (const covers of [
      { app_id: "app_00000000000000000000000000" },
      { connector_id: "con_00000000000000000000000000" },
      { connected_by: "mem_00000000000000000000000000" },
    ])
      expect(await startJob(url, ws, { ...covers, confirm: "x" })).toMatchObject({ status: 404 })
  })

  test("an editor may not; every member of the workspace sees how it goes", async () => {
    const editor = await join(url, ws, "editor")
    const key = await editorKey(url, ws, editor)
    expect(await startJob(url, ws, { app_id: app.id, confirm: "My app" }, key)).toMatchObject({
      status: 403,
      body: { code: "ROLE_REQUIRED" },
    })
    const started = await startJob(url, ws, { app_id: app.id, confirm: "My app" })
    expect(await call(url, "GET", `${jobsPath(ws)}/${started.body.id}`, { as: key })).toMatchObject({
      status: 200,
    })
    expect(await call(url, "POST", `${jobsPath(ws)}/${started.body.id}/cancel`, { as: key })).toMatchObject({
      status: 403,
    })
  })

  test("a provider that is away keeps nothing connected: its revocations wait and come to an end", async () => {
    await connectShared(url, app, "googlecalendar")
    await setFault(url, "googlecalendar", "5xx_then_ok", { endpoint: "revoke", times: 2 })
    const started = await startJob(url, ws, { app_id: app.id, confirm: "My app" })
    const job = await endedJob(url, ws, started.body.id, { revoked: false })
    expect(job.connections).toMatchObject({ total: 1, done: 1, failed: 0 })
    expect(await statusOf("googlecalendar")).toBe(404)
    expect((await endedJob(url, ws, started.body.id)).revocations).toMatchObject({ revoked: 1, pending: 0 })
  })

  test("deleting an app with disconnect=true answers with the job, and the app goes when it is done", async () => {
    await connectShared(url, app, "slack")
    const hook = { url: "http://127.0.0.1:9/hook", events: ["connection.connected"], app_id: app.id }
    await call(url, "POST", `/api/workspace/${ws}/webhooks`, { body: hook })
    const deleting = await call<{ status: string; disconnect_job: JobBody }>(
      url,
      "DELETE",
      `/api/apps/${app.id}?disconnect=true`,
    )
    expect(deleting).toMatchObject({ status: 202, body: { status: "deleting", id: app.id } })
    const job = await endedJob(url, ws, deleting.body.disconnect_job.id)
    expect(job).toMatchObject({ ends_with: "app", status: "done", connections: { total: 1, done: 1 } })
    expect(await call(url, "GET", `/api/apps/${app.id}`)).toMatchObject({ status: 404 })
    const hooks = await call<{ webhooks: { app_id: string | null }[] }>(
      url,
      "GET",
      `/api/workspace/${ws}/webhooks`,
    )
    expect(hooks.body.webhooks.filter((one) => one.app_id === app.id)).toEqual([])
  })

  test("the list is paged, newest first", async () => {
    const first = await startJob(url, ws, { app_id: app.id, integration_type: "slack", confirm: "slack" })
    const second = await startJob(url, ws, {
      app_id: app.id,
      integration_type: "dropbox",
      confirm: "dropbox",
    })
    await endedJob(url, ws, first.body.id)
    await endedJob(url, ws, second.body.id)
    type List = { disconnect_jobs: JobBody[]; next_cursor: string | null }
    const one = await call<List>(url, "GET", `${jobsPath(ws)}?limit=1`)
    const next = await call<List>(url, "GET", `${jobsPath(ws)}?limit=1&cursor=${one.body.next_cursor}`)
    const ids = [...one.body.disconnect_jobs, ...next.body.disconnect_jobs].map(({ id }) => id)
    expect(new Set(ids)).toEqual(new Set([first.body.id, second.body.id]))
  })
})

async function editorKey(url: string, ws: string, { browser }: Person) {
  const path = `/api/workspace/${ws}/api-keys`
  const made = await callFrom<{ key: string }>(browser, url, "POST", path, { name: "editor's" })
  return { apiKey: made.body.key }
}

describe.each(databases)("a job that nobody works on yet, on %s", (database) => {
  let server: TestServer
  let url: string
  let ws: string
  let app: TestApp
  beforeAll(async () => {
    server = await startTestServer({ database, offBoardingIntervalMs: 3_600_000 })
    url = server.url
    ws = await workspaceOf(url)
    app = await createApp(url, "My app")
    await connectShared(url, app, "slack")
  })
  afterAll(() => server.destroy())

  test("is answered again to whoever asks for the same, also at once", async () => {
    const ask = () => startJob(url, ws, { app_id: app.id, confirm: "My app" })
    const answers = await Promise.all(Array.from({ length: 8 }, ask))
    expect(new Set(answers.map(({ body, status }) => `${status} ${body.id}`)).size).toBe(1)
    const other = await startJob(url, ws, { integration_type: "slack", confirm: "slack" })
    expect(other.body.id).not.toBe(answers[0]?.body.id)
  })

  test("can be cancelled: what is connected stays so", async () => {
    const started = await startJob(url, ws, { app_id: app.id, confirm: "My app" })
    const path = `${jobsPath(ws)}/${started.body.id}/cancel`
    expect(await call(url, "POST", path)).toMatchObject({ status: 200, body: { status: "cancelled" } })
    expect(await call(url, "POST", path)).toMatchObject({ status: 200, body: { status: "cancelled" } })
    expect((await fetchToken(url, app, "slack")).status).toBe(200)
    const again = await startJob(url, ws, { app_id: app.id, confirm: "My app" })
    expect(again.body.id).not.toBe(started.body.id)
  })
})
