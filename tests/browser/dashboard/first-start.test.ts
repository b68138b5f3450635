/** From the link that the server prints to the first token, as a newcomer goes. */
import type { Browser } from "playwright-core"
import { afterAll, beforeAll, expect, test } from "vitest"
import { call } from "../../harness/api.ts"
import { startTestServer, type TestServer } from "../../harness/server.ts"
import { picture } from "./screenshots.ts"
import { beginVisit, consentIn, launchChromium, owner, signIn, type Visit } from "./visit.ts"

let server: TestServer
let browser: Browser
let visit: Visit

beforeAll(async () => {
  server = await startTestServer({ database: "sqlite", env: { GRANTRY_BOOTSTRAP_API_KEY: "" } })
  browser = await launchChromium()
  visit = await beginVisit(browser, server)
})
afterAll(async () => {
  await browser?.close()
  await server?.destroy()
})

test("the one-time link leads to the first token in less than a minute", async () => {
  const startedAt = performance.now()
  const { page } = visit
  await page.goto(server.startLink() ?? "no link")
  await page.getByLabel("E-mail address").fill(owner.email)
  await page.getByLabel("Password").fill(owner.password)
  await page.getByRole("button", { name: "Make my first app" }).click()
  await page.getByRole("link", { name: "Go on in the dashboard" }).click()

  await page.getByRole("heading", { name: "To your first token" }).waitFor()
  await picture(page, "first-steps")
  await page
    .getByRole("button", { name: /^Connect / })
    .or(page.getByRole("link", { name: /^Connect / }))
    .click()
  await page.getByRole("button", { name: "Connect", exact: true }).waitFor()
  await consentIn(page, page.getByRole("button", { name: "Connect", exact: true }))
  await page.getByRole("dialog").getByText("answer with its token").waitFor()
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click()

  await page.getByRole("link", { name: "Apps", exact: true }).click()
  await page.getByRole("button", { name: "Make a service key" }).click()
  const command = (await page.getByLabel("command", { exact: true }).textContent()) ?? ""
  const token = await run(command)
  expect(token.status).toBe(200)
  expect(token.body["access_token"]).toMatch(/\S{10}/)
  // The checklist notices by itself and goes away.
  await page.getByRole("heading", { name: "To your first token" }).waitFor({ state: "detached" })
  expect(performance.now() - startedAt).toBeLessThan(60_000)
  expect(visit.problems).toEqual([])
})

test("the owner signs out, and in again with the password from the first start", async () => {
  const { page } = visit
  await page.getByRole("button", { name: /^Account of/ }).click()
  await page.getByRole("menuitem", { name: "Sign out" }).click()
  await page.getByRole("heading", { name: "Sign in to Grantry" }).waitFor()
  await signIn(page, owner, "/account")
  expect(new URL(page.url()).pathname).toBe("/account")
  expect(visit.problems).toEqual([])
})

/** What a terminal would do with the command. */
function run(command: string) {
  const [, url = "", key = ""] = /curl "([^"]+)"[\s\S]*Bearer ([^"]+)"/.exec(command) ?? []
  const { origin, pathname } = new URL(url)
  return call(origin, "GET", pathname, { as: { bearer: key } })
}
