/** After consent, in a real browser: the popup, the redirect, and a browser without JavaScript. */
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../harness/api.ts"
import {
  allowOrigins,
  completeBy,
  createConnector,
  createUser,
  initiateFor,
  statusFor,
  type TestUser,
} from "../harness/app-users.ts"
import { startTestServer, type TestServer } from "../harness/server.ts"
import { picture } from "./dashboard/screenshots.ts"
import { chromiumArguments, findChromium } from "./find-chromium.ts"

/** A page of the app: it keeps what it is told. */
const appPage = `<!doctype html><title>The app</title><script>
  window.told = []
  addEventListener("message", ({ data, origin }) => told.push({ data, origin }))
</script>`

let server: TestServer
let browser: Browser
let context: BrowserContext
/** The app at an origin of its own, and a stranger at another. */
let sites: readonly { readonly server: Server; readonly origin: string }[]
let app: TestApp
let user: TestUser
let connector: string

beforeAll(async () => {
  server = await startTestServer({ database: "sqlite" })
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments })
  sites = await Promise.all([openSite(), openSite()])
})
beforeEach(async () => {
  context = await browser.newContext()
  app = await createApp(server.url)
  user = await createUser(server.url, app, { email: "uma@app.example" })
  connector = await createConnector(server.url, { integration_type: "notion" })
  await allowOrigins(server.url, app, [own()])
})
afterEach(() => context.close())
afterAll(async () => {
  await browser?.close()
  for (const site of sites ?? []) {
    site.server.closeAllConnections()
    await new Promise((resolve) => site.server.close(resolve))
  }
  await server?.destroy()
})

async function openSite() {
  const site = createServer(
    (_request, reply) => void reply.setHeader("content-type", "text/html").end(appPage),
  )
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve))
  return { server: site, origin: `http://127.0.0.1:${(site.address() as AddressInfo).port}` }
}

const own = () => sites[0]?.origin ?? ""
const stranger = () => sites[1]?.origin ?? ""
const status = async () => (await statusFor(server.url, app, user, connector)).body["status"]

async function begin(returnTo = `${own()}/settings?tab=2#top`) {
  const begun = await initiateFor(server.url, app, user, connector, { body: { return_to: returnTo } })
  expect(begun.status).toBe(200)
  return begun.body
}

/** The app's page opens the connect page in a window of its own. */
async function openPopup(origin: string, url: string): Promise<{ opener: Page; popup: Page }> {
  const opener = await context.newPage()
  await opener.goto(`${origin}/settings`)
  const opened = opener.waitForEvent("popup")
  await opener.evaluate(`void window.open(${JSON.stringify(url)}, "_blank", "popup,width=500,height=700")`)
  const popup = await opened
  await popup.waitForLoadState()
  return { opener, popup }
}

/**
 * From the connect page to the decision at the provider.
 *
 * @param account which of the sandbox's test accounts
 */
