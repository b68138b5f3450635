/** A member's ways in: the second factor from its first code to its last, and the OpenID provider. */
import type { Browser, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest"
import { earlyInStep, totp } from "../../harness/second-factor.ts"
import { newAccount, type SignInSetup, startSignInSetup } from "../../peers/sign-in-provider.ts"
import { seriousFindings, sidewaysExcess } from "./axe-findings.ts"
import { picture } from "./screenshots.ts"
import { beginVisit, launchChromium, owner, signIn, type Visit, type VisitOptions } from "./visit.ts"

let setup: SignInSetup
let browser: Browser
let visit: Visit
let page: Page

beforeAll(async () => {
  setup = await startSignInSetup("sqlite")
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await setup?.close()
})

async function begin(options: VisitOptions = {}): Promise<void> {
  visit = await beginVisit(browser, setup.server, { alsoAt: setup.provider.issuer, ...options })
  page = visit.page
}

const button = (name: string) => page.getByRole("button", { name, exact: true })

/** With the keyboard alone: the field has the focus already, and Enter goes on. */
async function givePassword(): Promise<void> {
  const field = page.getByRole("dialog").getByLabel("Your password")
  await field.waitFor()
  await expect.poll(() => field.evaluate((input) => input === document.activeElement)).toBe(true)
  await page.keyboard.type(owner.password)
  await page.keyboard.press("Enter")
}

async function takeCodes(): Promise<readonly string[]> {
  const shown = page.getByLabel("Backup codes", { exact: true }).last()
  await shown.waitFor()
  const codes = ((await shown.textContent()) ?? "").trim().split("\n")
  await button("I have copied it").click()
  await shown.waitFor({ state: "detached" })
  return codes
}

async function turnOn(): Promise<{ readonly uri: string; readonly codes: readonly string[] }> {
  await button("Turn on").focus()
  await page.keyboard.press("Enter")
  await givePassword()
  const dialog = page.getByRole("dialog", { name: "Set up your authenticator app" })
  await dialog.getByRole("img", { name: /QR code/ }).waitFor()
  await picture(page, "second-factor")
  const secret = (await dialog.locator("code").first().textContent()) ?? ""
  const uri = `otpauth://totp/x?secret=${secret}`
  await earlyInStep()
  expect(await seriousFindings(page)).toEqual([])
  await dialog.getByLabel("Code").fill(totp(uri, -1))
  await page.keyboard.press("Enter")
  return { uri, codes: await takeCodes() }
}

async function signOut(): Promise<void> {
  await page.context().clearCookies()
  await page.goto("/account")
  await page.getByLabel("E-mail address").waitFor()
}

async function turnOff(): Promise<void> {
  await button("Turn off").click()
  await givePassword()
  await page.getByText("The second factor is off.").waitFor()
  await button("Turn on").waitFor()
}

describe("the second factor", () => {
  beforeEach(() => begin())
  afterEach(() => visit.close())

  test("is turned on, asked for at sign-in, and turned off, with the keyboard alone", async () => {
    await signIn(page, owner, "/account")
    const { codes, uri } = await turnOn()
    await page.getByText("A code of your app is asked for").waitFor()
    await picture(page, "account")
    expect(codes).toHaveLength(10)
    expect(await page.content()).not.toContain(codes[0])

    await signOut()
    await signIn(page, owner, "/account")
    await page.getByRole("heading", { name: "Enter your code" }).waitFor()
    await picture(page, "sign-in-code")
    visit.allow(/401/)
    await page.getByLabel("Code").fill("12 34 56")
    await page.keyboard.press("Enter")
    await page.getByRole("alert").getByText("The code is wrong").waitFor()
    await page.getByLabel("Code").fill(totp(uri))
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Your account" }).waitFor()
    await turnOff()
  }, 120_000)

  test("a backup code signs in, and new ones can be made", async () => {
    await signIn(page, owner, "/account")
    const { codes } = await turnOn()
    await signOut()
    await signIn(page, owner, "/account")
    await page.getByLabel("Code").fill(codes[3] ?? "")
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Your account" }).waitFor()
    await button("New backup codes").click()
    await givePassword()
    const renewed = await takeCodes()
    expect(renewed).toHaveLength(10)
    expect(renewed).not.toContain(codes[4])
    await turnOff()
  }, 120_000)

  test("a wrong password says so in the dialog", async () => {
    await signIn(page, owner, "/account")
    visit.allow(/400/)
    await button("Turn on").click()
    const dialog = page.getByRole("dialog")
    await dialog.getByLabel("Your password").fill("not the password")
    await page.keyboard.press("Enter")
    await dialog.getByText("The current password is wrong.").waitFor()
  })
})

describe("the OpenID provider", () => {
  beforeEach(() => begin())
  afterEach(() => visit.close())

  test("is linked on the account's page, signs in from the sign-in page, and is unlinked", async () => {
    const { sub } = newAccount(setup)
    setup.provider.person = { accountId: sub, decision: "approve" }
    await signIn(page, owner, "/account")
    await button("Link Acme").click()
    await givePassword()
    await page.getByText("Your account of Acme signs you in too.").waitFor()
    await signOut()
    await picture(page, "sign-in")
    await page.getByRole("link", { name: "Sign in with Acme" }).focus()
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Your account" }).waitFor()
    await button("Unlink").click()
    await page.getByText("Acme no longer signs you in.").waitFor()
  }, 120_000)

  test("who is nobody here is told what to do, on the sign-in page", async () => {
    visit.allow(/403/)
    setup.provider.person = { accountId: newAccount(setup).sub, decision: "approve" }
    await page.goto("/sign-in")
    await page.getByRole("link", { name: "Sign in with Acme" }).click()
    await page.getByRole("alert").getByText("ask an owner or admin").waitFor()
    await page.getByLabel("E-mail address").waitFor()
  })
})

describe.each(["light", "dark"] as const)("at 360 pixels, in %s colours", (scheme) => {
  beforeEach(() => begin({ scheme, width: 360 }))
  afterEach(() => visit.close())

  test("the sign-in page, the code's page and the account's cards are whole and accessible", async () => {
    const findings: string[] = []
    const look = async () => {
      findings.push(...(await seriousFindings(page)), `${await sidewaysExcess(page)} px too wide`)
    }
    await page.goto("/sign-in?next=/account")
    await look()
    await signIn(page, owner, "/account")
    await button("Link Acme").waitFor()
    await look()
    const { codes } = await turnOn()
    await look()
    await signOut()
    await signIn(page, owner, "/account")
    await page.getByRole("heading", { name: "Enter your code" }).waitFor()
    await look()
    await page.getByLabel("Code").fill("wrong")
    visit.allow(/401/)
    await page.keyboard.press("Enter")
    await page.getByRole("alert").waitFor()
    await look()
    await page.getByLabel("Code").fill(codes[0] ?? "")
    await page.keyboard.press("Enter")
    await turnOff()
    expect(new Set(findings)).toEqual(new Set(["0 px too wide"]))
  }, 120_000)
})
