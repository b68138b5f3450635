/** Deleting a workspace: no token from the answer on, everything revoked, then nothing left that anybody could open. */
import { copyFile, readdir, readFile } from "node:fs/promises"
import { join as joinPath } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { openToken } from "../../packages/server/src/connections/sealed-tokens.ts"
import { newId } from "../../packages/server/src/random.ts"
import { openStorage } from "../../packages/server/src/storage/open-storage.ts"
import type { Storage } from "../../packages/server/src/storage/storage.ts"
import type { Connection } from "../../packages/server/src/storage/stores/connections.ts"
import { createVault, CredentialUnreadable, parseMasterKeys } from "../../packages/server/src/vault/vault.ts"
import { call, createApp, type Credential, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared, consent, type BeginBody } from "../harness/connect.ts"
import { createUser, userPath } from "../harness/app-users.ts"
import { callFrom, firstWorkspace, join } from "../harness/members.ts"
import { type Replicas, startReplicas } from "../harness/replicas.ts"
import { liveTokens, requestsTo, resetSandbox, setFault } from "../harness/sandbox.ts"
import { databases } from "../harness/server.ts"
import { openRaw } from "../security/raw-database.ts"
import { closureOf, deleteWorkspace, patience, shredded, startJob } from "./steps.ts"

const hourMs = 3_600_000
const minuteMs = 60_000

interface Home {
  readonly ws: string
  readonly as: Credential
  readonly name: string
  readonly app: TestApp
}

let count = 0

