/** The commands of whoever runs the server: serve, keys rotate, doctor. */
import { type ChildProcess, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest"
import { call, createApp, fetchToken } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { firstWorkspace } from "../harness/members.ts"
import { createDatabase } from "../harness/postgres.ts"
import { databases, ownerKey, startTestServer } from "../harness/server.ts"
import { type Home, makeHome, program } from "./run-cli.ts"

// Each command is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

const newKey = (id: string): string => `${id}:${randomBytes(32).toString("base64")}`

interface Finding {
  readonly check: string
  readonly status: string
  readonly detail: string
  readonly fix?: string
}
interface Doctor {
  readonly ok: boolean
  readonly findings: readonly Finding[]
}

let home: Home
beforeEach(async () => {
  home = await makeHome()
})
afterEach(() => home[Symbol.asyncDispose]())

const failedIn = ({ findings }: Doctor) => findings.filter(({ status }) => status === "failed")

describe("serve", () => {
  async function listening(child: ChildProcess): Promise<string> {
    let text = ""
    for await (const chunk of child.stderr ?? []) {
      text += String(chunk)
      const found = /listens at (\S+)/.exec(text)?.[1]
      if (found !== undefined) return found
    }
    throw new Error(`it did not start: ${text}`)
  }

  test("flags override variables, and a signal ends it with code 0", async () => {
    const flags = ["--port", "0", "--data-dir", "data", "--log-level", "warn", "--sandbox", "off"]
    const child = spawn(process.execPath, [program, "serve", ...flags], {
      cwd: home.path,
      env: { ...home.env, GRANTRY_PORT: "1", GRANTRY_BOOTSTRAP_API_KEY: ownerKey },
    })
    const exited = new Promise((done) => child.on("exit", done))
    const url = await listening(child)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    expect((await fetch(`${url}/sandbox`)).status).toBe(404)
    child.kill("SIGINT")
    expect(await exited).toBe(0)
    expect(await home.read("data/master.key")).toContain("development:")
  })

  test("a bad value is named with its flag: exit code 2", async () => {
    const { code, stderr } = await home.run(["serve", "--port", "many"])
    expect(code).toBe(2)
    expect(stderr).toContain('--port is "many", but it must be')
  })
})

describe.each(databases)("keys rotate on %s", (database) => {
  test("re-wraps while the server serves, and then the old key may go", async () => {
    const [first, second] = [newKey("first"), newKey("second")]
    const own = database === "postgres" ? await createDatabase() : undefined
    const databaseUrl = own?.url ?? `file:${join(home.path, "grantry.db")}`
    const start = (keys: string) =>
      startTestServer({ database, databaseUrl, env: { GRANTRY_MASTER_KEY: keys } })
    const rotate = (keys: string) =>
      home.run(["keys", "rotate"], { env: { GRANTRY_DATABASE_URL: databaseUrl, GRANTRY_MASTER_KEY: keys } })
    const before = await start(first)
    const app = await createApp(before.url)
    await connectShared(before.url, app, "slack")
    await before.destroy()

    const during = await start(`${second},${first}`)
    const { code, stdout } = await rotate(`${second},${first}`)
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        '1 data keys are wrapped by "second" now.\nNothing needs first any more: it may leave GRANTRY_MASTER_KEY.\n',
    })
    expect((await fetchToken(during.url, app, "slack")).status).toBe(200)
    await during.destroy()

    const after = await start(second)
    expect((await fetchToken(after.url, app, "slack")).status).toBe(200)
    await after.destroy()
    const wrong = await rotate(first)
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain("second")
    await own?.drop()
  })
})

describe.each(databases)("workspaces set-plan on %s", (database) => {
  test("opens what a plan is required for, while the server serves, and stands in the workspace's audit", async () => {
    const own = database === "postgres" ? await createDatabase() : undefined
    const databaseUrl = own?.url ?? `file:${join(home.path, "grantry.db")}`
    const env = { GRANTRY_MASTER_KEY: newKey("first"), GRANTRY_REQUIRED_PLAN: "pro" }
    const server = await startTestServer({ database, databaseUrl, env })
    const at = { env: { ...env, GRANTRY_DATABASE_URL: databaseUrl, GRANTRY_PORT: "1" } }
    const ws = await firstWorkspace(server.url)
    const body = { integration_type: "slack", name: "Slack" }
    const register = () => call(server.url, "POST", `/api/workspace/${ws}/connectors`, { body })

    expect((await register()).body["code"]).toBe("PLAN_REQUIRED")
    expect(await home.json(["workspaces", "set-plan", ws, "elite"], at)).toEqual({
      workspace_id: ws,
      plan: "elite",
      before: "free",
    })
    expect((await register()).status).toBe(200)
    const { body: audit } = await call<{ audit_events: unknown[] }>(
      server.url,
      "GET",
      `/api/workspace/${ws}/audit-events?action=workspace.set_plan`,
    )
    expect(audit.audit_events).toEqual([
      expect.objectContaining({ actor: "operator", target: "free to elite", outcome: "ok" }),
    ])

    const unknownPlan = await home.run(["workspaces", "set-plan", ws, "gold"], at)
    expect(unknownPlan).toMatchObject({ code: 2, stderr: expect.stringContaining("free, builder, pro") })
    const nowhere = await home.run(["workspaces", "set-plan", "ws_none", "pro"], at)
    expect(nowhere).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("There is no workspace ws_none"),
    })
    await server.destroy()
    await own?.drop()
  })
})

