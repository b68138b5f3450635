/** Readers for JSON of unknown shape. */
import type { JsonPath, Template } from "./define.ts"

export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Reads JSON; an integer that no JavaScript number holds exactly stays text, because ids of accounts come so long.
 *
 * @throws SyntaxError when the text is no JSON
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text, exactly)
}

/** Engines hand the source of a value to the reviver (ECMAScript's JSON.parse source text access). */
function exactly(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value
  const source = context?.source
  return source !== undefined && /^-?\d+$/.test(source) ? source : value
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** The value at a dotted path, or undefined. Only own keys are followed, so `__proto__` and the like lead nowhere. */
export function valueAt(json: unknown, path: JsonPath): unknown {
  let value = json
  for (const key of keysOf(path)) {
    if (Array.isArray(value)) {
      value = /^\d{1,6}$/.test(key) ? (value as readonly unknown[])[Number(key)] : undefined
    } else if (isJsonObject(value) && Object.hasOwn(value, key)) {
      value = value[key]
    } else {
      return undefined
    }
  }
  return value
}

function keysOf(path: JsonPath): readonly string[] {
  return path.split(/(?<!\\)\./).map((key) => key.replaceAll("\\.", "."))
}

/** The first value that is neither absent, null nor an empty string. */
export function firstValueAt(json: unknown, paths: readonly JsonPath[]): unknown {
  for (const path of paths) {
    const value = valueAt(json, path)
    if (value !== undefined && value !== null && value !== "") return value
  }
  return undefined
}

/** A scalar as text; undefined for anything else. */
export function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value
  if (typeof value === "number" || typeof value === "boolean") return String(value)
  return undefined
}

/** The first text or number; empty strings, booleans, zero and objects are passed over: `"error": 0` is no error. */
export function firstTextAt(json: unknown, paths: readonly JsonPath[]): string | undefined {
  for (const path of paths) {
    const value = valueAt(json, path)
    const text = typeof value === "boolean" || value === 0 ? undefined : scalarText(value)
    if (text !== undefined) return text
  }
  return undefined
}

/** Fills the `{path}` parts of the first template whose every part is present. */
export function fillFirst(templates: readonly Template[], json: unknown): string | undefined {
  for (const template of templates) {
    let complete = true
    const text = template.replace(/\{([^}]+)\}/g, (_, path: string) => {
      const value = scalarText(valueAt(json, path))
      complete &&= value !== undefined
      return value ?? ""
    })
    if (complete) return text
  }
  return undefined
}
