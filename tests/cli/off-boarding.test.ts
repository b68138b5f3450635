/** Ending much at once from the command line, without a terminal, against a real server. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { workspaceOf } from "../harness/app-users.ts"
import { connectShared } from "../harness/connect.ts"
import { join } from "../harness/members.ts"
import { moveClock } from "../harness/sandbox.ts"
import { ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { type Home, makeHome } from "./run-cli.ts"

// Each command is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

let server: TestServer
let ws: string
beforeAll(async () => {
  server = await startTestServer({ database: "sqlite", revocationIntervalMs: 100, offBoardingIntervalMs: 50 })
  ws = await workspaceOf(server.url)
})
afterAll(() => server.destroy())

let app: TestApp
let home: Home
beforeEach(async () => {
  app = await createApp(server.url, "My app")
  home = await makeHome({ GRANTRY_URL: server.url, GRANTRY_API_KEY: ownerKey })
  return () => home[Symbol.asyncDispose]()
})

describe("grantry disconnect", () => {
  test("does nothing until it is told what, and told its name", async () => {
    await connectShared(server.url, app, "slack")
    const nothing = await home.run(["disconnect"])
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining("Say what to disconnect") })
    const unconfirmed = await home.run(["disconnect", "--app", app.id])
    expect(unconfirmed).toMatchObject({ code: 2, stderr: expect.stringContaining('--confirm "My app"') })
    const wrong = await home.run(["disconnect", "--app", app.id, "--confirm", "Mine"])
    expect(wrong.code).toBe(2)
    expect((await fetchToken(server.url, app, "slack")).status).toBe(200)
  })

  test("ends what is named, waits for it and says what the providers answered", async () => {
    await connectShared(server.url, app, "slack")
    const { code, stdout } = await home.run(["disconnect", "--app", app.id, "--watch", "--confirm", "My app"])
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^done: 1 of 1 connections disconnected; at the providers \d revoked/),
    })
    expect((await fetchToken(server.url, app, "slack")).status).toBe(404)
  })

  test("of one type in the workspace, as JSON", async () => {
    await connectShared(server.url, app, "dropbox")
    const flags = ["--type", "dropbox", "--watch", "--confirm", "dropbox"]
    expect(await home.json(["disconnect", ...flags])).toMatchObject({
      status: "done",
      integration_type: "dropbox",
      connections: { total: 1, done: 1, failed: 0 },
    })
  })
})

test("grantry members remove lists what they connected, and asks for --yes without a terminal", async () => {
  const gone = await join(server.url, ws, "viewer")
  expect((await home.run(["members", "remove", gone.memberId])).code).toBe(2)
  expect((await home.run(["members", "list"])).stdout).toContain(gone.email)
  const removed = await home.run(["members", "remove", gone.memberId, "--disconnect", "--watch", "--yes"])
  expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining("0 of 0 connections") })
  expect((await home.run(["members", "list"])).stdout).not.toContain(gone.email)
})

test("grantry workspaces delete needs the name, and shows how it goes on", async () => {
  const made = await call<{ id: string }>(server.url, "POST", "/api/workspace/workspaces", {
    body: { name: "Old team" },
  })
  const path = `/api/workspace/${made.body.id}/api-keys`
  const key = await call<{ key: string }>(server.url, "POST", path, { body: { name: "x" } })
  const env = { GRANTRY_API_KEY: key.body.key }
  expect((await home.run(["workspaces", "list"], { env })).stdout).toContain("Old team")
  expect((await home.run(["workspaces", "delete", made.body.id], { env })).code).toBe(2)
  const deleting = home.run(["workspaces", "delete", made.body.id, "--watch", "--confirm", "Old team"], {
    env,
  })
  // What was on its way when it was closed is waited for.
  await expect
    .poll(async () => (await call(server.url, "GET", "/api/apps", { as: { apiKey: key.body.key } })).status, {
      timeout: 60_000,
    })
    .toBe(401)
  await moveClock(server.url, 10 * 60_000)
  expect(await deleting).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("is gone, and its keys are destroyed"),
  })
})
