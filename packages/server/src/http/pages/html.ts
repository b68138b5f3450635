/** HTML by tagged template: every value is escaped unless it is HTML itself. */

class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type { Html }

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

type Value = string | number | Html | readonly Html[] | null | false

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.reduce((text, part, index) => text + asText(values[index - 1]) + part))
}

/** Only for constants of this program. */
export function trustedHtml(text: string): Html {
  return new Html(text)
}

function asText(value: Value | undefined): string {
  if (value === undefined || value === null || value === false) return ""
  if (value instanceof Html) return value.text
  if (typeof value === "object") return value.map((part) => part.text).join("")
  return String(value).replace(/[&<>"']/g, (character) => escapes[character] ?? character)
}