async function decide(page: Page, decision: "approve" | "deny", account = 0): Promise<void> {
  await page.getByRole("button", { name: /^Continue to/ }).click()
  await page.waitForURL(/\/sandbox\//)
  if (decision === "approve") await page.locator('form input[name="account"]').nth(account).check()
  const form = page.locator("form").nth(decision === "approve" ? 0 : 1)
  await form.locator("button").first().click()
}

const told = (page: Page) =>
  page.evaluate("told") as Promise<{ data: Record<string, unknown>; origin: string }[]>

test("the popup tells the page that opened it, at its registered origin, and closes itself", async () => {
  const begun = await begin()
  const { opener, popup } = await openPopup(own(), begun.redirect_url)
  expect(await popup.locator("body").innerText()).toContain("uma@app.example")
  await picture(popup, "connect-page")
  const closed = popup.waitForEvent("close")
  await decide(popup, "approve")
  await closed
  await expect.poll(() => told(opener)).toHaveLength(1)
  expect(await told(opener)).toEqual([
    {
      origin: server.url,
      data: {
        source: "grantry",
        type: "connect",
        connector,
        connection_id: begun.connection_id,
        status: "connected",
      },
    },
  ])
  expect(await status()).toBe("connected")
})

test("a page of another origin that opened the popup is told nothing", async () => {
  const { opener, popup } = await openPopup(stranger(), (await begin()).redirect_url)
  const closed = popup.waitForEvent("close")
  await decide(popup, "approve")
  await closed
  expect(await status()).toBe("connected")
  // A round through the page's event loop: what was posted before has arrived.
  await opener.evaluate("new Promise((resolve) => setTimeout(resolve, 200))")
  expect(await told(opener)).toEqual([])
})

test("a denied consent stays readable, tells the opener, and closes with a click", async () => {
  const { opener, popup } = await openPopup(own(), (await begin()).redirect_url)
  await decide(popup, "deny")
  await popup.getByText("Nothing was connected").first().waitFor()
  expect(await popup.locator("body").innerText()).toContain("access_denied")
  await picture(popup, "connect-denied")
  await expect.poll(() => told(opener)).toHaveLength(1)
  expect((await told(opener))[0]?.data).toMatchObject({ status: "error", error: "AUTHORIZATION_DENIED" })
  const closed = popup.waitForEvent("close")
  await popup.getByRole("link", { name: "Back to the app" }).click()
  await closed
})

test("without an opener the person returns to the app's page, with the outcome in its address", async () => {
  const begun = await begin()
  const page = await context.newPage()
  await page.goto(begun.redirect_url)
  await decide(page, "approve")
  await page.waitForURL(`${own()}/**`)
  const query = `tab=2&connector=${connector}&connection_id=${begun.connection_id}&status=connected`
  expect(page.url()).toBe(`${own()}/settings?${query}#top`)
  expect(await page.evaluate("document.referrer")).toBe("")
  expect(await status()).toBe("connected")
})

test("without an opener a denied consent waits for the person, and its link returns to the app", async () => {
  const page = await context.newPage()
  await page.goto((await begin()).redirect_url)
  await decide(page, "deny")
  await page.getByRole("link", { name: "Back to the app" }).click()
  await page.waitForURL(`${own()}/**`)
  expect(new URL(page.url()).searchParams.get("error")).toBe("AUTHORIZATION_DENIED")
})

test("without JavaScript a link returns to the app", async () => {
  await context.close()
  context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto((await begin()).redirect_url)
  await page.getByRole("button", { name: /^Continue to/ }).click()
  await page.waitForURL(/\/sandbox\//)
  await page.locator("form").first().locator("button").first().click()
  await page.getByRole("link", { name: /^Back to/ }).click()
  await page.waitForURL(`${own()}/**`)
  expect(new URL(page.url()).searchParams.get("status")).toBe("connected")
})

test("another account asks inside the popup, and the answer is told to the opener", async () => {
  const first = await openPopup(own(), (await begin()).redirect_url)
  const firstClosed = first.popup.waitForEvent("close")
  await decide(first.popup, "approve")
  await firstClosed
  const { opener, popup } = await openPopup(own(), (await begin()).redirect_url)
  await decide(popup, "approve", 1)
  const closed = popup.waitForEvent("close")
  await popup.getByRole("button", { name: /^Replace/ }).click()
  await closed
  await expect.poll(() => told(opener)).toHaveLength(1)
  expect((await told(opener))[0]?.data).toMatchObject({ status: "connected" })
})

test("with verified completion the opener gets the handle, and only then the code is exchanged", async () => {
  await completeBy(server.url, app, "verified")
  const { opener, popup } = await openPopup(own(), (await begin()).redirect_url)
  const closed = popup.waitForEvent("close")
  await decide(popup, "approve")
  await closed
  await expect.poll(() => told(opener)).toHaveLength(1)
  expect(await status()).toBe("not_connected")
  const handle = (await told(opener))[0]?.data["connect_handle"]
  const path = `/api/apps/${app.id}/app-user-auth/complete`
  const completed = await call(server.url, "POST", path, { as: { bearer: user.token }, body: { handle } })
  expect(completed.status).toBe(200)
  expect(await status()).toBe("connected")
})
