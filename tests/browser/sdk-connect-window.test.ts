/** The connect window in a real browser: the app's page and the Grantry server are of different origins. */
import { chromium, type Browser, type Page } from "playwright-core"
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest"
import {
  appId,
  startContractServer,
  userToken,
  type ContractServer,
  type StaticFile,
} from "../sdk/contract-server.ts"
import { bundleSdk } from "../sdk/scenario-files.ts"
import { chromiumArguments, findChromium } from "./find-chromium.ts"

let server: ContractServer
let app: ContractServer
let browser: Browser
let page: Page

const html = (script: string, headers: Record<string, string> = {}): StaticFile => ({
  type: "text/html",
  body: `<!doctype html><title>t</title><button id="connect">Connect</button><script type="module">${script}</script>`,
  headers,
})

/** What the final page does, in the name of one connector. */
const posts = (connector: string, rest: object, act = "close()"): string => {
  const message = {
    source: "grantry",
    type: "connect",
    connector,
    connection_id: `conn_${connector}`,
    ...rest,
  }
  return `opener.postMessage(${JSON.stringify(message)}, "*");${act}`
}

const connectPages: Record<string, StaticFile> = {
  "/connect/granted": html(posts("granted", { status: "connected", error: null, connect_handle: null })),
  "/connect/denied": html(posts("denied", { status: "error", error: "access_denied", connect_handle: null })),
  "/connect/verified": html(posts("verified", { status: "connected", connect_handle: "handle_verified" })),
  "/connect/spent": html(posts("spent", { status: "connected", connect_handle: "spent" })),
  "/connect/open": html(""),
  "/connect/silent": html(`await fetch("/consent/silent", { method: "POST" }); close()`),
  // Another connection's message, then one of another type: neither may count.
  "/connect/others": html(
    posts("elsewhere", { status: "connected" }, "") + posts("others", { type: "other" }, ""),
  ),
  // The provider's page severs itself from the app's; consent comes while the window reads closed.
  "/connect/severed": html(
    `document.title = opener ? "opener" : "severed"
     setTimeout(() => fetch("/consent/severed", { method: "POST" }), 2500)`,
    { "cross-origin-opener-policy": "same-origin" },
  ),
}

const appPage = (): StaticFile =>
  html(`
    import { createClient, ConnectError } from "/sdk.js"
    const { connectors } = createClient({
      serverUrl: ${JSON.stringify(server.url)}, appId: "${appId}", token: "${userToken}",
    })
    const told = (call) => call.then(
      (value) => ({ value }),
      (error) => ({ name: error.name, code: error.code, typed: error instanceof ConnectError }),
    )
    window.completed = told(connectors.completeConnect())
    document.getElementById("connect").onclick = () => {
      window.outcome = told(connectors.openConnectWindow(window.connectorId))
      window.outcome.then((outcome) => (window.settled = outcome))
    }`)

beforeAll(async () => {
  server = await startContractServer(connectPages)
  const files: Record<string, StaticFile> = {
    "/sdk.js": { type: "text/javascript", body: await bundleSdk() },
  }
  app = await startContractServer(files)
  files["/"] = appPage()
  files["/foreign"] = html(posts("open", { status: "connected" }))
  browser = await chromium.launch({ executablePath: findChromium(), args: chromiumArguments })
})
afterAll(async () => {
  await browser?.close()
  await app?.[Symbol.asyncDispose]()
  await server?.[Symbol.asyncDispose]()
})
beforeEach(async () => {
  server.connected.clear()
  page = await browser.newPage()
  await page.goto(app.url)
  await page.waitForFunction("window.completed")
  return () => page.context().close()
})

/** Clicks the page's button. */
async function connect(connectorId: string): Promise<Page> {
  await page.evaluate((id) => Object.assign(globalThis, { connectorId: id }), connectorId)
  const [popup] = await Promise.all([page.waitForEvent("popup"), page.click("#connect")])
  return popup
}
const outcome = (): Promise<unknown> => page.evaluate("window.outcome")
const settled = (): Promise<unknown> => page.evaluate("window.settled")
const refusal = (code: string): object => ({ name: "ConnectError", code, typed: true })

