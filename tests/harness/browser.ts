/** A person with a browser, as far as links, forms and cookies go. */

export interface PageSeen {
  readonly url: string
  readonly status: number
  readonly headers: Headers
  readonly html: string
}

export interface Form {
  readonly action: string
  readonly method: string
  readonly fields: URLSearchParams
}

export class TestBrowser {
  readonly cookies = new Map<string, string>()

  /** One request, redirects not followed. */
  async request(url: string, init: RequestInit = {}): Promise<PageSeen> {
    const headers = new Headers(init.headers)
    if (this.cookies.size > 0)
      headers.set("cookie", [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "))
    const response = await fetch(url, { ...init, headers, redirect: "manual" })
    for (const line of response.headers.getSetCookie()) this.keepCookie(line)
    return { url, status: response.status, headers: response.headers, html: await response.text() }
  }

  /** Follows redirects as browsers do. */
  async open(url: string): Promise<PageSeen> {
    return this.follow(await this.request(url))
  }

  /** Sends a form of a page, with changes to its fields. */
  async submit(
    page: PageSeen,
    form: Form,
    changes: Readonly<Record<string, string>> = {},
  ): Promise<PageSeen> {
    return this.follow(await this.post(page, form, changes))
  }

  /** The same, without following the redirect. */
  async post(page: PageSeen, form: Form, changes: Readonly<Record<string, string>> = {}): Promise<PageSeen> {
    const fields = new URLSearchParams(form.fields)
    for (const [name, value] of Object.entries(changes)) fields.set(name, value)
    const url = new URL(form.action, page.url)
    return this.request(url.href, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        origin: new URL(page.url).origin,
        "sec-fetch-site": "same-origin",
      },
      body: fields.toString(),
    })
  }

  private async follow(first: PageSeen): Promise<PageSeen> {
    let page = first
    for (let hops = 0; hops < 10 && page.status >= 300 && page.status < 400; hops += 1) {
      const location = page.headers.get("location")
      if (location === null) return page
      page = await this.request(new URL(location, page.url).href)
    }
    return page
  }

  private keepCookie(line: string): void {
    const [pair = ""] = line.split(";")
    const at = pair.indexOf("=")
    this.cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }
}

export const unescape = (text: string): string =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)
  return match?.[1] === undefined ? undefined : unescape(match[1])
}

/** The forms of a page, filled in as they stand: ticked boxes and chosen options, no button. */
export function formsOf(page: PageSeen): Form[] {
  return [...page.html.matchAll(/(<form[^>]*>)([\s\S]*?)<\/form>/g)].map(([, open = "", inner = ""]) => ({
    action: attribute(open, "action") ?? page.url,
    method: attribute(open, "method") ?? "get",
    fields: fieldsOf(inner),
  }))
}

function fieldsOf(inner: string): URLSearchParams {
  const fields = new URLSearchParams()
  for (const [tag] of inner.matchAll(/<input[^>]*>/g)) {
    const name = attribute(tag, "name")
    const boxed = /type="(checkbox|radio)"/.test(tag)
    if (name !== undefined && (!boxed || /\schecked/.test(tag)))
      fields.append(name, attribute(tag, "value") ?? (boxed ? "on" : ""))
  }
  for (const [, open = "", options = ""] of inner.matchAll(/(<select[^>]*>)([\s\S]*?)<\/select>/g)) {
    const chosen =
      /<option[^>]*\sselected[^>]*>/.exec(options)?.[0] ?? /<option[^>]*>/.exec(options)?.[0] ?? ""
    fields.append(attribute(open, "name") ?? "", attribute(chosen, "value") ?? "")
  }
  return fields
}
