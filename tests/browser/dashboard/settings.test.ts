/** Keys, settings, users, audit, health and the sandbox's panel. */
import type { Browser, Page } from "playwright-core"
import { readFile } from "node:fs/promises"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { createApp, fetchToken, type TestApp } from "../../harness/api.ts"
import { consent, connectShared } from "../../harness/connect.ts"
import { createConnector, createUser, initiateFor } from "../../harness/app-users.ts"
import { firstWorkspace } from "../../harness/members.ts"
import { moveClock, setFault } from "../../harness/sandbox.ts"
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
  for (const type of ["dropbox", "googlecalendar", "hubspot"]) await connectShared(server.url, app, type)
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

test("a service key is shown once, works, and is refused once it is revoked", async () => {
  await signIn(page, undefined, `/apps/${app.id}/keys`)
  await button("New key").click()
  await page.getByLabel("Name").fill("production")
  await button("Create key").click()
  const key = ((await page.getByLabel("Service key", { exact: true }).last().textContent()) ?? "").trim()
  expect(key).toMatch(/^gsk_/)
  await button("I have copied it").click()
  await page.getByRole("cell", { name: "production", exact: true }).waitFor()
  await picture(page, "service-keys")
  expect(await page.content()).not.toContain(key)
  expect((await fetchToken(server.url, { ...app, serviceKey: key }, "dropbox")).status).toBe(200)

  await button("Revoke production").click()
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click()
  await page.getByText("production is revoked").waitFor()
  expect((await fetchToken(server.url, { ...app, serviceKey: key }, "dropbox")).status).toBe(401)
})

test("an app's settings are saved: upstream, origins and issuers", async () => {
  await signIn(page, undefined, `/apps/${app.id}/settings`)
  await page.getByLabel("Backend functions run at").fill("http://127.0.0.1:9999")
  await button("Save").click()
  await page.getByText("Saved.").first().waitFor()
  const origins = page
    .getByRole("combobox", { name: "Allowed origins" })
    .or(page.getByLabel("Allowed origins"))
    .first()
  await origins.fill("https://app.example.com")
  await origins.press("Enter")
  await button("Save origins").click()
  await page.getByText("Saved.").nth(1).waitFor()
  await button("Trust an issuer").click()
  await page.getByRole("textbox", { name: "Issuer" }).fill("https://login.example.com")
  await page.getByLabel("Audience").fill("weekly-report")
  await page.getByLabel("JWKS URL").fill("https://login.example.com/jwks.json")
  await button("Trust it").click()
  await page.getByRole("cell", { name: "weekly-report", exact: true }).waitFor()
  await page.reload()
  await page.getByText("https://app.example.com").waitFor()
  expect(await page.getByLabel("Backend functions run at").inputValue()).toBe("http://127.0.0.1:9999")
  await picture(page, "app-settings")
})

test("an app user is found and disconnected on request", async () => {
  const user = await createUser(server.url, app, { email: "uma@app.example" })
  const connector = await createConnector(server.url, { integration_type: "notion" })
  const begun = await initiateFor(server.url, app, user, connector)
  await consent(String(begun.body["redirect_url"]))
  await signIn(page, undefined, `/apps/${app.id}/users`)
  await page.getByRole("button", { name: /^Disconnect / }).waitFor()
  await picture(page, "app-users")
  await page.getByLabel("Find a user").fill("nobody")
  await page.getByText("Nobody begins like this").waitFor()
  await page.getByLabel("Find a user").fill("ADA@exa")
  await page.getByText("1 account found.").waitFor()
  await page.getByLabel("Find a user").fill(user.id.slice(0, -1))
  await page.getByText("1 account found.").waitFor()
  await page.keyboard.press("Tab")
  await page.getByRole("button", { name: /^Disconnect / }).focus()
  await page.keyboard.press("Enter")
  await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click()
  await page.getByText(/^Disconnected\. /).waitFor()
})

test("the audit is filtered on the server and exported", async () => {
  await signIn(page, undefined, `/workspaces/${ws}/audit`)
  await page.getByRole("cell", { name: "member.sign_in" }).first().waitFor()
  await picture(page, "audit")
  await page.getByLabel("What", { exact: true }).fill("service_key.create")
  await page.getByRole("cell", { name: "member.sign_in" }).first().waitFor({ state: "detached" })
  await page.getByRole("cell", { name: "service_key.create" }).first().waitFor()
  const downloading = page.waitForEvent("download")
  await button("Export").click()
  await page.getByRole("menuitem", { name: "As CSV" }).click()
  const file = await downloading
  expect(file.suggestedFilename()).toBe("audit.csv")
  const rows = (await readFile(await file.path(), "utf8")).trimEnd().split("\r\n")
  expect(rows.length).toBeGreaterThan(1)
  for (const row of rows.slice(1)) expect(row).toContain(",service_key.create,")
  await page.getByText("The audit was exported.").waitFor()
  await page.getByLabel("What", { exact: true }).fill("")
  await page.getByLabel("Outcome").fill("NO_SUCH_OUTCOME")
  await page.getByText("Nothing like that has happened").waitFor()
})

test("health counts the connections, and the sandbox's clock moves under them", async () => {
  await signIn(page, undefined, "/playground")
  await page.getByRole("cell", { name: "ada@example.com" }).first().waitFor()
  await picture(page, "sandbox")
  await button("1 day").click()
  await page.getByText("Time has passed").waitFor()
  await page.getByRole("combobox", { name: "Provider" }).fill("Dropbox")
  await page.getByRole("option", { name: "Dropbox" }).click()
  await button("Cause it").click()
  await page.getByText(/dropbox: invalid_grant/).waitFor()
  await fetchToken(server.url, app, "dropbox")
  for (const fault of [null, "5xx_then_ok", null, null]) {
    await moveClock(server.url, 5 * 3_600_000)
    if (fault !== null) await setFault(server.url, "hubspot", fault)
    await fetchToken(server.url, app, "hubspot")
    await fetchToken(server.url, app, "googlecalendar")
  }
  await moveClock(server.url, 2 * 3_600_000)
  await page.goto(`/workspaces/${ws}/health`)
  await page.getByText("The server is ready").waitFor()
  await page.getByRole("progressbar", { name: /: 1 must reconnect/ }).waitFor()
  await page.getByRole("figure", { name: /1 found the grant ended/ }).waitFor()
  await page.getByText("grant ended × 1").waitFor()
  await page.getByText(/Tokens that are due for a refresh; the oldest since/).waitFor()
  await button("The same in numbers").focus()
  await page.keyboard.press("Enter")
  await page.getByRole("table", { name: "Refreshes by time" }).waitFor()
  await page.keyboard.press("Enter")
  await page.getByText("7 days").click()
  await page.getByRole("figure", { name: /in the last 7 days: \d+ worked, 1 failed, 1 found/ }).waitFor()
  await page.getByText("did not answer well × 1").waitFor()
  await picture(page, "health")
})
