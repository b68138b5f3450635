/** One integration's life, as somebody sees and clicks it. */
import type { Browser, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { createApp, type TestApp } from "../../harness/api.ts"
import { connectShared } from "../../harness/connect.ts"
import { moveClock, setFault } from "../../harness/sandbox.ts"
import type { TestServer } from "../../harness/server.ts"
import { picture } from "./screenshots.ts"
import { beginVisit, consentIn, launchChromium, signIn, startDashboard, type Visit } from "./visit.ts"

let server: TestServer
let browser: Browser
let visit: Visit
let page: Page
let app: TestApp

beforeAll(async () => {
  server = await startDashboard()
  browser = await launchChromium()
})
beforeEach(async () => {
  app = await createApp(server.url, "Weekly report")
  visit = await beginVisit(browser, server)
  page = visit.page
})
afterEach(() => visit.close())
afterAll(async () => {
  await browser?.close()
  await server?.destroy()
})

const button = (name: string) => page.getByRole("button", { name, exact: true })
const open = (type: string) => signIn(page, undefined, `/apps/${app.id}/integrations/${type}`)
const closeDialog = () => page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click()

test("a service is found by its name and by its category", async () => {
  await signIn(page, undefined, `/apps/${app.id}/integrations`)
  await page.getByLabel("Search services").fill("hubs")
  expect(await page.getByRole("listitem").count()).toBe(1)
  await page.getByLabel("Search services").fill("no such thing")
  await page.getByText("No such service").waitFor()
  await page.getByLabel("Search services").fill("")
  await page.getByRole("combobox", { name: "Category" }).click()
  await page.getByRole("option", { name: "Calendar" }).click()
  expect(await page.getByRole("listitem").count()).toBeLessThan(6)
})

test("an account is connected, tried, and disconnected with a receipt", async () => {
  await open("googlecalendar")
  const popup = await consentIn(page, button("Connect"), { account: /ada@example.com/ })
  await page.getByText("answer with its token").waitFor()
  expect(popup.isClosed()).toBe(true)
  await closeDialog()
  await page.getByText("ada@example.com").first().waitFor()
  await page.getByText("1 of 1 granted").waitFor()
  await picture(page, "connected")

  await button("Try it").click()
  await page.getByText("A call with the refreshed token worked").waitFor()
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click()

  await button("Disconnect").click()
  await page.getByText("The tokens are destroyed at once").waitFor()
  await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click()
  await page.getByText("The provider has revoked the grant.").waitFor()
  await page.getByText("Disconnected", { exact: true }).waitFor()
})

test("permissions that the person unticks are shown as missing, and asked for again", async () => {
  await open("hubspot")
  for (const box of (await page.getByRole("checkbox").all()).slice(0, 2)) await box.check()
  const opened = page.waitForEvent("popup")
  await button("Connect").click()
  const popup = await opened
  await popup.getByRole("button", { name: /^Continue to/ }).click()
  await popup.getByRole("checkbox").first().uncheck()
  await popup.getByRole("button", { name: "Allow" }).click()
  await page
    .getByRole("dialog")
    .getByText(/answer with its token|did not complete/)
    .waitFor()
  await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click()
  await page.getByText("Some permissions were not granted").waitFor()
  await page.getByText("not granted", { exact: true }).first().waitFor()
  await picture(page, "partly-granted")
  await consentIn(page, button("Reconnect"))
  await page.getByText("answer with its token").waitFor()
  await closeDialog()
  await page.getByText("Some permissions were not granted").waitFor({ state: "detached" })
})

test("a consent that the person denies changes nothing and says so", async () => {
  await open("dropbox")
  // The final page of a refused consent is a 400, and the browser writes a line about it.
  visit.allow(/status of 400/)
  const popup = await consentIn(page, button("Connect"), { deny: true })
  await page.getByText(/^Dropbox said: access_denied/).waitFor()
  await page.getByText("Somebody declined. Try again and allow it").waitFor()
  await picture(page, "consent-denied")
  await popup.getByRole("heading", { name: "Nothing was connected" }).waitFor()
  await popup.close()
  await closeDialog()
  await page.getByText("Not connected", { exact: true }).waitFor()
})

test("a grant that the provider has ended says why and since when, and is brought back", async () => {
  await connectShared(server.url, app, "dropbox")
  await setFault(server.url, "dropbox", "invalid_grant")
  await moveClock(server.url, 5 * 3_600_000)
  await open("dropbox")
  await button("Try it").click()
  await page.getByText("A refresh failed").waitFor()
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click()
  await page.getByText(/refused the refresh token on \d+ \w+: \w+/).waitFor()
  await picture(page, "reconnect-required")
  await consentIn(page, button("Reconnect"))
  await page.getByText("answer with its token").waitFor()
  await closeDialog()
  await page.getByText("Connected", { exact: true }).first().waitFor()
})

test("everything to a connected account can be done with the keyboard alone", async () => {
  await open("googlecalendar")
  await tabTo(page, /^Connect$/)
  const opened = page.waitForEvent("popup")
  await page.keyboard.press("Enter")
  const popup = await opened
  await popup.getByRole("button", { name: /^Continue to/ }).waitFor()
  await tabTo(popup, /^Continue to/)
  await popup.keyboard.press("Enter")
  await popup.getByRole("button", { name: "Allow" }).waitFor()
  await tabTo(popup, /^Allow$/)
  await popup.keyboard.press("Enter")
  await page.getByText("answer with its token").waitFor()
  await page.keyboard.press("Escape")
  await page.getByText("Connected", { exact: true }).first().waitFor()
})

async function tabTo(where: Page, text: RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    const focused = await where.evaluate(() => document.activeElement?.textContent?.trim() ?? "")
    if (text.test(focused)) return
    await where.keyboard.press("Tab")
  }
  throw new Error(`no Tab leads to ${text}`)
}
