/** The consent in single steps, so that a test can stop, repeat or bend any of them. */
import { call, type Answer, type Credential, type TestApp } from "../harness/api.ts"
import { type Form, formsOf, type PageSeen, TestBrowser } from "../harness/browser.ts"
import { type BeginBody, type Consent, initiate } from "../harness/connect.ts"
import { requestsTo } from "../harness/sandbox.ts"

export const minuteMs = 60_000

/** The one form of a page. */
export function formOf(page: PageSeen): Form {
  const [form] = formsOf(page)
  if (!form) throw new Error(`no form on this page (HTTP ${page.status}): ${page.html}`)
  return form
}

export function locationOf(page: PageSeen): URL {
  const location = page.headers.get("location")
  if (location === null) throw new Error(`no redirect (HTTP ${page.status}): ${page.html}`)
  return new URL(location, page.url)
}

/** A link to the connect page. */
export async function begin(
  base: string,
  app: TestApp,
  type: string,
  body: Record<string, unknown> = {},
): Promise<Begun> {
  const begun = await initiate(base, app, type, body)
  return begunOf(begun)
}

export interface Begun {
  readonly link: string
  readonly connectionId: string
}

export function begunOf(answer: BeginBody): Begun {
  if (answer.redirect_url === null || answer.connection_id === null)
    throw new Error(`nothing began: ${JSON.stringify(answer)}`)
  return { link: answer.redirect_url, connectionId: answer.connection_id }
}

/** The click on the connect page: where the browser is sent. */
export async function click(
  browser: TestBrowser,
  link: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<URL> {
  const page = await browser.open(link)
  return locationOf(await browser.post(page, formOf(page), changes))
}

/** The decision at the provider: the callback's address, not opened yet. */
export async function decideAt(browser: TestBrowser, providerUrl: URL, choice: Consent = {}): Promise<URL> {
  const page = await browser.open(providerUrl.href)
  const form = formsOf(page)[choice.deny === true ? 1 : 0]
  if (!form) throw new Error(`no consent form: ${page.html}`)
  const fields = new URLSearchParams()
  for (const [name, value] of form.fields)
    if (choice.untick?.includes(value) !== true) fields.append(name, value)
  const account = choice.account === undefined ? {} : { account: choice.account }
  return locationOf(await browser.post(page, { ...form, fields }, account))
}

export interface AtCallback extends Begun {
  readonly browser: TestBrowser
  readonly callback: URL
}

/** Everything up to the callback, which the test opens itself. */
export async function upToCallback(
  base: string,
  app: TestApp,
  type: string,
  options: { readonly body?: Record<string, unknown>; readonly choice?: Consent } = {},
): Promise<AtCallback> {
  const browser = new TestBrowser()
  const begun = await begin(base, app, type, options.body)
  const callback = await decideAt(browser, await click(browser, begun.link), options.choice)
  return { ...begun, browser, callback }
}

export async function tokenCalls(base: string, type: string): Promise<number> {
  return (await requestsTo(base, type, "token")).length
}

export async function statusOf(
  base: string,
  app: TestApp,
  type: string,
  connectionId: string,
  as?: Credential,
): Promise<unknown> {
  const query = new URLSearchParams({ integration_type: type, connection_id: connectionId })
  const path = `/api/apps/${app.id}/external-auth/status?${query}`
  return (await call<{ status?: unknown }>(base, "GET", path, as === undefined ? {} : { as })).body.status
}

export function declare(
  base: string,
  app: TestApp,
  type: string,
  body: Record<string, unknown>,
  as?: Credential,
): Promise<Answer<BeginBody>> {
  const path = `/api/apps/${app.id}/external-auth/integrations/${type}`
  return call<BeginBody>(base, "PUT", path, { body, ...(as !== undefined && { as }) })
}

/** Waits until a check passes; for what happens behind the answer. */
export async function eventually(check: () => Promise<void>, withinMs = 12_000): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
