/** Webhooks as an admin sets them up, tries them, and mends them. */
import type { Browser, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { createApp, type TestApp } from "../../harness/api.ts"
import { connectShared } from "../../harness/connect.ts"
import { firstWorkspace } from "../../harness/members.ts"
import type { TestServer } from "../../harness/server.ts"
import { startWebhookReceiver, type WebhookReceiver } from "../../harness/webhook-receiver.ts"
import { picture } from "./screenshots.ts"
import { beginVisit, launchChromium, signIn, startDashboard, type Visit } from "./visit.ts"

let server: TestServer
let browser: Browser
let visit: Visit
let page: Page
let receiver: WebhookReceiver
let app: TestApp
let ws: string
let count = 0

beforeAll(async () => {
  receiver = await startWebhookReceiver()
  server = await startDashboard()
  browser = await launchChromium()
  ws = await firstWorkspace(server.url)
  app = await createApp(server.url, "Weekly report")
})
beforeEach(async () => {
  count += 1
  visit = await beginVisit(browser, server)
  page = visit.page
})
afterEach(() => visit.close())
afterAll(async () => {
  await browser?.close()
  await server?.destroy()
  await receiver?.close()
})

const button = (name: string | RegExp) => page.getByRole("button", { name, exact: true })
const dialog = () => page.getByRole("dialog")
const hook = () => `/hook-${count}`

/** @returns the signing secret, as it was shown */
async function add(): Promise<string> {
  await button("Add a webhook").click()
  await dialog()
    .getByLabel("Address")
    .fill(receiver.url + hook())
  await dialog()
    .getByRole("checkbox", { name: /^Somebody connected an account/ })
    .check()
  await dialog().getByRole("button", { name: "Add it" }).click()
  const secret = (await page.getByLabel("Signing secret", { exact: true }).last().textContent()) ?? ""
  await button("I have copied it").click()
  await page.getByRole("link", { name: receiver.url + hook() }).click()
  await page.getByRole("heading", { name: "Deliveries" }).waitFor()
  return secret.trim()
}

test("an endpoint is added, shows its secret once, and says what it answers to a test", async () => {
  await signIn(page, undefined, `/workspaces/${ws}/webhooks`)
  await page.getByText("No webhook yet").waitFor()
  await button("Add a webhook").click()
  await dialog().getByRole("button", { name: "Add it" }).click()
  await dialog().getByText("An address, https://…").waitFor()
  await page.keyboard.press("Escape")

  const secret = await add()
  expect(secret).toMatch(/^whsec_/)
  expect(await page.content()).not.toContain(secret)
  await page.getByText("Nothing was sent yet").waitFor()
  await button("Send a test event").click()
  await page.getByText("The endpoint took it: HTTP 204.").waitFor()
  await page.getByRole("cell", { name: /^webhook\.test/ }).waitFor()
  await page.getByText("Arrived").waitFor()
  receiver.answers(hook(), 500)
  await button("Send a test event").click()
  await page.getByText("The endpoint did not take it: HTTP 500.").waitFor()
  expect(receiver.received(hook())).toHaveLength(2)

  await button("Rotate the secret").click()
  await dialog().getByText("signed with both").waitFor()
  await dialog().getByRole("button", { name: "Rotate" }).click()
  const rotated = (await page.getByLabel("New signing secret", { exact: true }).last().textContent()) ?? ""
  expect(rotated.trim()).toMatch(/^whsec_/)
  expect(rotated.trim()).not.toBe(secret)
  await button("I have copied it").click()
})

test("what failed is seen with its reason, the endpoint switched off, what did not arrive sent once more", async () => {
  receiver.always(hook(), 503)
  await signIn(page, undefined, `/workspaces/${ws}/webhooks`)
  await add()
  await connectShared(server.url, app, "dropbox")
  await page.getByText("Waiting").waitFor()
  await page.getByText(/^HTTP 503, next try /).waitFor()
  await page.getByText("It does not take what is sent").waitFor()
  await picture(page, "webhook")
  await button("Switch off").click()
  await dialog().getByRole("button", { name: "Switch off" }).click()
  await page.getByText("It is off because a member switched it off").waitFor()
  await page.getByText("Failed", { exact: true }).waitFor()
  await page.getByRole("link", { name: "All webhooks" }).click()
  await page.getByText("Off: a member switched it off.").waitFor()
  await picture(page, "webhooks")
  await page.getByRole("link", { name: receiver.url + hook() }).click()

  // From here on nothing is sent but by hand.
  await button(/^Send again \S+$/).click()
  await page.getByText("The endpoint did not take it: HTTP 503.").waitFor()
  receiver.always(hook(), 204)
  await button(/^Send again \S+$/).click()
  await page.getByText("The endpoint took it: HTTP 204.").waitFor()
  await page.getByText("Arrived", { exact: true }).waitFor()
  expect(await button(/^Send again \S+$/).count()).toBe(0)
  await button("Switch on").click()
  await page.getByText("Nothing is sent here").waitFor({ state: "detached" })

  await button("Delete this webhook").click()
  await dialog().getByRole("button", { name: "Delete" }).click()
  await page.getByText("The webhook and its deliveries are gone.").waitFor()
  await expect.poll(() => page.getByRole("link", { name: receiver.url + hook() }).count()).toBe(0)
})

test("what the server refuses is shown in its own words", async () => {
  await signIn(page, undefined, `/workspaces/${ws}/webhooks`)
  visit.allow(/status of 422/)
  await button("Add a webhook").click()
  await dialog().getByLabel("Address").fill("https://user:password@example.com/hook")
  await dialog().getByRole("button", { name: "Add it" }).click()
  await dialog().getByRole("alert").getByText("must not hold credentials").waitFor()
})

test("all of it works with the keyboard alone", async () => {
  await signIn(page, undefined, `/workspaces/${ws}/webhooks`)
  await button("Add a webhook").focus()
  await page.keyboard.press("Enter")
  await dialog().getByLabel("Address").waitFor()
  await page.keyboard.type(receiver.url + hook())
  await page.keyboard.press("Enter")
  await button("I have copied it").waitFor()
  await button("I have copied it").focus()
  await page.keyboard.press("Enter")
  await page.getByRole("link", { name: receiver.url + hook() }).focus()
  await page.keyboard.press("Enter")
  await button("Send a test event").focus()
  await page.keyboard.press("Enter")
  await page.getByText("The endpoint took it: HTTP 204.").waitFor()
})
