/** Consents without a browser: for tests, and for programs that connect accounts in continuous integration. */

export interface ConsentChoice {
  readonly decision: "approve" | "deny"
  /** E-mail address of a test account; the first one unless told. */
  readonly account?: string
  /** Scopes whose box is unticked. */
  readonly without?: readonly string[]
}

export type FetchPage = (url: URL | string, init: RequestInit) => Promise<Response>

/**
 * Opens a consent page of the sandbox and sends one of its forms.
 *
 * @param fetchPage the program's own `fetch`
 * @param authorizeUrl an authorization request at the sandbox
 * @param choice which form, which account, which scopes
 * @returns the client's callback, with the provider's answer in its query
 * @throws Error when the provider shows something else than a consent page
 */
export async function consent(
  fetchPage: FetchPage,
  authorizeUrl: URL | string,
  choice: ConsentChoice = { decision: "approve" },
): Promise<URL> {
  const page = await fetchPage(authorizeUrl, { redirect: "manual" })
  const form = formOf(await page.text(), choice.decision)
  if (page.status !== 200 || form === null) {
    throw new Error(`no consent page but status ${page.status} at ${new URL(authorizeUrl).pathname}`)
  }
  const body = formFields(form, choice)
  const answer = await fetchPage(authorizeUrl, { method: "POST", body, redirect: "manual" })
  const location = answer.headers.get("location")
  if (location === null)
    throw new Error(`the decision was answered with status ${answer.status} and no redirect`)
  return new URL(location)
}

function formOf(html: string, decision: ConsentChoice["decision"]): string | null {
  const forms = html.match(/<form\b[\s\S]*?<\/form>/g) ?? []
  return forms.find((form) => form.includes(`name="decision" value="${decision}"`)) ?? null
}

function formFields(form: string, choice: ConsentChoice): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [input] of form.matchAll(/<input\b[^>]*>/g)) {
    const name = attribute(input, "name")
    const value = attribute(input, "value")
    const isChoice = /\stype="(radio|checkbox)"/.test(input)
    const isLeftOut = isChoice && (!/\schecked\b/.test(input) || choice.without?.includes(value) === true)
    if (!isLeftOut) fields.append(name, value)
  }
  if (choice.account !== undefined && choice.decision === "approve") fields.set("account", choice.account)
  return fields
}

function attribute(input: string, name: string): string {
  const text = new RegExp(`\\s${name}="([^"]*)"`).exec(input)?.[1] ?? ""
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" }
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (entity, key: string) => entities[key] ?? entity)
}
