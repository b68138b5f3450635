/** Ending things: everything of an app, a member with what they connected, a workspace. */
import type { Browser, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { call, createApp, fetchToken } from "../../harness/api.ts"
import { connectShared, consent, type BeginBody } from "../../harness/connect.ts"
import { callFrom, firstWorkspace, join } from "../../harness/members.ts"
import { moveClock } from "../../harness/sandbox.ts"
import type { TestServer } from "../../harness/server.ts"
import { beginVisit, launchChromium, signIn, startDashboard, type Visit } from "./visit.ts"

let server: TestServer
let browser: Browser
let visit: Visit
let page: Page

beforeAll(async () => {
  server = await startDashboard()
  browser = await launchChromium()
})
beforeEach(async () => {
  visit = await beginVisit(browser, server)
  page = visit.page
})
afterEach(() => visit.close())
afterAll(async () => {
  await browser?.close()
  await server?.destroy()
})

const button = (name: string) => page.getByRole("button", { name, exact: true })
const inDialog = (name: string) => page.getByRole("dialog").getByRole("button", { name, exact: true })

test("everything of an app is disconnected once its name is typed, and the page shows how it goes", async () => {
  const app = await createApp(server.url, "Weekly report")
  await connectShared(server.url, app, "dropbox")
  await connectShared(server.url, app, "hubspot")
  await signIn(page, undefined, `/apps/${app.id}/settings`)
  await button("Disconnect everything…").click()
  expect(await inDialog("Disconnect").isDisabled()).toBe(true)
  await page.getByLabel("Type Weekly report to confirm").fill("Weekly report")
  await inDialog("Disconnect").click()
  await page.getByText("2 of 2 disconnected").waitFor()
  await page.getByText("Disconnected", { exact: true }).waitFor()
  expect((await fetchToken(server.url, app, "dropbox")).status).toBe(404)
})

test("who is removed is shown with what they connected, which can go with them", async () => {
  const ws = await firstWorkspace(server.url)
  const app = await createApp(server.url, "Shared board")
  const person = await join(server.url, ws, "editor")
  const path = `/api/apps/${app.id}/external-auth/initiate`
  const body = { integration_type: "dropbox" }
  const begun = await callFrom<BeginBody>(person.browser, server.url, "POST", path, body)
  expect((await consent(begun.body.redirect_url ?? "")).status).toBe(200)
  await signIn(page, undefined, `/workspaces/${ws}/members`)
  await button(`Remove ${person.email}`).click()
  await page.getByText("Dropbox of Shared board").waitFor()
  await page.getByLabel("Disconnect these too").check()
  await inDialog("Remove").click()
  await page.getByText(`${person.email} is removed.`).waitFor()
  await expect
    .poll(async () => (await fetchToken(server.url, app, "dropbox")).status, { timeout: 30_000 })
    .toBe(404)
})

test("a workspace is deleted once its name is typed, and the page shows when nothing is left", async () => {
  const made = await call<{ id: string }>(server.url, "POST", "/api/workspace/workspaces", {
    body: { name: "Old team" },
  })
  await signIn(page, undefined, `/workspaces/${made.body.id}/settings`)
  await button("Delete workspace…").click()
  await page.getByLabel("Type Old team to confirm").fill("Old team")
  await inDialog("Delete").click()
  await page.getByText("Closed; being destroyed").waitFor()
  await moveClock(server.url, 10 * 60_000)
  await page.getByText("Gone, and its keys are destroyed").waitFor()
  await button("To your other workspaces").click()
  await page.waitForURL((url) => !url.pathname.includes(made.body.id))
})
