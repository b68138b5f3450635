/** Reads parameters of a request as strictly as RFC 6749 section 3.1 and 3.2 ask: no parameter more than once. */
export type Parameters = ReadonlyMap<string, string>

export type ReadParameters =
  | { readonly kind: "read"; readonly values: Parameters }
  | { readonly kind: "repeated"; readonly name: string }
  | { readonly kind: "unreadable"; readonly reason: string }

/** RFC 6749 section 3.1: a parameter without a value is treated as if it were left out. */
export function readPairs(pairs: URLSearchParams): ReadParameters {
  const values = new Map<string, string>()
  for (const [name, value] of pairs) {
    if (values.has(name)) return { kind: "repeated", name }
    values.set(name, value)
  }
  for (const [name, value] of values) if (value === "") values.delete(name)
  return { kind: "read", values }
}

/** Members of a JSON object that are text; others make it unreadable. */
export function readJson(text: string): ReadParameters {
  const parsed = parsedJson(text)
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    return { kind: "unreadable", reason: "the body must be a JSON object" }
  }
  const values = new Map<string, string>()
  for (const [name, value] of Object.entries(parsed)) {
    if (value === null || value === "") continue
    if (typeof value !== "string") return { kind: "unreadable", reason: `${name} must be a string` }
    values.set(name, value)
  }
  return { kind: "read", values }
}

/** undefined where the text is no JSON: `undefined` is no JSON value itself. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

export type BodyFormat = "form" | "json"

/** Where an endpoint takes its parameters; a few take them in the query of a request without a body. */
export type ParameterPlace = BodyFormat | "query"

/** The format that a Content-Type header names, whatever its parameters. */
export function bodyFormat(contentType: string | undefined): BodyFormat | "none" | "other" {
  const name = contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? ""
  if (name === "") return "none"
  if (name === "application/x-www-form-urlencoded") return "form"
  return name === "application/json" ? "json" : "other"
}
