/** Checks the values that a person gives for a connection before they go anywhere near a URL. */
import type { ConfigField } from "./define.ts"
import { hostProblem } from "./host.ts"

/** Either every value, defaults included, or the first field at fault and a sentence on it. */
export type CheckedConfigValues =
  | { readonly ok: true; readonly values: Record<string, string> }
  | { readonly ok: false; readonly field: string; readonly message: string }

const maxValueLength = 253

/**
 * Checks given values against the fields of an entry.
 *
 * @param fields `config.asked` of the entry
 * @param values what was given; an empty string counts as not given
 * @returns the values to store, host names in lower case
 */
export function checkConfigValues(
  fields: readonly ConfigField[],
  values: Readonly<Record<string, string>>,
): CheckedConfigValues {
  const unknown = Object.keys(values).find((name) => !fields.some((field) => field.name === name))
  if (unknown !== undefined) return { ok: false, field: unknown, message: unknownField(unknown, fields) }
  const checked: Record<string, string> = {}
  for (const field of fields) {
    const given = Object.hasOwn(values, field.name) ? values[field.name] : undefined
    const value = given === undefined || given === "" ? field.default : given
    const problem = value === null ? (field.required ? "is required" : null) : valueProblem(field, value)
    if (problem !== null) return { ok: false, field: field.name, message: `${field.displayName} ${problem}.` }
    if (value !== null) checked[field.name] = namesHost(field) ? value.toLowerCase() : value
  }
  return { ok: true, values: checked }
}

function unknownField(name: string, fields: readonly ConfigField[]): string {
  const known = fields.map((field) => field.name).join(", ")
  return `"${name.slice(0, 60)}" is no value of this service; it takes ${known === "" ? "none" : known}.`
}

/**
 * Why a value must not be used for a field. The general rules stand before the pattern, so that a loose pattern cannot
 * let a value out of its place.
 *
 * @returns a reason that completes "<display name> …" without a full stop, or null
 */
export function valueProblem(field: ConfigField, value: string): string | null {
  if (value.length > maxValueLength) return `must not be longer than ${maxValueLength} characters`
  if (!/^[\x21-\x7e]+$/.test(value))
    return "may hold only plain letters, digits and punctuation, without spaces"
  if (/[%\\@#?]/.test(value)) return "must not hold any of % \\ @ # ?"
  if (/(?:^|\/)\.{1,2}(?:$|\/)|\.\./.test(value)) return "must not hold dot segments"
  if (namesHost(field)) {
    const problem = hostProblem(value)
    if (problem !== null) return problem
  }
  const candidate = namesHost(field) ? value.toLowerCase() : value
  return new RegExp(field.pattern, "u").test(candidate)
    ? null
    : `is not accepted: ${field.patternError}`.replace(/\.$/, "")
}

/** The value is, or becomes part of, the name of a host. */
function namesHost(field: ConfigField): boolean {
  return field.selfHosted || field.hostSuffixes.length > 0
}

/**
 * The values of self-hosted fields, which belong to an OAuth client: those that were set with it, else the defaults.
 * They are laid over a connection's own values wherever that client is used.
 *
 * @param fields `config.asked` of the entry
 * @param values what was set with the OAuth client
 */
export function selfHostedValues(
  fields: readonly ConfigField[],
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const own = fields.filter((field) => field.selfHosted)
  return Object.fromEntries(
    own.flatMap(({ name, default: standard }) => {
      const value = Object.hasOwn(values, name) ? (values[name] ?? standard) : standard
      return value === null ? [] : [[name, value] as const]
    }),
  )
}