describe.each(databases)("keys new-epoch on %s", (database) => {
  test("gives each workspace a new data key while the server serves, and the old ones go on opening", async () => {
    const own = database === "postgres" ? await createDatabase() : undefined
    const databaseUrl = own?.url ?? `file:${join(home.path, "grantry.db")}`
    const env = { GRANTRY_MASTER_KEY: newKey("first") }
    const server = await startTestServer({ database, databaseUrl, env })
    const app = await createApp(server.url)
    await connectShared(server.url, app, "slack")
    const at = { env: { ...env, GRANTRY_DATABASE_URL: databaseUrl, GRANTRY_PORT: "1" } }
    const doctor = async () =>
      (await home.json<Doctor>(["doctor"], at)).findings.find(({ check }) => check === "data keys")
    expect(await doctor()).toMatchObject({
      status: "ok",
      detail: "1 in 1 workspaces; of those in use none has used more than 0.01 % of its seals",
    })

    expect(await home.json(["keys", "new-epoch"], at)).toEqual({ made: 1 })
    expect(await doctor()).toMatchObject({
      detail: "2 in 1 workspaces; of those in use none has used more than 0.00 % of its seals",
    })
    expect((await fetchToken(server.url, app, "slack")).status).toBe(200)
    await server.restart()
    expect((await fetchToken(server.url, app, "slack")).status).toBe(200)
    await server.destroy()
    await own?.drop()
  })
})

describe("doctor, on the server's machine", () => {
  const doctor = (env: Readonly<Record<string, string>> = {}) =>
    home.json<Doctor>(["doctor"], { env: { GRANTRY_PORT: "1", ...env } })

  test("has nothing to say against a first start", async () => {
    const { code, stdout } = await home.run(["doctor"], { env: { GRANTRY_PORT: "1" } })
    expect(code).toBe(0)
    expect(stdout).toContain("✓ database  will be made at the first start")
    expect(stdout).toContain("· server")
  })

  test("names bad variables", async () => {
    const found = await doctor({ GRANTRY_PUBLIC_URL: "nowhere" })
    expect(failedIn(found)).toMatchObject([
      { check: "configuration", detail: expect.stringContaining("GRANTRY_PUBLIC_URL") },
    ])
  })

  test("notices another master key, changing nothing", async () => {
    const server = await startTestServer({ database: "sqlite", env: { GRANTRY_MASTER_KEY: newKey("mine") } })
    onTestFinished(() => server.destroy())
    const env = { GRANTRY_DATABASE_URL: server.databaseUrl, GRANTRY_MASTER_KEY: newKey("other") }
    expect(failedIn(await doctor(env))).toMatchObject([
      { check: "master key", detail: expect.stringContaining('"mine"') },
    ])
  })

  test("notices a PostgreSQL that is not there, without its password", async () => {
    const found = await doctor({ GRANTRY_DATABASE_URL: "postgres://someone:the-password@127.0.0.1:1/none" })
    expect(failedIn(found).map(({ check }) => check)).toEqual(["database"])
    expect(JSON.stringify(found)).not.toContain("the-password")
  })

  test("asks every provider with an OAuth client, through the guarded client", async () => {
    await home.write("catalog/near.json", JSON.stringify(operatorType("near", "https://localhost")))
    const found = await doctor({
      GRANTRY_CATALOG_DIR: join(home.path, "catalog"),
      GRANTRY_NEAR_CLIENT_ID: "id",
      GRANTRY_NEAR_CLIENT_SECRET: "a-secret-of-the-client",
    })
    expect(failedIn(found)).toMatchObject([{ check: "provider of near" }])
    expect(JSON.stringify(found)).not.toContain("a-secret-of-the-client")
  })
})

function operatorType(type: string, origin: string) {
  return {
    type,
    displayName: "Near",
    description: "A service nearby.",
    authorize: { url: `${origin}/authorize`, defaultScopes: ["read"] },
    token: { url: `${origin}/token`, clientAuth: "basic", lifetimeS: 3600 },
    refresh: { rotates: false, reuseGraceS: null },
    revocation: null,
    identity: { request: { method: "GET", url: `${origin}/me`, headers: {}, id: ["{id}"], label: ["{id}"] } },
    api: { baseUrls: [`${origin}/api`] },
    scopes: [{ scope: "read", meaning: "Read" }],
    setup: { registerUrl: `${origin}/apps`, documentationUrl: `${origin}/docs`, pitfalls: [] },
  }
}

describe("doctor --url", () => {
  test("looks at a server from outside, as a member", async () => {
    const server = await startTestServer({ database: "sqlite" })
    onTestFinished(() => server.destroy())
    await createApp(server.url)
    const found = await home.json<Doctor>(["doctor", "--url", server.url], {
      env: { GRANTRY_API_KEY: ownerKey },
    })
    expect(found.ok).toBe(true)
    expect(found.findings.map(({ check, status }) => `${check} ${status}`)).toEqual([
      "Node ok",
      "server ok",
      "database and keys ok",
      "clock ok",
      "sign-in ok",
      "redirect URIs ok",
      "public URL ok",
      "providers skipped",
    ])
  })

  test("notices a clock that is off and a server that is none", async () => {
    const peer = createServer((_request, response) => {
      response.setHeader("date", new Date(Date.now() - 600_000).toUTCString())
      response.setHeader("content-type", "application/json")
      response.end('{"status":"ok"}')
    })
    await new Promise<void>((resolve) => peer.listen(0, "127.0.0.1", resolve))
    onTestFinished(() => new Promise((done) => peer.close(() => done())))
    const url = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`
    expect(failedIn(await home.json<Doctor>(["doctor", "--url", url]))).toMatchObject([
      {
        check: "clock",
        detail: expect.stringMatching(/differ by (59|60)\d s/),
        fix: expect.stringContaining("NTP"),
      },
    ])
    const gone = await home.run(["doctor", "--url", "http://127.0.0.1:1"])
    expect(gone.code).toBe(1)
    expect(gone.stdout).toContain("✗ server")
  })
})
