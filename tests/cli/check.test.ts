/** `grantry connectors check`: the whole life of a connection, in an app of its own. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent } from "../harness/connect.ts"
import { resetSandbox, setFault } from "../harness/sandbox.ts"
import { ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { type Home, makeHome, program } from "./run-cli.ts"
import { keys, openTerminal, type Terminal } from "./terminal.ts"

// Each command is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

let server: TestServer
let home: Home
beforeAll(async () => {
  server = await startTestServer({ database: "sqlite" })
})
afterAll(() => server.destroy())
beforeEach(async () => {
  await resetSandbox(server.url)
  home = await makeHome({ GRANTRY_URL: server.url, GRANTRY_API_KEY: ownerKey })
  return () => home[Symbol.asyncDispose]()
})

const start = (...args: readonly string[]): Terminal =>
  openTerminal(process.execPath, [program, "connectors", "check", ...args], { cwd: home.path, env: home.env })

async function consentTo(terminal: Terminal, type: string): Promise<void> {
  const [, link] = await terminal.see(new RegExp(`${type}: (http\\S+)`))
  await consent(link ?? "")
}

const apps = async () =>
  (await call<{ id: string }[]>(server.url, "GET", "/api/apps")).body.map(({ id }) => id)

test("types go through every step in an app that is gone afterwards", async () => {
  const before = await apps()
  const terminal = start("--type", "dropbox,notion", "--sandbox", "--no-browser")
  await consentTo(terminal, "dropbox")
  await consentTo(terminal, "notion")
  await terminal.see(/TYPE +CONNECT +API CALL +REFRESH +API CALL +DISCONNECT/)
  await terminal.see(/dropbox +ok +ok +ok +ok +ok/)
  await terminal.see(/notion +ok +ok +ok +ok +ok/)
  expect(await terminal.exit).toBe(0)
  expect(await apps()).toEqual(before)
})

test("what failed is told in the provider's words: exit code 1", async () => {
  const terminal = start("--type", "dropbox", "--sandbox", "--no-browser")
  const [, link] = await terminal.see(/dropbox: (http\S+)/)
  await setFault(server.url, "dropbox", "refresh_reuse")
  await consent(link ?? "")
  await terminal.see(/dropbox +ok +ok +failed +skipped/)
  await terminal.see(/✗ dropbox refresh: .*invalid_grant/)
  expect(await terminal.exit).toBe(1)
})

test("Ctrl-C leaves no app behind", async () => {
  const before = await apps()
  const terminal = start("--type", "dropbox", "--sandbox", "--no-browser")
  await terminal.see(/Waiting for your consent/)
  expect(await apps()).toHaveLength(before.length + 1)
  terminal.press(keys.interrupt)
  expect(await terminal.exit).toBe(130)
  expect(await apps()).toEqual(before)
})

test("an OAuth client of one's own is checked by default, the sandbox's types only when asked for", async () => {
  const none = await home.run(["connectors", "check", "--all"])
  expect(none.code).toBe(1)
  expect(none.stderr).toContain("No connector type has an OAuth client of yours.")
  const emulated = await home.run(["connectors", "check", "--type", "slack"])
  expect(emulated.code).toBe(2)
  expect(emulated.stderr).toContain("--sandbox")
  const unknown = await home.run(["connectors", "check", "--type", "slak", "--sandbox"])
  expect(unknown.stderr).toContain("Did you mean slack?")
})

describe("in an app that is in use", () => {
  let app: TestApp
  beforeEach(async () => {
    app = await createApp(server.url)
    await connectShared(server.url, app, "dropbox")
  })

  test("a connected type is left alone", async () => {
    const before = await fetchToken(server.url, app, "dropbox")
    const { code, stdout } = await home.run([
      "connectors",
      "check",
      "--type",
      "dropbox",
      "--sandbox",
      "--app",
      app.id,
    ])
    expect(code).toBe(1)
    expect(stdout).toContain("it is connected in that app and was left alone")
    expect((await fetchToken(server.url, app, "dropbox")).body).toEqual(before.body)
  })

  test("--use-existing checks it and leaves it connected", async () => {
    const args = ["connectors", "check", "--type", "dropbox", "--sandbox", "--app", app.id, "--use-existing"]
    const result = await home.json<{ ok: boolean; checks: { steps: { step: string; outcome: string }[] }[] }>(
      args,
    )
    expect(result.ok).toBe(true)
    expect(result.checks[0]?.steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual([
      "connect kept",
      "api_call ok",
      "refresh ok",
      "api_call_after_refresh ok",
      "disconnect kept",
    ])
    expect((await fetchToken(server.url, app, "dropbox")).status).toBe(200)
  })
})
