/** `grantry audit …`: over HTTP, and beside the server's own data while it serves. */
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { call, createApp, fetchToken } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { createDatabase, type TestDatabase } from "../harness/postgres.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { openRaw } from "../security/raw-database.ts"
import { type Home, makeHome } from "./run-cli.ts"

// Each command is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 180_000 })

interface Verified {
  readonly ok: boolean
  readonly workspaces: readonly {
    readonly workspace: string
    readonly head: string
    readonly checked: number
  }[]
}

describe.each(databases)("audit on %s", (database) => {
  let home: Home
  let own: TestDatabase | undefined
  let server: TestServer
  let env: Readonly<Record<string, string>>
  let ws: string

  beforeEach(async () => {
    home = await makeHome()
    own = database === "postgres" ? await createDatabase() : undefined
    const databaseUrl = own?.url ?? `file:${join(home.path, "grantry.db")}`
    const masterKey = `one:${randomBytes(32).toString("base64")}`
    server = await startTestServer({ database, databaseUrl, env: { GRANTRY_MASTER_KEY: masterKey } })
    env = {
      GRANTRY_DATABASE_URL: databaseUrl,
      GRANTRY_MASTER_KEY: masterKey,
      GRANTRY_URL: server.url,
      GRANTRY_API_KEY: ownerKey,
    }
    const app = await createApp(server.url)
    ws = (await call<{ organization_id: string }>(server.url, "GET", `/api/apps/${app.id}`)).body
      .organization_id
    await connectShared(server.url, app, "slack")
    await fetchToken(server.url, app, "slack")
  })
  afterEach(async () => {
    await server.destroy()
    await own?.drop()
    await home[Symbol.asyncDispose]()
  })

  const run = (line: string) => home.run(["audit", ...line.split(" ")], { env })
  const edit = (sql: string) => openRaw(server.databaseUrl, (raw) => raw.run(sql))

  test("verify and head, beside a server that serves; an edited event ends with code 1", async () => {
    const before = await home.json<Verified>(["audit", "verify"], { env })
    expect(before).toMatchObject({
      ok: true,
      workspaces: [{ workspace: ws, status: "intact", begins_at: 1 }],
    })
    const { code, stdout } = await run("head")
    const head = before.workspaces[0]?.head ?? ""
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${ws} ${head}\n` })
    await call(server.url, "POST", "/api/apps", { body: { name: "Another" } })
    const noted = await run(`verify --workspace ${ws} --head ${head}`)
    expect(noted).toMatchObject({ code: 0 })
    expect(noted.stdout).toContain("events intact")
    await edit("update audit_events set outcome = 'no' where action = 'connection.connect'")
    const after = await run("verify")
    expect(after.code).toBe(1)
    expect(after.stdout).toMatch(/✗ ws_\w+ {2}broken at \d+: this event was changed/)
    expect((await run("head")).code).toBe(1)
  })

  test("list and export over HTTP, and the file is verified line by line", async () => {
    const listed = await run("list --action connection.connect")
    expect(listed.code).toBe(0)
    expect(listed.stdout).toContain("connected")
    expect(await run("export --out audit.ndjson")).toMatchObject({ code: 0 })
    const intact = await run("verify --file audit.ndjson")
    expect(intact).toMatchObject({ code: 0 })
    expect(intact.stdout).toMatch(/events intact, numbers 1 to \d+\n/)
    const text = await home.read("audit.ndjson")
    await home.write("edited.ndjson", text.replace('"outcome":"connected"', '"outcome":"refused"'))
    const edited = await run("verify --file edited.ndjson")
    expect(edited.code).toBe(1)
    expect(edited.stdout).toMatch(/line \d+ is not what was written/)
    await home.write("shorter.ndjson", text.split("\n").toSpliced(1, 1).join("\n"))
    expect((await run("verify --file shorter.ndjson")).stdout).toContain("1 in between are not in the file")
    const csv = await run("export --format csv")
    expect(csv.stdout.split("\r\n")[0]).toContain("sequence,at")
  })

  test("says what it does not understand, and where there is nothing", async () => {
    expect(await run("verify --head 12")).toMatchObject({ code: 2 })
    expect(await run(`verify --head 1:${"0".repeat(64)}`)).toMatchObject({ code: 2 })
    expect(await run("export --format pdf")).toMatchObject({ code: 2 })
    expect(await run("list --limit 0")).toMatchObject({ code: 2 })
    const nowhere = await home.run(["audit", "verify"])
    expect(nowhere.code).toBe(1)
    expect(nowhere.stderr).toContain("There is no audit here yet.")
  })

  test("a rotation of the master key is on record, and the chain goes on", async () => {
    const rotated = {
      ...env,
      GRANTRY_MASTER_KEY: `two:${randomBytes(32).toString("base64")},${env["GRANTRY_MASTER_KEY"] ?? ""}`,
    }
    expect(await home.run(["keys", "rotate"], { env: rotated })).toMatchObject({ code: 0 })
    const listed = await run("list --action master_key.rotate --json")
    expect(JSON.parse(listed.stdout)).toMatchObject({
      audit_events: [{ actor: "operator", target: "two", outcome: "ok", app_id: null }],
    })
    expect(await home.json<Verified>(["audit", "verify"], { env: rotated })).toMatchObject({ ok: true })
  })
})