describe.each(databases)("deleting a workspace on %s", (database) => {
  let replicas: Replicas
  let url: string
  /** Another replica where there are several. */
  let elsewhere: string
  beforeAll(async () => {
    replicas = await startReplicas({
      database,
      count: database === "postgres" ? 2 : 1,
      env: { GRANTRY_PROVIDER_TIMEOUT_MS: "5000" },
    })
    url = replicas.first.url
    elsewhere = replicas.servers.at(-1)?.url ?? ""
  })
  afterAll(() => replicas.destroy())

  /** A workspace of the owner's with a key and an app of its own. */
  async function home(): Promise<Home> {
    count += 1
    await resetSandbox(replicas.sandbox)
    const name = `Canary workspace ${count}`
    const made = await call<{ id: string }>(url, "POST", "/api/workspace/workspaces", { body: { name } })
    const ws = made.body.id
    const key = await call<{ key: string }>(url, "POST", `/api/workspace/${ws}/api-keys`, {
      body: { name: "x" },
    })
    const as = { apiKey: key.body.key }
    return { ws, as, name, app: await createApp(url, `Canary app ${count}`, as) }
  }

  async function connect({ app, as }: Home, type: string): Promise<void> {
    const path = `/api/apps/${app.id}/external-auth/initiate`
    const begun = await call<BeginBody>(url, "POST", path, { as, body: { integration_type: type } })
    expect((await consent(begun.body.redirect_url ?? "")).status).toBe(200)
  }

  /** Past the time in which what was on its way may come. */
  const later = () => replicas.moveClock(minuteMs)

  test("hands out no token from the answer on, in any replica, and knows nobody any more", async () => {
    const { app, as, name, ws } = await home()
    await connect({ app, as, name, ws }, "slack")
    const user = await createUser(url, app)
    // Both replicas know the keys by now.
    for (const base of [url, elsewhere]) {
      expect((await fetchToken(base, app, "slack")).status).toBe(200)
      expect((await call(base, "GET", `/api/apps/${app.id}`, { as })).status).toBe(200)
    }
    const started = await deleteWorkspace(url, ws, name, { as })
    expect([401, 404]).toContain((await fetchToken(elsewhere, app, "slack")).status)
    expect([401, 404]).toContain((await fetchToken(url, app, "slack")).status)
    expect(started).toMatchObject({
      status: 202,
      body: { workspace_id: ws, status: "closing", connections: { total: 1 } },
    })
    for (const base of [url, elsewhere]) {
      expect([401, 404]).toContain((await call(base, "GET", `/api/apps/${app.id}`, { as })).status)
      const initiated = await call(base, "POST", userPath(app, "con_x", "/initiate"), {
        as: { bearer: user.token },
      })
      expect([401, 404]).toContain(initiated.status)
    }
    expect((await deleteWorkspace(url, ws, name, { as })).status).toBe(401)
    expect((await deleteWorkspace(url, ws, name)).status).toBe(404)
    await later()
    await shredded(url, started.body.secret)
  })

  test("revokes everything first, with a receipt, and leaves a record that names nobody", async () => {
    const { app, as, name, ws } = await home()
    await connect({ app, as, name, ws }, "googlecalendar")
    await connect({ app, as, name, ws }, "dropbox")
    const { body } = await deleteWorkspace(url, ws, name, { as })
    await later()
    const record = await shredded(elsewhere, body.secret)
    expect(record).toMatchObject({
      workspace_id: ws,
      forced: false,
      connections: { total: 2, done: 2, failed: 0 },
      revocations: { revoked: 2, pending: 0, unsupported: 0, failed: 0 },
    })
    expect(await liveTokens(replicas.sandbox, "googlecalendar")).toEqual([])
    expect(await liveTokens(replicas.sandbox, "dropbox")).toEqual([])
    expect(JSON.stringify(record)).not.toMatch(/mem_|Canary|@/)
  })

  test("takes a consent that is on its way back, and ends what it brought", async () => {
    const place = await home()
    const path = `/api/apps/${place.app.id}/external-auth/initiate`
    const begun = await call<BeginBody>(url, "POST", path, {
      as: place.as,
      body: { integration_type: "dropbox" },
    })
    await setFault(replicas.sandbox, "dropbox", "slow", { endpoint: "token", delay_ms: 1_500 })
    const consenting = consent(begun.body.redirect_url ?? "")
    await expect.poll(() => requestsTo(replicas.sandbox, "dropbox", "token"), patience).toHaveLength(1)
    const { body } = await deleteWorkspace(url, place.ws, place.name, { as: place.as })
    expect((await consenting).status).toBe(410)
    await expect.poll(() => liveTokens(replicas.sandbox, "dropbox"), patience).toEqual([])
    await later()
    expect(await shredded(url, body.secret)).toMatchObject({ connections: { total: 0, done: 0 } })
  })

  test("a refresh in flight is handed to nobody, and what it brought is revoked", async () => {
    const place = await home()
    await connect(place, "dropbox")
    await replicas.moveClock(24 * hourMs)
    await setFault(replicas.sandbox, "dropbox", "slow", { endpoint: "refresh", delay_ms: 1_500 })
    const waiting = fetchToken(elsewhere, place.app, "dropbox")
    await expect.poll(() => requestsTo(replicas.sandbox, "dropbox", "refresh"), patience).toHaveLength(1)
    const { body } = await deleteWorkspace(url, place.ws, place.name, { as: place.as })
    expect((await waiting).status).toBe(404)
    await expect.poll(() => liveTokens(replicas.sandbox, "dropbox"), patience).toEqual([])
    await later()
    await shredded(url, body.secret)
  })

  test("needs an owner, the workspace's name, and a workspace that is not personal", async () => {
    const { as, name, ws } = await home()
    expect(await deleteWorkspace(url, ws, "Canary", { as })).toMatchObject({
      status: 422,
      body: { code: "CONFIRMATION_REQUIRED" },
    })
    const personal = await firstWorkspace(url)
    expect(await deleteWorkspace(url, personal, "Personal")).toMatchObject({
      status: 409,
      body: { code: "LAST_OWNER" },
    })
    const admin = await join(url, ws, "admin", as)
    const asked = `/api/workspace/workspaces/${ws}?confirm=${encodeURIComponent(name)}`
    expect(await callFrom(admin.browser, url, "DELETE", asked)).toMatchObject({
      status: 403,
      body: { code: "ROLE_REQUIRED" },
    })
  })

  test("waits for a provider that is away, until it is told to wait no more", async () => {
    const place = await home()
    await connect(place, "dropbox")
    await setFault(replicas.sandbox, "dropbox", "5xx_then_ok", { endpoint: "revoke", times: 1_000 })
    const { body } = await deleteWorkspace(url, place.ws, place.name, { as: place.as })
    await later()
    await expect.poll(async () => (await closureOf(url, body.secret)).connections.done, patience).toBe(1)
    expect(await closureOf(url, body.secret)).toMatchObject({
      status: "closing",
      revocations: { pending: 1 },
    })
    const forced = await call(url, "POST", `/api/workspace/closures/${body.secret}/force`, { as: null })
    expect(forced).toMatchObject({ status: 200, body: { forced: true } })
    expect((await shredded(url, body.secret)).revocations).toMatchObject({ revoked: 0, pending: 1 })
  })

  test("gives a provider up after a day", async () => {
    const place = await home()
    await connect(place, "dropbox")
    await setFault(replicas.sandbox, "dropbox", "5xx_then_ok", { endpoint: "revoke", times: 1_000 })
    const { body } = await deleteWorkspace(url, place.ws, place.name, { as: place.as })
    await expect.poll(async () => (await closureOf(url, body.secret)).connections.done, patience).toBe(1)
    await replicas.moveClock(25 * hourMs)
    expect((await shredded(url, body.secret)).revocations).toMatchObject({ revoked: 0, pending: 1 })
  })

  test("a secret that nobody was given shows nothing", async () => {
    const path = `/api/workspace/closures/${"A".repeat(43)}`
    expect(await call(url, "GET", path, { as: null })).toMatchObject({ status: 404 })
    expect(await call(url, "POST", `${path}/force`, { as: null })).toMatchObject({ status: 404 })
  })
})

