/** The published `base44` CLI, unmodified, against the server. */
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { type Home, makeHome, type Ran, runProgram } from "../cli/run-cli.ts"
import { keys, openTerminal, type Terminal } from "../cli/terminal.ts"
import { createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent } from "../harness/connect.ts"
import { ownerKey, startTestServer, type TestServer } from "../harness/server.ts"

const program = join(dirname(createRequire(import.meta.url).resolve("base44/package.json")), "bin/run.js")

vi.setConfig({ testTimeout: 90_000 })

let server: TestServer
let app: TestApp
let home: Home
beforeAll(async () => {
  server = await startTestServer({ database: "sqlite" })
})
afterAll(() => server.destroy())
beforeEach(async () => {
  app = await createApp(server.url)
  home = await makeHome({
    BASE44_API_URL: server.url,
    BASE44_API_KEY: ownerKey,
    BASE44_DISABLE_TELEMETRY: "1",
    BROWSER: "/bin/true",
    // Eleven megabytes in one file: compiled once, not with every command.
    NODE_COMPILE_CACHE: join(import.meta.dirname, "../../node_modules/.cache/base44-cli"),
    // It would ask npm's registry for a newer version of itself, and wait for that.
    BASE44_CLI_TEST_OVERRIDES: '{"latestVersion":null}',
  })
  return () => home[Symbol.asyncDispose]()
})

const command = (args: readonly string[]) => [program, ...args, "--app-id", app.id]

function run(...args: readonly string[]): Promise<Ran> {
  return runProgram(process.execPath, command(args), { cwd: home.path, env: home.env, input: "" })
}

async function json<Result>(...args: readonly string[]): Promise<Result> {
  const { stderr, stdout } = await run(...args, "--json")
  try {
    return JSON.parse(stdout) as Result
  } catch {
    throw new Error(`not JSON: ${stdout}\n${stderr}`)
  }
}

function start(...args: readonly string[]): Terminal {
  return openTerminal(process.execPath, command(args), { cwd: home.path, env: home.env })
}

const declare = (type: string, scopes: readonly string[]) =>
  home.write(`connectors/${type}.jsonc`, JSON.stringify({ type, scopes }))

describe("with an API key and --json", () => {
  test("connectors list-available lists every type", async () => {
    const { integrations } = await json<{ integrations: { integrationType: string }[] }>(
      "connectors",
      "list-available",
    )
    expect(integrations.length).toBeGreaterThanOrEqual(46)
    expect(integrations.map((one) => one.integrationType)).toContain("slack")
  })

  test("connectors initiate answers a link that connects", async () => {
    const begun = await json<{ redirectUrl: string; alreadyAuthorized: boolean }>(
      "connectors",
      "initiate",
      "--integration-type",
      "slack",
      "--scopes",
      "chat:write",
    )
    expect(begun.alreadyAuthorized).toBe(false)
    await consent(begun.redirectUrl)
    expect((await fetchToken(server.url, app, "slack")).body.scopes).toEqual(["chat:write"])
    expect(
      await json("connectors", "initiate", "--integration-type", "slack", "--scopes", "chat:write"),
    ).toMatchObject({ alreadyAuthorized: true })
  })

  test("connectors push answers links and removes what is not declared", async () => {
    await connectShared(server.url, app, "notion")
    await declare("slack", ["chat:write"])
    const pushed = await json<Record<string, unknown>>("connectors", "push", "--yes")
    expect(JSON.stringify(pushed)).toMatch(/"redirectUrl":"http[^"]+\/connect\//)
    expect((await fetchToken(server.url, app, "notion")).status).toBe(404)
  })

  test("connectors pull writes files that push finds up to date, and ours reads them", async () => {
    await declare("slack", ["chat:write"])
    const begun = await json<{ redirectUrl: string }>(
      "connectors",
      "initiate",
      "--integration-type",
      "slack",
      "--scopes",
      "chat:write",
    )
    await consent(begun.redirectUrl)
    await home.write("connectors/slack.jsonc", "{}".replace("{}", '{"type":"slack","scopes":[]}'))
    expect(await json("connectors", "pull")).toMatchObject({ pulled: 1, written: ["slack"], deleted: [] })
    expect(JSON.stringify(await json("connectors", "push", "--yes"))).toContain('"synced"')
    const env = { GRANTRY_URL: server.url, GRANTRY_API_KEY: ownerKey, GRANTRY_APP_ID: app.id }
    expect((await home.run(["connectors", "pull"], { env })).stdout).toBe("connectors is up to date.\n")
  })
})

describe("in a terminal", () => {
  test("connectors push leads through the consents", async () => {
    await declare("slack", ["chat:write"])
    const terminal = start("connectors", "push")
    await terminal.see(/Are you sure you want to continue\?/)
    terminal.press(keys.enter)
    const [, link] = await terminal.see(/slack: (http\S+)/)
    await terminal.see(/Open browser to authorize now\?/)
    terminal.press(keys.enter)
    await terminal.see(/Waiting for slack authorization/)
    await consent(link ?? "")
    await terminal.see(/slack authorization complete/)
    await terminal.see(/Added: slack/)
    expect(await terminal.exit).toBe(0)
    expect((await fetchToken(server.url, app, "slack")).status).toBe(200)
  })

  test("connectors initiate waits until the account is connected", async () => {
    const terminal = start("connectors", "initiate", "--integration-type", "notion")
    const [, link] = await terminal.see(/Authorize notion here: (http\S+)/)
    await terminal.see(/Open browser to authorize now\?/)
    terminal.press(keys.enter)
    await terminal.see(/Waiting for notion authorization/)
    await consent(link ?? "")
    await terminal.see(/notion authorized/)
    expect(await terminal.exit).toBe(0)
  })

  test("connectors pull and list-available say what they did", async () => {
    await connectShared(server.url, app, "notion")
    const pulling = start("connectors", "pull")
    await pulling.see(/Written: notion/)
    expect(await pulling.exit).toBe(0)
    const listing = start("connectors", "list-available")
    await listing.see(/Found \d+ available integrations/)
    expect(await listing.exit).toBe(0)
  })
})
