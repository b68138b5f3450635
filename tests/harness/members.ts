/** Members as people with a browser: they sign in on the server's pages and carry its cookies. */
import { type Answer, call, type Credential } from "./api.ts"
import { formsOf, type Form, type PageSeen, TestBrowser } from "./browser.ts"
import { ownerKey, startTestServer, type TestServer, type TestServerOptions } from "./server.ts"

export const ownerEmail = "owner@example.com"
export const ownerPassword = "correct horse battery staple"

/** A server whose first owner signs in with `ownerEmail` and `ownerPassword`. */
export function startWithOwner(options: TestServerOptions): Promise<TestServer> {
  return startTestServer({
    ...options,
    env: {
      GRANTRY_BOOTSTRAP_EMAIL: ownerEmail,
      GRANTRY_BOOTSTRAP_PASSWORD: ownerPassword,
      ...options.env,
    },
  })
}

export function formTo(page: PageSeen, action: string): Form {
  const form = formsOf(page).find((one) => one.action === action)
  if (!form) throw new Error(`no form to ${action} on ${page.url}: ${page.status} ${page.html}`)
  return form
}

/** Through the page, as a person does. */
export async function signInOnPage(
  url: string,
  { email = ownerEmail, password = ownerPassword } = {},
  browser = new TestBrowser(),
): Promise<TestBrowser> {
  const page = await browser.open(`${url}/sign-in`)
  const after = await browser.submit(page, formTo(page, "/sign-in"), { email, password })
  if (after.status !== 200) throw new Error(`signing in as ${email} failed: ${after.status} ${after.html}`)
  return browser
}

export function cookieOf(browser: TestBrowser): string {
  return [...browser.cookies].map(([name, value]) => `${name}=${value}`).join("; ")
}

/** A call of a page of this server: with the browser's cookies and the Origin that browsers send. */
export function callFrom<Body = Record<string, unknown>>(
  browser: TestBrowser,
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer<Body>> {
  const headers = { cookie: cookieOf(browser), origin: new URL(url).origin, "sec-fetch-site": "same-origin" }
  return call<Body>(url, method, path, { as: null, headers, ...(body !== undefined && { body }) })
}

export async function firstWorkspace(url: string): Promise<string> {
  const list = await call<{ workspaces: { id: string }[] }>(url, "GET", "/api/workspace/workspaces", {
    as: { apiKey: ownerKey },
  })
  return list.body.workspaces[0]?.id ?? ""
}

export interface Person {
  readonly email: string
  readonly memberId: string
  readonly browser: TestBrowser
}

let count = 0

/** Invited (by the owner unless told), signed up on the invitation's page, and in the workspace with this role. */
export async function join(
  url: string,
  workspaceId: string,
  role: string,
  as: Credential = { apiKey: ownerKey },
): Promise<Person> {
  count += 1
  const email = `person${count}@example.com`
  const invited = await call<{ link: string }>(url, "POST", `/api/workspace/${workspaceId}/members`, {
    as,
    body: { email, role },
  })
  const browser = new TestBrowser()
  const page = await browser.open(invited.body.link)
  const joined = await browser.submit(page, formTo(page, new URL(invited.body.link).pathname), {
    name: `Person ${count}`,
    password: ownerPassword,
  })
  if (joined.status !== 200) throw new Error(`${email} could not join: ${joined.status} ${joined.html}`)
  const session = await callFrom<{ user: { id: string } }>(browser, url, "GET", "/api/auth/get-session")
  return { email, memberId: session.body.user.id, browser }
}

/** Approves a device login on its page, or denies it. */
export async function answerDevice(
  browser: TestBrowser,
  url: string,
  userCode: string,
  answer: "approve" | "deny" = "approve",
): Promise<PageSeen> {
  const entry = await browser.open(`${url}/device`)
  const asked = await browser.submit(entry, formTo(entry, "/device"), { user_code: userCode })
  return browser.submit(asked, formTo(asked, "/device/decide"), { answer })
}
