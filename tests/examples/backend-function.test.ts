/** The example's functions, as they are, under Deno: they may reach this machine and nothing else. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { moveClock, requestsTo } from "../harness/sandbox.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"

const root = join(import.meta.dirname, "../..")

let server: TestServer
let home: string
beforeAll(async () => {
  server = await startTestServer({ database: "sqlite" })
  home = await mkdtemp(join(tmpdir(), "grantry-deno-"))
})
afterAll(async () => {
  await server.destroy()
  await rm(home, { recursive: true, force: true })
})

interface RunningFunction {
  readonly process: ChildProcess
  readonly url: string
  readonly said: () => string
}

async function serveUnderDeno(file: string): Promise<RunningFunction> {
  const offline = ["--no-prompt", "--no-lock", "--no-remote", "--cached-only"]
  const permissions = ["--allow-net=127.0.0.1,localhost", "--allow-env"]
  const path = join(root, "examples/backend-function", file)
  const args = ["run", "--conditions=grantry-source", ...offline, ...permissions, path]
  const child = spawn(join(root, "node_modules/.bin/deno"), args, {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      DENO_DIR: join(home, "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0",
      GOOGLE_API_URL: `${server.url}/sandbox/googlecalendar/www.googleapis.com`,
      NODE_ENV: "production",
      NO_COLOR: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  const url = await new Promise<string>((resolve, reject) => {
    child.once("error", reject)
    child.once("exit", () => reject(new Error(`Deno ended: ${said}`)))
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text
        const address = /Listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1]
        if (address !== undefined) resolve(address)
      })
    }
  })
  return { process: child, url, said: () => said }
}

describe.each(["upcoming-events.ts", "upcoming-events-base44.ts"])("%s", (file) => {
  let running: RunningFunction
  let app: TestApp
  beforeAll(async () => {
    running = await serveUnderDeno(file)
  })
  afterAll(async () => {
    const ended = once(running.process, "exit")
    running.process.kill("SIGTERM")
    await ended
  })
  beforeEach(async () => {
    app = await createApp(server.url)
    await connectShared(server.url, app, "googlecalendar")
  })

  /** With the headers that a request gets on its way through the server. */
  const callFunction = () =>
    call(running.url, "GET", "/", {
      as: null,
      headers: {
        "base44-app-id": app.id,
        "base44-api-url": server.url,
        "base44-service-authorization": `Bearer ${app.serviceKey}`,
      },
    })
  const calendarCalls = async () => (await requestsTo(server.url, "googlecalendar", "api")).length

  test("answers with what the service's API says, today and when the token has run out", async () => {
    const before = await calendarCalls()
    const first = await callFunction()
    expect(first).toMatchObject({ status: 200, body: { kind: "sandbox#resource" } })
    await moveClock(server.url, 24 * 3_600_000)
    expect((await callFunction()).status).toBe(200)
    expect(await calendarCalls()).toBe(before + 2)
  })

  test("says in its log what is missing once the account is disconnected", async () => {
    await call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/googlecalendar`)
    expect((await callFunction()).status).toBe(500)
    expect(running.said()).toContain("Connector connection not found")
  })

  test("refuses a request that did not come through the server", async () => {
    const before = await calendarCalls()
    expect((await call(running.url, "GET", "/", { as: null })).status).toBe(500)
    expect(running.said()).toContain("Base44-App-Id header is required")
    expect(await calendarCalls()).toBe(before)
  })
})
