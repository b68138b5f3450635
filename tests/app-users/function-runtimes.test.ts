/** Functions behind the gateway, under Node and Deno, with both SDKs as they are. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectUser, createConnector, createUser, tokenFor } from "../harness/app-users.ts"
import { connectShared } from "../harness/connect.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"

const root = join(import.meta.dirname, "../..")
const program = join(import.meta.dirname, "function-program.mjs")
const offline = ["--no-prompt", "--no-lock", "--no-remote", "--cached-only"]
const commands = {
  node: ["--conditions=grantry-source"],
  deno: [
    "run",
    "--conditions=grantry-source",
    ...offline,
    "--allow-net=127.0.0.1,localhost",
    "--allow-env",
    "--allow-read",
  ],
} as const

let server: TestServer
let home: string
beforeAll(async () => {
  server = await startTestServer({ database: "sqlite" })
  home = await mkdtemp(join(tmpdir(), "grantry-functions-"))
})
afterAll(async () => {
  await server.destroy()
  await rm(home, { recursive: true, force: true })
})

interface RunningFunction {
  readonly process: ChildProcess
  readonly url: string
}

async function serve(runtime: keyof typeof commands, sdk: string): Promise<RunningFunction> {
  const child = spawn(join(root, "node_modules/.bin", runtime), [...commands[runtime], program, sdk], {
    cwd: root,
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      DENO_DIR: join(home, "deno"),
      DENO_NO_UPDATE_CHECK: "1",
      NODE_ENV: "production",
      NO_COLOR: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  const url = await new Promise<string>((resolve, reject) => {
    child.once("error", reject)
    child.once("exit", () => reject(new Error(`${runtime} ended: ${said}`)))
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text
        const address = /Listening on (http:\S+)/.exec(said)?.[1]
        if (address !== undefined) resolve(address)
      })
    }
  })
  return { process: child, url }
}

describe.each([
  ["node", "@base44/sdk"],
  ["deno", "@base44/sdk"],
  ["node", "@grantry/sdk"],
  ["deno", "@grantry/sdk"],
] as const)("a function under %s with %s", (runtime, sdk) => {
  let running: RunningFunction
  let app: TestApp
  beforeAll(async () => {
    running = await serve(runtime, sdk)
    app = await createApp(server.url)
    await connectShared(server.url, app, "slack")
    await call(server.url, "PUT", `/api/apps/${app.id}`, { body: { functions_upstream: running.url } })
  })
  afterAll(async () => {
    const ended = once(running.process, "exit")
    running.process.kill("SIGTERM")
    await ended
  })

  test("knows the user who called and fetches the app's token and the user's own", async () => {
    const ann = await createUser(server.url, app, { user_id: "u-1", email: "ann@example.com", name: "Ann" })
    const connector = await createConnector(server.url, { integration_type: "notion" })
    await connectUser(server.url, app, ann, connector)
    const path = `/api/apps/${app.id}/functions/whoami?connector=${connector}`
    const answer = await call(server.url, "POST", path, { as: { bearer: ann.token }, body: {} })
    const user =
      sdk === "@base44/sdk" ? { id: "u-1", email: "ann@example.com", full_name: "Ann", role: "user" } : null
    const accessToken = (await fetchToken(server.url, app, "slack")).body.access_token
    const ownAccessToken = (await tokenFor(server.url, app, ann, connector)).body.access_token
    expect([answer.status, answer.body]).toEqual([200, { accessToken, ownAccessToken, user }])
    expect(ownAccessToken).not.toBe(accessToken)
  })
})
