/** A login that a terminal has begun: who asks is shown, and nothing happens without a click. */
import type { Browser } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest"
import { call } from "../../harness/api.ts"
import type { TestServer } from "../../harness/server.ts"
import { seriousFindings, sidewaysExcess } from "./axe-findings.ts"
import { picture } from "./screenshots.ts"
import { beginVisit, launchChromium, owner, startDashboard, type Visit } from "./visit.ts"

let server: TestServer
let browser: Browser
let visit: Visit

beforeAll(async () => {
  server = await startDashboard()
  browser = await launchChromium()
})
beforeEach(async () => {
  visit = await beginVisit(browser, server, { width: 360 })
})
afterEach(() => visit.close())
afterAll(async () => {
  await browser?.close()
  await server?.destroy()
})

interface Begun {
  readonly device_code: string
  readonly user_code: string
  readonly verification_uri_complete: string
}

async function begin(): Promise<Begun> {
  const body = { client_id: "base44_cli", scope: "apps:read apps:write" }
  return (await call<Begun>(server.url, "POST", "/oauth/device/code", { as: null, body })).body
}

async function poll({ device_code }: Begun): Promise<Record<string, unknown>> {
  const answer = await fetch(`${server.url}/oauth/token`, {
    method: "POST",
    body: new URLSearchParams({
      client_id: "base44_cli",
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      device_code,
    }),
  })
  return (await answer.json()) as Record<string, unknown>
}

/** Signed out, as somebody is who follows the terminal's link: first the sign-in, then the code. */
async function openLink({ user_code, verification_uri_complete }: Begun): Promise<void> {
  const { page } = visit
  await page.goto(verification_uri_complete)
  await page.getByLabel("E-mail address").fill(owner.email)
  await page.getByLabel("Password").fill(owner.password)
  await page.getByRole("button", { name: "Sign in" }).click()
  await expect.poll(() => page.getByLabel("Code").inputValue()).toBe(user_code)
  await page.getByRole("button", { name: "Continue" }).click()
}

test("the page names program, code and member, fits a phone, and an approval by keyboard signs the terminal in", async () => {
  const begun = await begin()
  await openLink(begun)
  const { page } = visit
  for (const shown of [begun.user_code, "apps:read apps:write", owner.email])
    await page.getByText(shown).first().waitFor()
  expect(await seriousFindings(page)).toEqual([])
  expect(await sidewaysExcess(page)).toBe(0)
  await picture(page, "device-approval")
  expect(await poll(begun)).toMatchObject({ error: "authorization_pending" })
  await page.getByRole("button", { name: "Approve" }).focus()
  await page.keyboard.press("Enter")
  await page.getByText("Go back to your terminal").waitFor()
  expect(await poll(begun)).toMatchObject({ access_token: expect.stringMatching(/^gat_/) })
})

test("a denial is said on the page, and the terminal gets nothing", async () => {
  const begun = await begin()
  await openLink(begun)
  await visit.page.getByRole("button", { name: "Deny" }).click()
  await visit.page.getByRole("heading", { name: "The login was denied" }).waitFor()
  expect(await poll(begun)).toMatchObject({ error: "access_denied" })
})
