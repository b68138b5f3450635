/** The connector commands without a terminal, against a real server. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest"
import { createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent } from "../harness/connect.ts"
import { ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { type Home, makeHome, type Ran } from "./run-cli.ts"

// Each command is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

interface Pushed {
  readonly results: readonly { type: string; outcome: string; redirect_url?: string; error?: string }[]
}

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

const push = (...flags: readonly string[]): Promise<Ran> => home.run(["connectors", "push", ...flags])
const write = (name: string, text: string) => home.write(`base44/connectors/${name}`, text)

/** Pushes and consents to whatever waits for it. */
async function pushAll(): Promise<Pushed> {
  const pushed = await home.json<Pushed>(["connectors", "push", "--yes"])
  for (const { redirect_url: link } of pushed.results) if (link) await consent(link)
  return pushed
}

describe("push without a terminal", () => {
  test("shows what changes, prints the links and exits 0", async () => {
    await write("slack.jsonc", '// for the team\n{ "type": "slack", "scopes": ["chat:write"], }')
    const { code, stderr, stdout } = await push()
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    expect(stdout).toMatch(/\+ slack\n {4}\+ chat:write\n→ slack waits for a consent\n {4}http\S+\/connect\//)
  })

  test("what is connected already is up to date", async () => {
    await write("slack.jsonc", '{ "type": "slack", "scopes": ["chat:write"] }')
    await pushAll()
    const { code, stdout } = await push()
    expect(code).toBe(0)
    expect(stdout).toContain("1 unchanged")
    expect(stdout).toContain("· slack up to date")
    expect((await fetchToken(server.url, app, "slack")).body.scopes).toEqual(["chat:write"])
  })

  test("scopes that a file does not name are the service's defaults", async () => {
    await write("slack.jsonc", '{ "type": "slack" }')
    await pushAll()
    expect((await fetchToken(server.url, app, "slack")).body.scopes.length).toBeGreaterThan(0)
    expect((await home.json<Pushed>(["connectors", "push"])).results).toEqual([
      { type: "slack", outcome: "unchanged" },
    ])
  })

  test("changed scopes are shown one by one, and the old token works until the new consent", async () => {
    await write("slack.jsonc", '{ "type": "slack", "scopes": ["chat:write"] }')
    await pushAll()
    await write("slack.jsonc", '{ "type": "slack", "scopes": ["channels:read"] }')
    const { stdout } = await push()
    expect(stdout).toMatch(/~ slack\n {4}\+ channels:read\n {4}- chat:write\n/)
    expect((await fetchToken(server.url, app, "slack")).status).toBe(200)
  })

  test("nobody is there to agree to a removal: nothing is pushed without --yes", async () => {
    await connectShared(server.url, app, "notion")
    await write("slack.jsonc", '{ "type": "slack", "scopes": [] }')
    const refused = await push()
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain("This would remove notion")
    expect((await fetchToken(server.url, app, "notion")).status).toBe(200)
    const agreed = await push("--yes")
    expect(agreed.code).toBe(0)
    expect(agreed.stdout).toMatch(/- notion\n/)
    expect((await fetchToken(server.url, app, "notion")).status).toBe(404)
  })

  test("values that a service needs before consent come from the file", async () => {
    await write("bamboohr.jsonc", '{ "type": "bamboohr", "connection_config": { "subdomain": "acme" } }')
    await pushAll()
    expect((await fetchToken(server.url, app, "bamboohr")).body.connection_config).toMatchObject({
      subdomain: "acme",
    })
  })
})

describe("a file that is wrong", () => {
  test.each([
    ["an unknown type", '{\n  "type": "slak"\n}', ':2:11: unknown type "slak": did you mean "slack"?'],
    [
      "an unknown field",
      '{ "type": "slack",\n  "scope": [] }',
      ':2:3: unknown field "scope": did you mean "scopes"?',
    ],
    ["no type", '{ "scopes": [] }', ':1:1: has no "type"'],
    [
      "scopes that are no list",
      '{ "type": "slack", "scopes": "chat:write" }',
      ':1:30: "scopes" must be a list',
    ],
    ["a scope that is no text", '{ "type": "slack", "scopes": [1] }', ":1:31: a scope must be text"],
    ["a field given twice", '{ "type": "slack", "type": "slack" }', ':1:20: "type" is given twice'],
    ["what is no JSON", '{ "type": "slack" "scopes": [] }', ":1:19: not JSON: comma expected"],
    ["no object", '["slack"]', ":1:1: must hold an object"],
    ["nothing", "", ":1:1: not JSON"],
    [
      "a value that the service has not",
      '{ "type": "slack", "connection_config": { "a": "b" } }',
      ':1:43: Slack (user) takes no connection_config; remove "a"',
    ],
    [
      "a value of the wrong form",
      '{ "type": "bamboohr", "connection_config": { "subdomain": "a.b/c" } }',
      "subdomain: ",
    ],
  ])("%s: file, line and column, and nothing is pushed", async (_what, text, expected) => {
    await write("wrong.jsonc", text)
    await write("notion.jsonc", '{ "type": "notion" }')
    const { code, stderr, stdout } = await push("--yes")
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
    expect(stderr).toContain("base44/connectors/wrong.jsonc:")
    expect(stderr).toContain(expected)
    expect((await home.json<{ integrations: [] }>(["connectors", "status"])).integrations).toEqual([])
  })

  test("a type in two files is refused, naming both", async () => {
    await write("a.jsonc", '{ "type": "slack" }')
    await write("b.json", '{ "type": "slack" }')
    const { code, stderr } = await push()
    expect(code).toBe(1)
    expect(stderr).toContain(
      'base44/connectors/b.json:1:11: the type "slack" stands in base44/connectors/a.jsonc too',
    )
  })

  test("with --json the problems are data", async () => {
    await write("wrong.jsonc", '{ "type": "slak" }')
    const answer = await home.json<{ error: { code: string; problems: unknown[] } }>(["connectors", "push"])
    expect(answer.error.code).toBe("INVALID_CONNECTOR_FILES")
    expect(answer.error.problems).toEqual([
      expect.objectContaining({ file: "base44/connectors/wrong.jsonc", line: 1, column: 11 }),
    ])
  })
})

describe("pull", () => {
  const pull = (...flags: readonly string[]) => home.run(["connectors", "pull", ...flags])

  test("writes what is new, deletes what is gone, and leaves the rest as it is", async () => {
    const kept = '// mine\n{ "type": "slack", "scopes": ["channels:read", "chat:write"], }\n'
    await write("slack.jsonc", '{ "type": "slack", "scopes": ["chat:write", "channels:read"] }')
    await pushAll()
    await connectShared(server.url, app, "notion")
    await write("slack.jsonc", kept)
    await write("gmail.jsonc", '{ "type": "gmail" }')
    const { code, stdout } = await pull()
    expect(code).toBe(0)
    expect(stdout).toBe("written  notion\ndeleted  gmail\nPulled into base44/connectors.\n")
    expect(await home.read("base44/connectors/slack.jsonc")).toBe(kept)
    expect(JSON.parse(await home.read("base44/connectors/notion.jsonc"))).toMatchObject({ type: "notion" })
    await expect(home.read("base44/connectors/gmail.jsonc")).rejects.toThrow("ENOENT")
    expect((await pull()).stdout).toBe("base44/connectors is up to date.\n")
  })

  test("changes the scopes of a file and nothing else in it", async () => {
    await write("slack.jsonc", '{ "type": "slack", "scopes": ["chat:write"] }')
    await pushAll()
    await write("slack.jsonc", '{\n  // the team\n  "type": "slack",\n  "scopes": [], // none yet\n}\n')
    await pull()
    expect(await home.read("base44/connectors/slack.jsonc")).toBe(
      '{\n  // the team\n  "type": "slack",\n  "scopes": [\n    "chat:write"\n  ], // none yet\n}\n',
    )
  })

  test("--dir names the folder, also a new one", async () => {
    await connectShared(server.url, app, "notion")
    expect((await home.run(["connectors", "pull", "--dir", "here/files"])).code).toBe(0)
    expect(await home.read("here/files/notion.jsonc")).toContain("notion")
  })
})

describe("single connectors", () => {
  test("initiate prints a link, status shows the connection, disconnect ends it", async () => {
    const begun = await home.json<{ redirect_url: string }>([
      "connectors",
      "initiate",
      "dropbox",
      "--scopes",
      "account_info.read",
    ])
    await consent(begun.redirect_url)
    expect((await home.run(["connectors", "status"])).stdout).toMatch(
      /dropbox +active +\S+@\S+ +account_info.read\n/,
    )
    const ended = await home.run(["connectors", "disconnect", "dropbox"])
    expect(ended.stdout).toContain("dropbox is disconnected: the provider has revoked the grant.")
    expect((await home.run(["connectors", "status"])).stdout).toMatch(/dropbox +disconnected/)
    await home.run(["connectors", "disconnect", "dropbox", "--forget"])
    expect((await home.run(["connectors", "status"])).stdout).toContain("Nothing is connected")
  })

  test("a misspelt type is refused with the nearest names", async () => {
    const { code, stderr } = await home.run(["connectors", "initiate", "slak"])
    expect(code).toBe(1)
    expect(stderr).toContain("Did you mean slack?")
  })
})

describe("apps and keys", () => {
  test("an app is created and chosen; a key of it is shown once and works until it is revoked", async () => {
    const env = { GRANTRY_APP_ID: "" }
    const created = await home.json<{ id: string }>(["apps", "create", "From the terminal"], { env })
    expect((await home.run(["apps", "use", created.id], { env })).code).toBe(0)
    const made = await home.run(["keys", "create", "backend"], { env })
    const key = made.stdout.trim()
    expect(key).toMatch(/^gsk_/)
    const mine = { id: created.id, serviceKey: key }
    await connectShared(server.url, mine, "slack")
    expect((await fetchToken(server.url, mine, "slack")).status).toBe(200)
    const { keys } = await home.json<{ keys: { id: string; name: string }[] }>(["keys", "list"], { env })
    expect(keys.map(({ name }) => name)).toEqual(["backend"])
    await home.run(["keys", "revoke", keys[0]?.id ?? ""], { env })
    expect((await fetchToken(server.url, mine, "slack")).status).toBe(401)
  })

  test("--workspace makes API keys", async () => {
    const { workspaces } = await home.json<{ workspaces: { id: string }[] }>(["whoami"])
    const made = await home.run(["keys", "create", "ci", "--workspace", workspaces[0]?.id ?? ""])
    const who = await home.run(["whoami"], { env: { GRANTRY_API_KEY: made.stdout.trim() } })
    expect({ code: who.code, key: made.stdout.slice(0, 5) }).toEqual({ code: 0, key: "b44k_" })
  })

  test("the other CLI's link file chooses the app too", async () => {
    await home.write("p/base44/.app.jsonc", `// linked\n{ "id": "${app.id}", }\n`)
    const answer = await home.json<{ app: string }>(["connectors", "status"], {
      cwd: "p",
      env: { GRANTRY_APP_ID: "" },
    })
    expect(answer.app).toBe(app.id)
  })
})
