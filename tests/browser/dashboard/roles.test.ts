/** What a role may do: the page leaves out what the server would refuse, and the server refuses it all the same. */
import type { Browser, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { call, createApp, type TestApp } from "../../harness/api.ts"
import { connectShared } from "../../harness/connect.ts"
import { firstWorkspace } from "../../harness/members.ts"
import type { TestServer } from "../../harness/server.ts"
import { picture } from "./screenshots.ts"
import { beginVisit, launchChromium, signIn, startDashboard, type Visit } from "./visit.ts"

let server: TestServer
let browser: Browser
let visit: Visit
let page: Page
let app: TestApp
let ws: string

beforeAll(async () => {
  server = await startDashboard()
  browser = await launchChromium()
  ws = await firstWorkspace(server.url)
  app = await createApp(server.url, "Weekly report")
  await connectShared(server.url, app, "dropbox")
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

const viewer = { email: "vera@example.com", password: "a long enough sentence" }

/** Invited on the members page by the owner; the link is opened by somebody else. */
async function inviteViewer(): Promise<string> {
  await signIn(page, undefined, `/workspaces/${ws}/members`)
  await page.getByRole("button", { name: "Invite" }).click()
  await page.getByLabel("E-mail address").fill(viewer.email)
  await page.getByLabel("Role", { exact: true }).selectOption("viewer")
  await page.getByRole("button", { name: "Make an invitation link" }).click()
  const link = (await page.getByLabel("Invitation link", { exact: true }).last().textContent()) ?? ""
  await page.getByRole("button", { name: "I have copied it" }).click()
  await page.getByText("invited", { exact: true }).waitFor()
  await picture(page, "members")
  return link.trim()
}

test("somebody who is invited as a viewer sees everything and no button that writes", async () => {
  const link = await inviteViewer()
  const guest = await beginVisit(browser, server)
  try {
    await guest.page.goto(link)
    await guest.page.getByLabel("Name").fill("Vera")
    await guest.page.getByLabel("Password").fill(viewer.password)
    await guest.page.getByRole("button").last().click()
    await guest.page.waitForLoadState("networkidle")
    await guest.page.goto(`/apps/${app.id}/integrations/dropbox`)
    await guest.page.getByText("Connected", { exact: true }).waitFor()
    for (const name of ["Connect", "Reconnect", "Disconnect", "Try it"])
      expect(await guest.page.getByRole("button", { name, exact: true }).count()).toBe(0)
    for (const [path, name] of [
      [`/apps/${app.id}/keys`, "New key"],
      [`/apps/${app.id}/settings`, "Save"],
      [`/workspaces/${ws}/connectors`, "Register a connector"],
      [`/workspaces/${ws}/members`, "Invite"],
      [`/workspaces/${ws}`, "New app"],
    ] as const) {
      await guest.page.goto(path)
      await guest.page.getByRole("heading", { level: 1 }).waitFor()
      await expect.poll(() => guest.page.getByLabel("Loading").count(), { timeout: 20_000 }).toBe(0)
      expect(await guest.page.getByRole("button", { name, exact: true }).count()).toBe(0)
    }
    await guest.page.goto(`/workspaces/${ws}/audit`)
    await guest.page.getByText("For owners and admins").waitFor()

    guest.allow(/status of 403/)
    const refused = await guest.page.evaluate(
      async (path) => (await fetch(path, { method: "DELETE" })).status,
      `/api/apps/${app.id}/external-auth/integrations/dropbox`,
    )
    expect(refused).toBe(403)
  } finally {
    await guest.close()
  }
}, 150_000)

test("the owner changes a role and removes a member", async () => {
  await signIn(page, undefined, `/workspaces/${ws}/members`)
  await page.getByLabel(`Role of ${viewer.email}`).selectOption("editor")
  await page.getByText(`${viewer.email} is editor now.`).waitFor()
  await page.getByRole("button", { name: `Remove ${viewer.email}` }).click()
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click()
  await page.getByText(`${viewer.email} is removed.`).waitFor()
})

test("the last owner cannot be made less, and the page shows the server's reason", async () => {
  await signIn(page, undefined, `/workspaces/${ws}/members`)
  visit.allow(/status of 4\d\d/)
  await page.getByLabel(/^Role of owner/).selectOption("viewer")
  await page
    .getByRole("alert")
    .getByRole("link", { name: /what it means/ })
    .waitFor()
  const { body } = await call<{ workspaces: { user_role: string }[] }>(
    server.url,
    "GET",
    "/api/workspace/workspaces",
  )
  expect(body.workspaces[0]?.user_role).toBe("owner")
})
