/** Registering OAuth clients and looking after them. */
import type { Browser, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { call, createApp } from "../../harness/api.ts"
import { firstWorkspace } from "../../harness/members.ts"
import type { TestServer } from "../../harness/server.ts"
import { picture } from "./screenshots.ts"
import { beginVisit, consentIn, launchChromium, signIn, startDashboard, type Visit } from "./visit.ts"

let server: TestServer
let browser: Browser
let visit: Visit
let page: Page
let ws: string

beforeAll(async () => {
  server = await startDashboard()
  browser = await launchChromium()
  ws = await firstWorkspace(server.url)
  await createApp(server.url, "Weekly report")
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

async function chooseService(name: string): Promise<void> {
  await page.getByRole("combobox", { name: "Service" }).fill(name)
  await page.getByRole("option", { name, exact: true }).click()
}

test("an own OAuth client is registered, shows its redirect URI, and never its secret again", async () => {
  await signIn(page, undefined, `/workspaces/${ws}/connectors/new`)
  await button("Register").click()
  await page.getByText("Choose the service.").waitFor()
  await chooseService("HubSpot")
  await page.getByRole("textbox", { name: "Name" }).fill("Marketing")
  await page.getByLabel("Client ID").fill("client-1")
  await page.getByLabel("Client secret", { exact: true }).fill("secret-canary-0001")
  const callback = page.getByText(`${server.url}/api/external-auth/callback/`)
  const promised = ((await callback.textContent()) ?? "").trim()
  await picture(page, "register-connector")
  // Whoever comes back from the provider's console finds the same address.
  await page.reload()
  await chooseService("HubSpot")
  await page.getByText(promised, { exact: true }).waitFor()
  await page.getByRole("textbox", { name: "Name" }).fill("Marketing")
  await page.getByLabel("Client ID").fill("client-1")
  await page.getByLabel("Client secret", { exact: true }).fill("secret-canary-0001")
  await button("Register").click()
  await page.getByRole("heading", { name: "Marketing" }).waitFor()
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? ""
  expect(promised).toBe(`${server.url}/api/external-auth/callback/${id}`)
  await page.getByText(promised, { exact: true }).waitFor()
  await page.getByLabel("code for the app's account", { exact: true }).getByText(id).waitFor()
  await picture(page, "connector")
  expect(await page.content()).not.toContain("secret-canary-0001")

  await page.getByLabel("New client secret", { exact: true }).fill("secret-canary-0002")
  await button("Rotate").click()
  await page.getByText("The new secret is in use.").waitFor()
  await expect.poll(() => page.getByLabel("New client secret", { exact: true }).inputValue()).toBe("")
})

test("a connector is tried with a real consent; after new scopes it lists who must connect again", async () => {
  await signIn(page, undefined, `/workspaces/${ws}/connectors/new`)
  await chooseService("Dropbox")
  await page.getByRole("textbox", { name: "Name" }).fill("Team files")
  await page.getByRole("switch", { name: /^Use the sandbox/ }).check()
  await button("Register").click()
  await page.getByRole("heading", { name: "Team files" }).waitFor()
  await page.getByText("Nobody yet.").waitFor()
  await button("Try it").click()
  await consentIn(page, page.getByRole("menuitem", { name: "Weekly report" }))
  await page.getByText("answer with its token").waitFor()
  await page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).click()
  await page.getByText("shared by the app").waitFor()

  const unticked = page.getByRole("checkbox", { checked: false }).first()
  await unticked.check()
  await button("Save").click()
  await page.getByText(/Saved. 1 connections? lack/).waitFor()
  await page.getByText("Must connect again").click()
  await page.getByText("shared by the app").waitFor()
})

test("deleting a connector takes its name, typed", async () => {
  const created = await call<{ id: string }>(server.url, "POST", `/api/workspace/${ws}/connectors`, {
    body: { integration_type: "notion", name: "Old wiki" },
  })
  await signIn(page, undefined, `/workspaces/${ws}/connectors/${created.body.id}`)
  await button("Delete this connector").click()
  const dialog = page.getByRole("dialog")
  expect(await dialog.getByRole("button", { name: "Delete" }).isDisabled()).toBe(true)
  await dialog.getByLabel("Type Old wiki to confirm").fill("Old wiki")
  await dialog.getByRole("button", { name: "Delete" }).click()
  await page.getByText("Old wiki and its connections are gone.").waitFor()
  expect(await page.getByRole("link", { name: "Old wiki" }).count()).toBe(0)
})

test("what the server refuses is shown in its own words, with the code and the request", async () => {
  await signIn(page, undefined, `/workspaces/${ws}/connectors/new`)
  await chooseService("HubSpot")
  await page.getByRole("textbox", { name: "Name" }).fill("Marketing")
  await page.getByRole("switch", { name: /^Use the sandbox/ }).check()
  // The browser itself writes a line about the answer.
  visit.allow(/status of 409/)
  await button("Register").click()
  await page.getByRole("alert").getByText('A connector named "Marketing" exists already').waitFor()
  await page.getByRole("alert").getByRole("link", { name: "NAME_TAKEN: what it means" }).waitFor()
  expect(await page.getByRole("alert").textContent()).toMatch(/req_\w+/)
})