const vaultOver = (storage: Storage, masterKey: string) =>
  createVault({
    masterKeys: parseMasterKeys(masterKey),
    dataKeys: storage.dataKeys,
    newId: () => newId("dk"),
    now: Date.now,
  })

describe.each(databases)("what is left of a workspace that was shredded, on %s", (database) => {
  test("opens nothing that was sealed in it, and no byte of its rows is in the file", async () => {
    const replicas = await startReplicas({ database, count: 1 })
    const { first } = replicas
    const url = first.url
    const name = "Canary-workspace-Zq81"
    try {
      const made = await call<{ id: string }>(url, "POST", "/api/workspace/workspaces", { body: { name } })
      const ws = made.body.id
      const key = await call<{ key: string }>(url, "POST", `/api/workspace/${ws}/api-keys`, {
        body: { name: "x" },
      })
      const as = { apiKey: key.body.key }
      const apps: TestApp[] = []
      for (let index = 0; index < 30; index += 1)
        apps.push(await createApp(url, `Canary-app-Wm42-${index}`, as))
      const connector = {
        integration_type: "notion",
        name: "Canary-connector-Ht77",
        client_id: "id",
        client_secret: "s",
      }
      await call(url, "POST", `/api/workspace/${ws}/connectors`, { as, body: connector })
      const [app] = apps
      if (!app) throw new Error("no app")
      const path = `/api/apps/${app.id}/external-auth/initiate`
      const begun = await call<BeginBody>(url, "POST", path, { as, body: { integration_type: "dropbox" } })
      await consent(begun.body.redirect_url ?? "")
      await join(url, ws, "viewer", as)
      await startJob(url, ws, { app_id: apps[1]?.id, confirm: "Canary-app-Wm42-1" }, as)
      // Another workspace must outlive all this.
      const kept = await createApp(url, "Kept app")
      await connectShared(url, kept, "dropbox")

      await first.stop()
      const before = await readWorkspace(replicas.databaseUrl, ws)
      const copied = joinPath(first.dataDir, "copy.sqlite")
      if (database === "sqlite") await copyFile(replicas.databaseUrl.slice("file:".length), copied)
      await first.restart()

      const started = await deleteWorkspace(first.url, ws, name, { as })
      await replicas.moveClock(10 * minuteMs)
      await shredded(first.url, started.body.secret)
      expect((await fetchToken(first.url, kept, "dropbox")).status).toBe(200)
      // What another replica had still in memory is written late, where nothing refers to the workspace.
      if (database === "postgres") await expectLateRowsToGo(replicas.databaseUrl, ws)
      await first.stop()

      const masterKey = replicas.env["GRANTRY_MASTER_KEY"] ?? ""
      const { connection, wrapped } = before
      if (connection.sealedAccessToken === null) throw new Error("nothing was sealed")
      const storage = await openStorage({ url: replicas.databaseUrl })
      await expect(
        openToken(vaultOver(storage, masterKey), connection, "access_token", connection.sealedAccessToken),
      ).rejects.toBeInstanceOf(CredentialUnreadable)
      await storage.close()
      await expectNothingOf(replicas.databaseUrl, ws)
      if (database === "sqlite") {
        const copy = await openStorage({ url: `file:${copied}` })
        const opened = openToken(
          vaultOver(copy, masterKey),
          connection,
          "access_token",
          connection.sealedAccessToken,
        )
        // The same value, master key and code: what the copy has and the original has not is the data key.
        expect(await opened).toEqual(expect.stringMatching(/.{8}/))
        await copy.close()
        await expectNoBytes(first.dataDir, [
          "Canary-",
          connection.id,
          connection.sealedAccessToken,
          ...apps.map(({ id }) => id),
          ...wrapped,
        ])
      }
    } finally {
      await replicas.destroy()
    }
  })
})

