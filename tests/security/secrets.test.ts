/** SECURITY.md lines 11, 16 and 18: canaries are planted everywhere, everything runs, every sink is searched. */
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { type Answer, call, createApp, type TestApp, fetchToken } from "../harness/api.ts"
import { TestBrowser } from "../harness/browser.ts"
import { consent } from "../harness/connect.ts"
import { moveClock, requestsTo, setFault } from "../harness/sandbox.ts"
import { databases, ownerKey, startTestServer, type TestServer } from "../harness/server.ts"
import { begin, click, decideAt, eventually, formOf, upToCallback } from "../authorization/steps.ts"
import { openRaw } from "./raw-database.ts"
import { type ProviderTap, startProviderTap } from "./provider-tap.ts"

const hourMs = 3_600_000
const clientSecret = "canary-client-secret-7Qm3ZpX0vR5tY8uW"
const type = "googlecalendar"

describe.each(databases)("secrets on %s", (database) => {
  let server: TestServer
  let tap: ProviderTap
  let app: TestApp
  let workspaceId: string
  /** Everything that was handed out and must not be found. */
  const canaries = new Set<string>([clientSecret, ownerKey])
  /** Bodies and headers of every answer that is not meant to hold a secret. */
  const answers: string[] = []

  const noted = <T extends Answer<unknown>>(answer: T): T => {
    answers.push(JSON.stringify([answer.status, [...answer.headers], answer.body]))
    return answer
  }

  beforeAll(async () => {
    tap = await startProviderTap()
    server = await startTestServer({ database, providerAddress: tap.providerAddress })
    tap.connectTo(server.url)
    await tour()
  })
  afterAll(async () => {
    await server.destroy()
    await tap.close()
  })

  async function tour(): Promise<void> {
    const list = await call<{ workspaces: { id: string }[] }>(server.url, "GET", "/api/workspace/workspaces")
    workspaceId = list.body.workspaces[0]?.id ?? ""
    app = await createApp(server.url)
    canaries.add(app.serviceKey)
    const key = await call<{ key: string }>(server.url, "POST", `/api/workspace/${workspaceId}/api-keys`, {
      body: { name: "x" },
    })
    canaries.add(key.body.key)
    await call(server.url, "POST", "/sandbox/_control/client", {
      as: null,
      body: { type, client_id: "canary-client", client_secret: clientSecret },
    })
    const body = {
      integration_type: type,
      name: "own client",
      client_id: "canary-client",
      client_secret: clientSecret,
    }
    noted(await call(server.url, "POST", `/api/workspace/${workspaceId}/connectors`, { body }))
    await connectAndRefresh()
    await goWrong()
    await changeAccount()
    await readEverything()
    // The audit is written in batches, the outbox works behind the answers.
    await eventually(async () =>
      expect((await requestsTo(server.url, type, "revoke")).length).toBeGreaterThan(0),
    )
    await server.restart()
    tap.connectTo(server.url)
  }

  async function connectAndRefresh(): Promise<void> {
    const browser = new TestBrowser()
    const { link } = await begin(server.url, app, type)
    const provider = await click(browser, link)
    const callback = await decideAt(browser, provider)
    keepParams(provider, callback)
    const page = await browser.open(callback.href)
    expect(page.status).toBe(200)
    answers.push(page.html, JSON.stringify([...page.headers]))
    for (const secret of browser.cookies.values()) canaries.add(secret)
    for (let refreshes = 0; refreshes < 3; refreshes += 1) {
      canaries.add((await fetchToken(server.url, app, type)).body.access_token)
      await moveClock(server.url, 2 * hourMs)
    }
  }

  async function goWrong(): Promise<void> {
    for (const fault of ["5xx_then_ok", "garbage", "html_error", "rate_limited", "wrong_client"]) {
      await setFault(server.url, type, fault)
      noted(await fetchToken(server.url, app, type))
      await moveClock(server.url, hourMs)
    }
    const stolen = await upToCallback(server.url, app, type, { body: { force_reconnect: true } })
    keepParams(stolen.callback)
    answers.push((await new TestBrowser().open(stolen.callback.href)).html)
    answers.push((await stolen.browser.open(stolen.callback.href)).html)
    const denied = await upToCallback(server.url, app, type, {
      body: { force_reconnect: true },
      choice: { deny: true },
    })
    keepParams(denied.callback)
    answers.push((await denied.browser.open(denied.callback.href)).html)
    const broken = await upToCallback(server.url, app, type, { body: { force_reconnect: true } })
    await setFault(server.url, type, "wrong_client", { endpoint: "token" })
    keepParams(broken.callback)
    answers.push((await broken.browser.open(broken.callback.href)).html)
    for (const secret of [app.serviceKey, ownerKey, `${app.serviceKey}x`]) {
      noted(await call(server.url, "GET", `/api/apps/${app.id}?api_key=${secret}`, { as: null }))
      noted(await call(server.url, "GET", `/api/apps/${secret}`))
      noted(await call(server.url, "POST", "/api/apps", { as: { bearer: secret }, body: { name: 1 } }))
    }
  }

  async function changeAccount(): Promise<void> {
    for (const answer of ["keep", "replace"]) {
      const { browser, callback } = await upToCallback(server.url, app, type, {
        body: { force_reconnect: true },
        choice: { account: "grace@example.com" },
      })
      keepParams(callback)
      const page = await browser.open(callback.href)
      answers.push(page.html.replace(/name="csrf" value="[^"]*"/, ""))
      answers.push((await browser.submit(page, formOf(page), { answer })).html)
    }
    canaries.add((await fetchToken(server.url, app, type)).body.access_token)
  }

  async function readEverything(): Promise<void> {
    const ofApp = ["", "/service-keys", "/external-auth/list", "/oauth-redirect-uris"].map(
      (rest) => `/api/apps/${app.id}${rest}`,
    )
    const ofWorkspace = ["/connectors", "/api-keys"].map((rest) => `/api/workspace/${workspaceId}${rest}`)
    const paths = ["/api/apps", "/api/workspace/workspaces", "/api/openapi.json", ...ofApp, ...ofWorkspace]
    for (const path of paths) noted(await call(server.url, "GET", path))
    const dead = await createApp(server.url)
    canaries.add(dead.serviceKey)
    const begun = await begin(server.url, dead, type)
    await consent(begun.link, { account: "alan@example.com" })
    canaries.add((await fetchToken(server.url, dead, type)).body.access_token)
    await moveClock(server.url, 2 * hourMs)
    await setFault(server.url, type, "invalid_grant")
    noted(await fetchToken(server.url, dead, type))
    noted(await call(server.url, "DELETE", `/api/apps/${app.id}/external-auth/integrations/${type}`))
    noted(await call(server.url, "DELETE", `/api/apps/${dead.id}`))
  }

  function keepParams(...urls: readonly URL[]): void {
    for (const { searchParams } of urls) {
      for (const name of ["state", "code", "code_challenge"]) {
        const value = searchParams.get(name)
        if (value !== null) canaries.add(value)
      }
    }
  }

  /** Long enough that none is found by chance. */
  const searched = () => [...new Set([...canaries, ...tap.secrets])].filter((canary) => canary.length >= 12)

  function expectNone(sink: string, text: string | Buffer): void {
    const found = searched().filter(
      (canary) => text.includes(canary) || text.includes(Buffer.from(canary).toString("hex")),
    )
    expect({ sink, found }).toEqual({ sink, found: [] })
  }

  test("the tour handed out secrets of every kind", () => {
    expect(tap.secrets.size).toBeGreaterThan(12)
    expect(tap.secrets).toContain(clientSecret)
    expect(searched().length).toBeGreaterThan(25)
    expect(
      searched().filter((canary) => canary.startsWith("gsk_") || canary.startsWith("b44k_")).length,
    ).toBeGreaterThanOrEqual(4)
  })

  test("a planted canary would be found", () => {
    const [canary = ""] = searched()
    expect(() => expectNone("itself", `x${canary}y`)).toThrow("itself")
    expect(() => expectNone("itself", Buffer.from(`x${canary}y`))).toThrow("itself")
  })

  test("none is in the log", () => {
    expect(server.logged().length).toBeGreaterThan(100)
    expectNone("log", server.logged())
  })

  test("none is in any answer that was not meant to hold it, nor in a page", () => {
    expect(answers.length).toBeGreaterThan(25)
    expectNone("answers", answers.join("\n"))
  })

  test("none is in any table, the audit included", async () => {
    if (database === "sqlite") await server.stop()
    const dump = await openRaw(server.databaseUrl, (raw) => raw.dump())
    if (database === "sqlite") await server.restart()
    expect(dump["audit_events"]?.length).toBeGreaterThan(10)
    for (const [table, rows] of Object.entries(dump))
      expectNone(`table ${table}`, rows.map(rowText).join("\n"))
  })

  test.runIf(database === "sqlite")(
    "none is in the bytes of the database's files, its WAL included",
    async () => {
      // The running server has its WAL open.
      await fetchToken(server.url, app, type)
      const files = (await readdir(server.dataDir)).filter((name) => name.startsWith("grantry.db"))
      expect(files).toContain("grantry.db-wal")
      for (const name of files) expectNone(name, await readFile(join(server.dataDir, name)))
    },
  )

  test("keys are kept as their SHA-256 and shown as their first letters", async () => {
    const own = await createApp(server.url)
    const list = await call<{ service_keys: { prefix: string }[] }>(
      server.url,
      "GET",
      `/api/apps/${own.id}/service-keys`,
    )
    expect(list.body.service_keys).toHaveLength(1)
    expect(list.body.service_keys[0]?.prefix).toBe(own.serviceKey.slice(0, 12))
    expect(JSON.stringify(list.body)).not.toContain(own.serviceKey.slice(0, 16))
  })
})

function rowText(row: Readonly<Record<string, unknown>>): string {
  return Object.values(row)
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)))
    .join(" ")
}
