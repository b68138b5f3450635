/** The one-time link of the first start hands out the first keys to one caller, once. */
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { builtInCatalog } from "@grantry/catalog"
import { readConfig, type RunningServer, startServer } from "@grantry/server"
import { pino } from "pino"
import { call } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import { createDatabase, type TestDatabase } from "../harness/postgres.ts"
import { databases } from "../harness/server.ts"
import { formOf } from "../authorization/steps.ts"

const known = { types: builtInCatalog.all().map(({ type }) => type), families: ["google"] }

describe.each(databases)("the start link on %s", (kind) => {
  let dataDir: string
  let database: TestDatabase | undefined
  let server: RunningServer

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "grantry-start-"))
    database = kind === "postgres" ? await createDatabase() : undefined
    server = await start()
  })
  afterEach(async () => {
    await server.close()
    await database?.drop()
    await rm(dataDir, { recursive: true })
  })

  function start(): Promise<RunningServer> {
    const url = database?.url ?? `file:${join(dataDir, "grantry.db")}`
    const config = readConfig(
      { GRANTRY_PORT: "0", GRANTRY_DATA_DIR: dataDir, GRANTRY_DATABASE_URL: url },
      known,
    )
    return startServer(config, pino({ level: "silent" }))
  }

  const link = () => server.startLink ?? "no link"

  test("opening it uses nothing up; the click shows an app and two keys that work", async () => {
    const browser = new TestBrowser()
    for (let times = 0; times < 3; times += 1) expect((await browser.open(link())).status).toBe(200)
    const page = await browser.open(link())
    const keys = await browser.submit(page, formOf(page))
    expect(keys.status).toBe(200)
    expect(keys.headers.get("cache-control")).toBe("no-store")
    const apiKey = /b44k_[\w-]+/.exec(keys.html)?.[0] ?? ""
    const serviceKey = /gsk_[\w-]+/.exec(keys.html)?.[0] ?? ""
    const appId = /app_\w+/.exec(keys.html)?.[0] ?? ""
    expect((await call(server.url, "GET", `/api/apps/${appId}`, { as: { apiKey } })).status).toBe(200)
    expect(
      (
        await call(server.url, "GET", `/api/apps/${appId}/external-auth/tokens/slack`, {
          as: { bearer: serviceKey },
        })
      ).status,
    ).toBe(404)
  })

  test("of many clicks at once one gets keys, and afterwards nobody", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(link(), { method: "POST" })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(19)
    expect((await fetch(link())).status).toBe(410)
  })

  test("a form of another site is refused and uses nothing up", async () => {
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      const answer = await fetch(link(), { method: "POST", headers: { ...headers } })
      expect(answer.status).toBe(400)
      expect(await answer.text()).not.toMatch(/b44k_|gsk_/)
    }
    expect(
      (await fetch(link(), { method: "POST", headers: { origin: new URL(server.url).origin } })).status,
    ).toBe(200)
  })

  test("a guessed link gets nothing", async () => {
    const guess = `${server.url}/start/${"A".repeat(43)}`
    expect((await fetch(guess)).status).toBe(410)
    expect((await fetch(guess, { method: "POST" })).status).toBe(410)
    expect((await fetch(link())).status).toBe(200)
  })

  test("a restart replaces a link that nobody used, and prints none once there is a key", async () => {
    const old = new URL(link()).pathname
    await server.close()
    server = await start()
    expect((await fetch(server.url + old)).status).toBe(410)
    expect((await fetch(link(), { method: "POST" })).status).toBe(200)
    await server.close()
    server = await start()
    expect(server.startLink).toBeNull()
  })
})
