/** A server that is killed the moment it has answered: what it has answered is on record. */
import { type ChildProcess, spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"
import { type Home, makeHome, program } from "../cli/run-cli.ts"
import { call, createApp, type TestApp } from "../harness/api.ts"
import { consent, initiate } from "../harness/connect.ts"
import { createDatabase, type TestDatabase } from "../harness/postgres.ts"
import { databases, ownerKey } from "../harness/server.ts"
import { openRaw } from "../security/raw-database.ts"

// Each start is a process of its own, and the machine may be busy.
vi.setConfig({ testTimeout: 180_000 })

describe.each(databases)("a server on %s that is killed right after its answer", (database) => {
  let home: Home
  let own: TestDatabase | undefined
  let databaseUrl: string
  let child: ChildProcess
  let app: TestApp

  beforeEach(async () => {
    home = await makeHome()
    own = database === "postgres" ? await createDatabase() : undefined
    databaseUrl = own?.url ?? `file:${join(home.path, "grantry.db")}`
  })
  afterEach(async () => {
    await kill()
    await own?.drop()
    await home[Symbol.asyncDispose]()
  })

  const masterKey = `one:${randomBytes(32).toString("base64")}`

  async function start(): Promise<string> {
    child = spawn(process.execPath, [program, "serve", "--port", "0", "--log-level", "error"], {
      cwd: home.path,
      env: {
        ...home.env,
        GRANTRY_DATABASE_URL: databaseUrl,
        GRANTRY_MASTER_KEY: masterKey,
        GRANTRY_BOOTSTRAP_API_KEY: ownerKey,
      },
    })
    let text = ""
    for await (const chunk of child.stderr ?? []) {
      text += String(chunk)
      const url = /listens at (\S+)/.exec(text)?.[1]
      if (url !== undefined) return url
    }
    throw new Error(`it did not start: ${text}`)
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, "exit")
    child.kill("SIGKILL")
    await exited
  }

  const onRecord = (action: string) =>
    openRaw(databaseUrl, async (raw) => {
      const rows = await raw.rows(`select seq from audit_events where action = '${action}'`)
      return rows.filter(({ seq }) => seq !== null).length
    })

  test("has keys, connects and disconnects on record, in a chain that is intact", async () => {
    let url = await start()
    app = await createApp(url)
    await kill()
    expect(await onRecord("service_key.create")).toBe(1)

    url = await start()
    const begun = await initiate(url, app, "slack")
    const page = await consent(begun.redirect_url ?? "")
    await kill()
    expect(page.status).toBe(200)
    expect(await onRecord("connection.begin")).toBe(1)
    expect(await onRecord("connection.connect")).toBe(1)

    url = await start()
    const path = `/api/apps/${app.id}/external-auth/integrations/slack`
    const disconnected = await call(url, "DELETE", path)
    await kill()
    expect(disconnected.status).toBe(200)
    expect(await onRecord("connection.disconnect")).toBe(1)

    const env = { GRANTRY_DATABASE_URL: databaseUrl, GRANTRY_MASTER_KEY: masterKey }
    expect(await home.json(["audit", "verify"], { env })).toMatchObject({ ok: true })
  })
})