describe("openConnectWindow", () => {
  test("resolves when the final page says that the account is connected", async () => {
    await connect("granted")
    expect(await outcome()).toEqual({ value: { status: "connected", connectionId: "conn_granted" } })
    const initiate = server.seen.findLast(({ path }) => path.endsWith("/initiate"))
    expect(initiate?.headers["x-origin-url"]).toBe(`${app.url}/`)
  })

  test("rejects with the provider's code when it refused", async () => {
    await connect("denied")
    expect(await outcome()).toEqual(refusal("access_denied"))
  })

  test("completes a verified attempt in the user's name before it resolves", async () => {
    await connect("verified")
    expect(await outcome()).toMatchObject({ value: { connectionId: "conn_verified" } })
    expect(server.connected).toContain("verified")
    expect(server.lastSeen().path).toMatch(/\/complete$/)
  })

  test("rejects when the attempt cannot be completed", async () => {
    await connect("spent")
    expect(await outcome()).toMatchObject({ name: "GrantryError", code: "ATTEMPT_OVER" })
  })

  test("rejects when the user closed the window", async () => {
    const popup = await connect("open")
    await popup.waitForURL(/\/connect\/open$/)
    await popup.close()
    expect(await outcome()).toEqual(refusal("window_closed"))
  })

  test("asks the server when a window closed without a word", async () => {
    await connect("silent")
    expect(await outcome()).toMatchObject({ value: { connectionId: "conn_silent" } })
  })

  test("sees the connection although the provider's page severed itself from the app's", async () => {
    const popup = await connect("severed")
    await popup.waitForFunction("document.title === 'severed'")
    expect(await outcome()).toMatchObject({ value: { connectionId: "conn_severed" } })
    await popup.close()
  })

  test("a user who reconnects is not done before something has changed", async () => {
    server.connected.add("open")
    const popup = await connect("open")
    await popup.waitForURL(/\/connect\/open$/)
    await popup.close()
    expect(await outcome()).toEqual(refusal("window_closed"))
  })

  test("closes the window when the attempt cannot begin", async () => {
    const popup = await connect("unknown")
    expect(await outcome()).toMatchObject({ name: "NotConnectedError" })
    await expect.poll(() => popup.isClosed()).toBe(true)
  })

  test("ignores messages from other origins", async () => {
    const popup = await connect("open")
    await popup.waitForURL(/\/connect\/open$/)
    await popup.evaluate((url) => location.assign(url), `${app.url}/foreign`)
    await popup.waitForEvent("close")
    expect(await settled()).toBeUndefined()
    expect(await outcome()).toEqual(refusal("window_closed"))
  })

  test("ignores messages from other windows of the server's origin", async () => {
    const popup = await connect("open")
    await popup.waitForURL(/\/connect\/open$/)
    // A second window of the same page: the right origin and connection, the wrong source.
    const message = { source: "grantry", type: "connect", connection_id: "conn_open", status: "connected" }
    const [other] = await Promise.all([
      page.waitForEvent("popup"),
      page.evaluate((url) => void open(url, "other"), `${server.url}/connect/open`),
    ])
    await other.waitForURL(/\/connect\/open$/)
    await other.evaluate((data) => opener.postMessage(data, "*"), message)
    expect(await settled()).toBeUndefined()
    await popup.evaluate((data) => opener.postMessage(data, "*"), message)
    expect(await outcome()).toMatchObject({ value: { connectionId: "conn_open" } })
  })

  test("ignores messages about other connections and of other types", async () => {
    const popup = await connect("others")
    await popup.waitForURL(/\/connect\/others$/)
    await popup.close()
    expect(await outcome()).toEqual(refusal("window_closed"))
  })

  test("sends the page itself where windows are blocked", async () => {
    await page.evaluate(() => Object.assign(globalThis, { open: () => null, connectorId: "open" }))
    await page.click("#connect")
    await page.waitForURL(`${server.url}/connect/open`)
  })
})

describe("completeConnect", () => {
  test("finishes what a redirect began from the page's own address", async () => {
    await page.goto(`${app.url}/?connection_id=conn_back&status=connected&connect_handle=handle_back`)
    expect(await page.evaluate("window.completed")).toEqual({
      value: { status: "connected", connectionId: "conn_back" },
    })
    expect(server.connected).toContain("back")
  })

  test("does nothing on a page that nobody came back to", async () => {
    expect(await page.evaluate("window.completed")).toEqual({ value: null })
  })
})
