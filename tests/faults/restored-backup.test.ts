/** SECURITY.md line 24: a copy of the database refreshes nothing before an operator confirms that it is the only one. */
import { cp } from "node:fs/promises"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import pg from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { call, createApp, fetchToken, type TestApp } from "../harness/api.ts"
import { connectShared } from "../harness/connect.ts"
import { inSandbox, type Replicas, startReplicas } from "../harness/replicas.ts"
import { moveClock, requestsTo } from "../harness/sandbox.ts"
import { type DatabaseKind, databases, startTestServer, type TestServer } from "../harness/server.ts"
import { testCatalog } from "../harness/test-catalog.ts"
import { expectNoReuse } from "./invariants.ts"

const hourMs = 3_600_000
const type = "rotating"

describe.each(databases)("a backup that is restored next to the original, on %s", (database) => {
  let replicas: Replicas
  let copyUrl: string
  let folder: string
  let apps: readonly [TestApp, TestApp]
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "grantry-copy-"))
    replicas = await startReplicas({ database, count: 1, catalog: testCatalog })
    apps = [await createApp(replicas.first.url), await createApp(replicas.first.url)]
    for (const app of apps) await connectShared(replicas.first.url, app, type)
    await replicas.first.stop()
    copyUrl = await copyOf(database)
    await replicas.first.restart()
  })
  afterAll(async () => {
    await replicas.destroy()
    await rm(folder, { recursive: true, force: true })
    if (database === "postgres") await onPostgres("drop database if exists NAME with (force)")
  })
  afterEach(() => expectNoReuse(replicas.sandbox))

  async function copyOf(kind: DatabaseKind): Promise<string> {
    if (kind === "postgres") {
      const { pathname } = new URL(replicas.databaseUrl)
      await onPostgres(`create database NAME template ${pathname.slice(1)}`)
      return copyName().href
    }
    const file = replicas.databaseUrl.slice("file:".length)
    for (const end of ["", "-wal", ".home"])
      await cp(file + end, join(folder, `grantry.db${end}`)).catch((error: unknown) => {
        if (end === "") throw error
      })
    return `file:${join(folder, "grantry.db")}`
  }

  function copyName(): URL {
    const url = new URL(replicas.databaseUrl)
    url.pathname += "_copy"
    return url
  }

  async function onPostgres(sql: string): Promise<void> {
    const url = new URL(replicas.databaseUrl)
    url.pathname = "/postgres"
    const client = new pg.Client({ connectionString: url.href })
    await client.connect()
    await client.query(sql.replace("NAME", copyName().pathname.slice(1)))
    await client.end()
  }

  const start = (mode?: string): Promise<TestServer> =>
    startTestServer({
      database,
      databaseUrl: copyUrl,
      catalog: testCatalog,
      env: { ...replicas.env, ...(mode !== undefined && { GRANTRY_QUARANTINE: mode }) },
      providerAddress: inSandbox(replicas.sandbox),
      revocationIntervalMs: 100,
    })

  const ready = async (url: string) => (await call(url, "GET", "/readyz", { as: null })).body
  const refreshes = async () => (await requestsTo(replicas.sandbox, type, "refresh")).length

  test("serves what lives, refreshes and revokes nothing, says so, and goes on when an operator confirms", async () => {
    const [app, other] = apps
    expect(await ready(replicas.first.url)).not.toMatchObject({ reasons: ["quarantine"] })
    const copy = await start()
    expect(await ready(copy.url)).toMatchObject({ status: "degraded", reasons: ["quarantine"] })
    expect((await fetchToken(copy.url, app, type)).status).toBe(200)

    const path = `/api/apps/${other.id}/external-auth/integrations/${type}`
    expect((await call(copy.url, "DELETE", path)).body["revoked"]).toBe("pending")
    await replicas.moveClock(2 * hourMs)
    await moveClock(copy.url, 2 * hourMs)
    const refused = await fetchToken(copy.url, app, type)
    expect(refused).toMatchObject({ status: 503, body: { code: "QUARANTINED" } })
    expect(refused.headers.get("retry-after")).toBe("60")
    expect(await refreshes()).toBe(0)
    expect(await requestsTo(replicas.sandbox, type, "revoke")).toEqual([])

    // The original goes on as if there were no copy.
    expect((await fetchToken(replicas.first.url, other, type)).status).toBe(200)
    expect(await refreshes()).toBe(1)
    expect(copy.logged()).toContain("nothing is refreshed or revoked")
    await copy.destroy()
    await replicas.first.stop()

    const confirmed = await start("off")
    expect(await ready(confirmed.url)).not.toMatchObject({ reasons: ["quarantine"] })
    await moveClock(confirmed.url, 2 * hourMs)
    expect((await fetchToken(confirmed.url, app, type)).status).toBe(200)
    await expect.poll(() => requestsTo(replicas.sandbox, type, "revoke")).not.toEqual([])
    await confirmed.destroy()

    const later = await start()
    expect(await ready(later.url)).not.toMatchObject({ reasons: ["quarantine"] })
    await later.destroy()
    const careful = await start("on")
    expect(await ready(careful.url)).toMatchObject({ status: "degraded", reasons: ["quarantine"] })
    await careful.destroy()
  })
})
