/** A member with a real browser at the dashboard, and everything that must never happen there. */
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core"
import { startTestServer, type TestServer } from "../../harness/server.ts"
import { chromiumArguments, findChromium } from "../find-chromium.ts"

export const owner = { email: "owner@example.com", password: "correct horse battery staple" }

/** Its first owner signs in with `owner`. */
export function startDashboard(): Promise<TestServer> {
  return startTestServer({
    database: "sqlite",
    env: { GRANTRY_BOOTSTRAP_EMAIL: owner.email, GRANTRY_BOOTSTRAP_PASSWORD: owner.password },
  })
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: chromiumArguments })
}

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors in the console, scripts that failed, and requests that left this server. */
  readonly problems: readonly string[]
  /** A line that the test itself provokes. */
  allow(line: RegExp): void
  /** @throws when there were problems */
  close(): Promise<void>
}

export interface VisitOptions {
  readonly width?: number
  readonly scheme?: "light" | "dark"
  /** Another origin to which the person goes. */
  readonly alsoAt?: string
}

export async function beginVisit(
  browser: Browser,
  server: TestServer,
  { alsoAt, scheme = "light", width = 1280 }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: server.url,
    colorScheme: scheme,
    locale: "en-GB",
    reducedMotion: "reduce",
    viewport: { width, height: 800 },
  })
  context.setDefaultTimeout(20_000)
  const problems: string[] = []
  const allowed: RegExp[] = []
  context.on("console", (message) => {
    const isProblem = message.type() === "error" || message.type() === "warning"
    if (isProblem && !allowed.some((line) => line.test(message.text()))) problems.push(message.text())
  })
  context.on("weberror", (error) => problems.push(String(error.error())))
  context.on("request", (request) => {
    const { origin } = new URL(request.url())
    if (!/^(data|blob):/.test(request.url()) && origin !== server.url && origin !== alsoAt)
      problems.push(`left this server: ${request.url()}`)
  })
  return {
    page: await context.newPage(),
    context,
    problems,
    allow: (line) => void allowed.push(line),
    async close() {
      await context.close()
      if (problems.length > 0) throw new Error(`the browser complained: ${problems.join("\n")}`)
    },
  }
}

/** Through the sign-in page, to which the dashboard leads by itself. */
export async function signIn(
  page: Page,
  { email, password }: { readonly email: string; readonly password: string } = owner,
  path = "/",
): Promise<void> {
  await page.goto(path)
  await page.getByLabel("E-mail address").fill(email)
  await page.getByLabel("Password").fill(password)
  await page.getByRole("button", { name: "Sign in" }).click()
  await page.getByRole("heading", { level: 1 }).waitFor()
}

export interface Decision {
  readonly deny?: boolean
  /** Permissions that the person unticks, by their plain words. */
  readonly untick?: readonly string[]
  readonly account?: RegExp
}

/** Clicks what opens the consent, and goes through the window that opens. */
export async function consentIn(page: Page, button: Locator, decision: Decision = {}): Promise<Page> {
  const opened = page.waitForEvent("popup")
  await button.click()
  const popup = await opened
  await popup.getByRole("button", { name: /^Continue to/ }).click()
  if (decision.account) await popup.getByRole("radio", { name: decision.account }).check()
  for (const words of decision.untick ?? []) await popup.getByRole("checkbox", { name: words }).uncheck()
  await popup.getByRole("button", { name: decision.deny === true ? "Deny" : "Allow" }).click()
  return popup
}
