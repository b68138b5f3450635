/** The command line in a terminal, with a person's browser beside it. */
import { chmod } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest"
import { createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent } from "../harness/connect.ts"
import { ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { type Home, makeHome, program } from "./run-cli.ts"
import { keys, openTerminal, type Terminal } from "./terminal.ts"

// Each command is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ database: "sqlite" })
})
afterAll(() => server.destroy())

let app: TestApp
let home: Home
beforeEach(async () => {
  app = await createApp(server.url)
  home = await makeHome({ GRANTRY_URL: server.url, GRANTRY_API_KEY: ownerKey, GRANTRY_APP_ID: app.id })
  return () => home[Symbol.asyncDispose]()
})

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Terminal {
  return openTerminal(process.execPath, [program, ...args], { cwd: home.path, env: { ...home.env, ...env } })
}

const declare = (type: string, scopes: readonly string[]) =>
  home.write(`base44/connectors/${type}.jsonc`, JSON.stringify({ type, scopes }))

async function consentTo(link: string | undefined, deny = false): Promise<void> {
  await consent(link ?? "", { deny })
}

test("push shows the changes, asks, waits for each consent and sums up", async () => {
  await declare("notion", [])
  await declare("slack", ["chat:write"])
  const terminal = start(["connectors", "push", "--no-browser"])
  await terminal.see(/\+ notion/)
  await terminal.see(/\+ chat:write/)
  await terminal.see(/Push these changes\?/)
  terminal.press(keys.enter)
  await consentTo((await terminal.see(/notion: (http\S+)/))[1])
  await consentTo((await terminal.see(/slack: (http\S+)/))[1])
  await terminal.see(/✓ notion connected/)
  await terminal.see(/✓ slack connected/)
  expect(await terminal.exit).toBe(0)
  expect((await fetchToken(server.url, app, "slack")).status).toBe(200)
})

test("Esc leaves one connector out and goes on with the next", async () => {
  await declare("notion", [])
  await declare("slack", ["chat:write"])
  const terminal = start(["connectors", "push", "--yes", "--no-browser"])
  await terminal.see(/Waiting for your consent to notion \(Esc or s skips it\)/)
  terminal.press(keys.escape)
  await consentTo((await terminal.see(/slack: (http\S+)/))[1])
  await terminal.see(/○ notion skipped/)
  await terminal.see(/✓ slack connected/)
  expect(await terminal.exit).toBe(0)
  expect((await fetchToken(server.url, app, "notion")).status).toBe(404)
})

test("a denied consent fails that connector: exit code 1", async () => {
  await declare("slack", ["chat:write"])
  const terminal = start(["connectors", "push", "--yes", "--no-browser"])
  await consentTo((await terminal.see(/slack: (http\S+)/))[1], true)
  await terminal.see(/✗ slack/)
  expect(await terminal.exit).toBe(1)
})

test("whoever says no pushes nothing", async () => {
  await connectShared(server.url, app, "notion")
  await declare("slack", ["chat:write"])
  const terminal = start(["connectors", "push"])
  await terminal.see(/- notion/)
  await terminal.see(/Push these changes\?/)
  terminal.press(keys.no)
  await terminal.see(/Nothing was pushed/)
  expect(await terminal.exit).toBe(0)
  expect((await fetchToken(server.url, app, "notion")).status).toBe(200)
})

test("Ctrl-C while waiting ends the command", async () => {
  const terminal = start(["connectors", "initiate", "slack", "--no-browser"])
  await terminal.see(/Waiting for your consent/)
  terminal.press(keys.interrupt)
  expect(await terminal.exit).not.toBe(0)
})

test("the consent page is opened in the person's browser", async () => {
  const opened = join(home.path, "opened")
  const browser = join(home.path, "browser")
  await home.write("browser", `#!/bin/sh\necho "$1" > ${opened}\n`)
  await chmod(browser, 0o755)
  const terminal = start(["connectors", "initiate", "slack"], { BROWSER: browser })
  const [, link] = await terminal.see(/slack: (http\S+)/)
  await expect.poll(() => home.read("opened"), { timeout: 10_000 }).toBe(`${link}\n`)
  await consentTo(link)
  await terminal.see(/slack is connected/)
  expect(await terminal.exit).toBe(0)
})

test("an API key is typed without being shown", async () => {
  const terminal = start(["login", "--api-key"], { GRANTRY_API_KEY: "" })
  await terminal.see(/API key of/)
  terminal.press(ownerKey)
  terminal.press(keys.enter)
  await terminal.see(/Signed in at/)
  expect(await terminal.exit).toBe(0)
  expect(terminal.screen()).not.toContain(ownerKey)
})
