/** A person who connects an account: connect page, the sandbox's consent page, and back. */
import { call, type TestApp } from "./api.ts"
import { formsOf, type PageSeen, TestBrowser } from "./browser.ts"

export interface Consent {
  /** E-mail address of the sandbox's test account; the first one when absent. */
  readonly account?: string
  readonly deny?: boolean
  /** Scopes that the person unticks. */
  readonly untick?: readonly string[]
  /** Values for the connect page's inputs. */
  readonly config?: Readonly<Record<string, string>>
  readonly browser?: TestBrowser
}

export interface BeginBody {
  readonly redirect_url: string | null
  readonly connection_id: string | null
  readonly already_authorized: boolean
  readonly error: string | null
  readonly error_message: string | null
  readonly other_user_email: string | null
}

/** Opens the connect page, clicks, decides at the provider, and shows the final page. */
export async function consent(redirectUrl: string, choice: Consent = {}): Promise<PageSeen> {
  const browser = choice.browser ?? new TestBrowser()
  const atProvider = await goToProvider(browser, redirectUrl, choice.config)
  return decide(browser, atProvider, choice)
}

/** As far as the provider's consent page. */
export async function goToProvider(
  browser: TestBrowser,
  redirectUrl: string,
  config: Readonly<Record<string, string>> = {},
): Promise<PageSeen> {
  const page = await browser.open(redirectUrl)
  const [form] = formsOf(page)
  if (!form) throw new Error(`no form on the connect page: ${page.html}`)
  const values = Object.entries(config).map(([name, value]) => [`config.${name}`, value])
  return browser.submit(page, form, Object.fromEntries(values) as Record<string, string>)
}

/** The decision on the sandbox's consent page; follows the way back. */
export async function decide(
  browser: TestBrowser,
  atProvider: PageSeen,
  choice: Consent = {},
): Promise<PageSeen> {
  const form = formsOf(atProvider)[choice.deny === true ? 1 : 0]
  if (!form) throw new Error(`no consent form: ${atProvider.html}`)
  const fields = new URLSearchParams()
  for (const [name, value] of form.fields)
    if (choice.untick?.includes(value) !== true) fields.append(name, value)
  return browser.submit(
    atProvider,
    { ...form, fields },
    choice.account === undefined ? {} : { account: choice.account },
  )
}

/** What `POST initiate` answers. */
export async function initiate(
  base: string,
  app: TestApp,
  type: string,
  body: Record<string, unknown> = {},
): Promise<BeginBody> {
  const path = `/api/apps/${app.id}/external-auth/initiate`
  return (await call<BeginBody>(base, "POST", path, { body: { integration_type: type, ...body } })).body
}

/** Connects the app's shared account of a type, all the way. */
export async function connectShared(
  base: string,
  app: TestApp,
  type: string,
  choice: Consent = {},
): Promise<BeginBody> {
  const begun = await initiate(base, app, type)
  if (begun.redirect_url === null) throw new Error(`nothing to consent to: ${JSON.stringify(begun)}`)
  const page = await consent(begun.redirect_url, choice)
  if (page.status !== 200) throw new Error(`the consent failed: ${page.html}`)
  return begun
}
