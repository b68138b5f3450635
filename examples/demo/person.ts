/** A person at a browser: follows links and redirects, keeps cookies, clicks the first button of a page. */

export interface Page {
  readonly url: string
  readonly status: number
  readonly html: string
}

export interface Person {
  open(url: string): Promise<Page>
  /** Sends the page's first form as it stands. */
  clickFirstButton(page: Page): Promise<Page>
}

const mostRedirects = 10

export function newPerson(signal: AbortSignal): Person {
  const cookies = new Map<string, string>()

  async function request(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set("cookie", [...cookies].map(([name, value]) => `${name}=${value}`).join("; "))
    const response = await fetch(url, { ...init, headers, redirect: "manual", signal })
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    return response
  }

  async function arrive(url: string, init?: RequestInit): Promise<Page> {
    let place = url
    let response = await request(place, init)
    for (let hops = 0; hops < mostRedirects; hops += 1) {
      const location = response.headers.get("location")
      if (location === null) return { url: place, status: response.status, html: await response.text() }
      await response.body?.cancel()
      place = new URL(location, place).href
      response = await request(place)
    }
    throw new Error(`${url} redirects more than ${mostRedirects} times`)
  }

  return {
    open: (url) => arrive(url),
    async clickFirstButton(page) {
      const { action, fields } = firstForm(page)
      return arrive(action, { method: "POST", body: fields })
    },
  }
}

function firstForm({ html, url }: Page): { action: string; fields: URLSearchParams } {
  const [, attributes = "", content = ""] = /<form([^>]*)>([\s\S]*?)<\/form>/.exec(html) ?? []
  if (content === "") throw new Error(`${url} shows no form`)
  const fields = new URLSearchParams()
  for (const [input] of content.matchAll(/<input[^>]*>/g)) {
    const isTicked = !/type="(checkbox|radio)"/.test(input) || /\schecked/.test(input)
    const name = attributeOf(input, "name")
    if (isTicked && name !== null) fields.append(name, attributeOf(input, "value") ?? "")
  }
  for (const [, select = "", options = ""] of content.matchAll(/<select([^>]*)>([\s\S]*?)<\/select>/g)) {
    const [first = ""] = /<option[^>]*>/.exec(options) ?? []
    fields.append(attributeOf(select, "name") ?? "", attributeOf(first, "value") ?? "")
  }
  return { action: new URL(attributeOf(attributes, "action") ?? url, url).href, fields }
}

const entities: Readonly<Record<string, string>> = { quot: '"', "#39": "'", lt: "<", gt: ">", amp: "&" }

function attributeOf(tag: string, name: string): string | null {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]
  return value === undefined
    ? null
    : value.replace(/&(quot|#39|lt|gt|amp);/g, (_, entity: string) => entities[entity] ?? "")
}