interface Before {
  readonly connection: Connection
  readonly wrapped: readonly Uint8Array[]
}

async function readWorkspace(databaseUrl: string, ws: string): Promise<Before> {
  const storage = await openStorage({ url: databaseUrl })
  try {
    const page = { workspaceId: ws, appId: null, after: null, limit: 10 }
    const [connection] = await storage.connections.listEverything(page)
    const key = await storage.dataKeys.findCurrent(ws)
    if (!connection || !key) throw new Error("nothing was connected")
    return { connection, wrapped: [key.wrapped] }
  } finally {
    await storage.close()
  }
}

async function expectLateRowsToGo(databaseUrl: string, ws: string): Promise<void> {
  await openRaw(databaseUrl, async (raw) => {
    await raw.run(
      `insert into audit_events (id, workspace_id, actor, action, outcome, count, at, until)
       values ('evt_late', '${ws}', 'system', 'token.read', 'ok', 1, 1, 1)`,
    )
    const late = () => raw.rows("select id from audit_events where id = 'evt_late'")
    await expect.poll(late, patience).toEqual([])
  })
}

/** Everywhere but in the record that stays. */
async function expectNothingOf(databaseUrl: string, ws: string): Promise<void> {
  const tables = await openRaw(databaseUrl, (raw) => raw.dump())
  const mentioning = Object.entries(tables).filter(([, rows]) => JSON.stringify(rows).includes(ws))
  // The owner's personal workspace has the deletion on its audit.
  expect(mentioning.map(([table]) => table).sort()).toEqual(["audit_events", "workspace_closures"])
  expect((tables["audit_events"] ?? []).filter((row) => row["workspace_id"] === ws)).toEqual([])
  const [record] = tables["workspace_closures"] ?? []
  expect(JSON.stringify(record)).not.toMatch(/mem_|Canary|@|app_/)
}

async function expectNoBytes(dataDir: string, canaries: readonly (string | Uint8Array)[]): Promise<void> {
  const files = (await readdir(dataDir)).filter((file) => file.startsWith("grantry.db"))
  expect(files).toContain("grantry.db")
  for (const file of files) {
    const bytes = await readFile(joinPath(dataDir, file))
    for (const canary of canaries)
      expect([file, canary, bytes.includes(Buffer.from(canary))]).toEqual([file, canary, false])
  }
}
