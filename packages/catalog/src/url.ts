/**
 * Fills the URLs of an entry with config values. Values come from people and from token answers, and a token goes to
 * wherever the result points, so each value is confined to its own part of the URL and the result is judged again.
 */
import { valueProblem } from "./config-values.ts"
import type { ConnectorDefinition, Template } from "./define.ts"
import { hostProblem, liesUnder } from "./host.ts"

/** A config value that is missing or would lead a URL away from the provider. */
export class ConfigValueError extends Error {
  override readonly name = "ConfigValueError"
  /** Name of the config value. */
  readonly field: string

  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}

type Values = Readonly<Record<string, string>>
type Suffixes = Readonly<Record<string, readonly string[]>>

/**
 * The URL of one of the entry's templates. Asked values are judged by their fields once more: what was stored under
 * an older, looser pattern must not be used under the present one.
 *
 * @param definition the entry, which says under which hosts each value may lead
 * @param given a template of the entry, e.g. `definition.token.url`
 * @param values the connection's config values, and `client_id` where the template names it; a field's default stands
 *   in for a value that is not there
 * @throws ConfigValueError when a value is missing, breaks its field's rules or would leave its place
 */
export function endpoint(definition: ConnectorDefinition, given: Template, values: Values): URL {
  const template = definition.dialect.endpointTemplate?.(given, withDefaults(definition, values)) ?? given
  const filled: Record<string, string> = { ...values }
  const suffixes = hostSuffixesOf(definition)
  for (const field of definition.config.asked) {
    if (!template.includes(`{${field.name}}`)) continue
    const value = own(values, field.name) || field.default
    if (value === null) continue
    const problem = valueProblem(field, value)
    if (problem !== null) throw new ConfigValueError(field.name, `${field.displayName} ${problem}.`)
    filled[field.name] = value
    // No suffix confines it: the host is the one that was just judged, to the letter.
    if (field.selfHosted) suffixes[field.name] = [value.toLowerCase()]
  }
  return fillUrl(template, filled, suffixes)
}

function withDefaults({ config }: ConnectorDefinition, values: Values): Record<string, string> {
  const defaults = config.asked.flatMap((field) =>
    field.default === null ? [] : [[field.name, field.default]],
  )
  return { ...Object.fromEntries(defaults), ...values }
}

/** Under which hosts each config value of an entry may lead. */
export function hostSuffixesOf({ config }: ConnectorDefinition): Record<string, readonly string[]> {
  const suffixes: Record<string, readonly string[]> = {}
  for (const { name, hostSuffixes } of [...config.asked, ...config.fromToken]) {
    if (hostSuffixes !== undefined) suffixes[name] = hostSuffixes
  }
  return suffixes
}

/**
 * Fills a template part by part and judges the result.
 *
 * @param template `https://host/path?query` or `{origin}/path?query`, with `{name}` parts
 * @param values by name
 * @param hostSuffixes by name: a value may sit in the host only if the host then ends in one of its suffixes
 * @throws ConfigValueError when a value is missing or would leave its place
 */
export function fillUrl(template: Template, values: Values, hostSuffixes: Suffixes): URL {
  const parts = /^(https:\/\/[^/?#]+|\{[^{}/?#]+\})(\/[^?#]*)?(\?[^#]*)?$/.exec(template)
  if (!parts) throw new TypeError(`not a URL template: ${template}`)
  const [, start = "", path = "", query = ""] = parts
  const origin = start.startsWith("{")
    ? learnedOrigin(start.slice(1, -1), values, hostSuffixes)
    : filledOrigin(start, values, hostSuffixes)
  const encoded = (name: string): string => encodeURIComponent(valueOf(name, values))
  const filledPath = fill(path, encoded)
  const url = new URL(origin + filledPath + fill(query, encoded))
  // The parser resolves dot segments; a path that changed means that a value climbed out of its segment.
  if (url.origin !== origin || url.pathname !== (filledPath || "/")) {
    throw new ConfigValueError(namesIn(path)[0] ?? "", "The value changes the URL around it.")
  }
  return url
}

/** An origin that the provider sent with the token, such as `https://acme.my.salesforce.com`. */
function learnedOrigin(name: string, values: Values, hostSuffixes: Suffixes): string {
  const value = valueOf(name, values)
  const problem = originProblem(value, own(hostSuffixes, name) ?? [])
  if (problem !== null) throw new ConfigValueError(name, `The value "${name}" ${problem}.`)
  return new URL(value).origin
}

/**
 * Why a value must not be used as an origin.
 *
 * @param value e.g. `https://acme.my.salesforce.com`; one trailing slash is allowed
 * @param suffixes hosts under which it may lie
 * @returns a reason that completes "The value …", or null
 */
export function originProblem(value: string, suffixes: readonly string[]): string | null {
  const host = /^https:\/\/([A-Za-z0-9.-]+)\/?$/.exec(value)?.[1]?.toLowerCase()
  if (host === undefined) return "must be an https origin without a path"
  return hostProblem(host) ?? (liesUnder(host, suffixes) ? null : "lies outside the provider's hosts")
}

function filledOrigin(template: string, values: Values, hostSuffixes: Suffixes): string {
  const origin = fill(template, (name) => {
    const value = valueOf(name, values)
    // Before lower case, which turns some look-alikes (the Kelvin sign) into plain letters.
    const problem = hostProblem(value)
    if (problem !== null) throw new ConfigValueError(name, `The value "${name}" ${problem}.`)
    return value.toLowerCase()
  })
  const host = origin.slice("https://".length)
  const problem = hostProblem(host)
  const [name] = namesIn(template)
  // Without a value in it, a host that is none (userinfo, a port) is the entry's own mistake.
  if (problem !== null && name === undefined)
    throw new TypeError(`the host of a URL template ${problem}: ${template}`)
  if (problem !== null) throw new ConfigValueError(name ?? "", `The host of the value "${name}" ${problem}.`)
  for (const inside of namesIn(template)) {
    if (liesUnder(host, own(hostSuffixes, inside) ?? [])) continue
    throw new ConfigValueError(inside, `The value "${inside}" leads outside the provider's hosts.`)
  }
  return origin
}

const placeholder = /\{([^{}]+)\}/g

function fill(template: string, value: (name: string) => string): string {
  return template.replace(placeholder, (_, name: string) => value(name))
}

function namesIn(template: string): string[] {
  return Array.from(template.matchAll(placeholder), ([, name]) => name ?? "")
}

function valueOf(name: string, values: Values): string {
  const value = own(values, name)
  if (value === undefined || value === "") throw new ConfigValueError(name, `The value "${name}" is missing.`)
  // Half a surrogate pair has no encoding.
  if (!value.isWellFormed()) throw new ConfigValueError(name, `The value "${name}" is not well-formed text.`)
  return value
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
