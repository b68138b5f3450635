/** The published SDK, unmodified, on a page of another origin: CONTRACT.md sections 2 and 5. */
import { once } from "node:events"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { build } from "esbuild"
import { type Browser, chromium, type Page } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { createApp, type TestApp } from "../harness/api.ts"
import {
  allowOrigins,
  connectUser,
  createConnector,
  createUser,
  statusFor,
  type TestUser,
} from "../harness/app-users.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"
import { chromiumArguments, findChromium } from "./find-chromium.ts"

let server: TestServer
let site: Server
let browser: Browser
let page: Page
let app: TestApp
let user: TestUser
let connectorId: string

beforeAll(async () => {
  server = await startTestServer({ database: "sqlite" })
  site = createServer(await siteHandler())
  site.listen(0, "127.0.0.1")
  await once(site, "listening")
  app = await createApp(server.url)
  user = await createUser(server.url, app, { email: "ann@example.com", name: "Ann" })
  connectorId = await createConnector(server.url, { integration_type: "notion" })
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments })
  page = await browser.newPage()
  await page.goto(siteUrl())
})
afterAll(async () => {
  await browser?.close()
  await new Promise((done) => site.close(done))
  await server?.destroy()
})

const siteUrl = () => `http://127.0.0.1:${(site.address() as AddressInfo).port}`

async function siteHandler(): Promise<Parameters<typeof createServer>[1]> {
  const { outputFiles } = await build({
    stdin: { contents: 'export { createClient } from "@base44/sdk"', resolveDir: import.meta.dirname },
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
  })
  const script = outputFiles[0]?.text ?? ""
  return (request, response) => {
    const isScript = request.url === "/sdk.js"
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html")
    response.end(isScript ? script : "<!doctype html><title>An app</title>")
  }
}

/** Runs `expression` on the page with `client`; answers its value, or what it was refused with. */
function onPage(expression: string): Promise<unknown> {
  const config = { serverUrl: server.url, appId: app.id, token: user.token, analytics: { enabled: false } }
  return page.evaluate(`import("/sdk.js").then(async ({ createClient }) => {
    const client = createClient(${JSON.stringify(config)})
    const connectorId = ${JSON.stringify(connectorId)}
    try {
      return await (${expression})
    } catch (error) {
      return { refused: String(error.message) }
    }
  })`)
}

test("a page of an origin that is not registered reads nothing", async () => {
  expect(await onPage("client.auth.me()")).toEqual({ refused: expect.stringMatching(/network/i) })
})

test("a registered page knows its user, connects and disconnects their account, and gets them back", async () => {
  await allowOrigins(server.url, app, [siteUrl()])
  expect(await onPage("client.auth.me()")).toMatchObject({ id: user.id, email: "ann@example.com" })
  const link = await onPage("client.connectors.connectAppUser(connectorId)")
  expect(link).toMatch(new RegExp(`^${server.url}/connect/`))

  await page.goto(String(link))
  await page.getByRole("button", { name: /Continue to Notion/ }).click()
  await page.locator("form button").first().click()
  await page.waitForURL(`${siteUrl()}/**`)
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({
    connector: connectorId,
    status: "connected",
  })
  expect((await statusFor(server.url, app, user, connectorId)).body["status"]).toBe("connected")

  await onPage("client.connectors.disconnectAppUser(connectorId)")
  expect((await statusFor(server.url, app, user, connectorId)).body["status"]).toBe("not_connected")
})

test("what is connected elsewhere stays the user's own", async () => {
  const other = await createUser(server.url, app)
  await connectUser(server.url, app, other, connectorId)
  expect(await onPage("client.connectors.disconnectAppUser(connectorId)")).toEqual({
    refused: expect.stringContaining("No active connection found for this connector"),
  })
})
