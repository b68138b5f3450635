/** Which values an entry's URLs name, and whether each can be known by then and be kept to the provider's hosts. */
import { type ConnectorDefinition, endpoint, type Template } from "@grantry/catalog"
import type { FileProblem, JsonLocation } from "./source-file.ts"

interface UrlAt {
  readonly at: JsonLocation
  readonly template: Template
  /** Values that are known when the URL is used. */
  readonly known: readonly string[]
}

export function urlProblems(entry: ConnectorDefinition): FileProblem[] {
  return urlsOf(entry).flatMap(({ at, template, known }) => {
    const problems = [...placeholderProblems(template, known), ...hostProblems(entry, template)]
    const found = problems.length > 0 ? problems : trialProblems(entry, template)
    return found.map((message) => ({ at, message }))
  })
}

/** A consent knows what was asked for; what is learned comes with the token or after it. */
function urlsOf({
  api,
  authorize,
  config,
  identity,
  refresh,
  revocation,
  token,
}: ConnectorDefinition): UrlAt[] {
  const names = (values: readonly { readonly name: string }[]) => values.map(({ name }) => name)
  const asked = names(config.asked)
  const atToken = [...asked, ...names(config.fromToken), ...names(config.fromCallback)]
  const atIdentity = [...atToken, ...names(config.fromIdentity)]
  const all = [...atIdentity, ...names(config.fromApi.flatMap(({ values }) => values))]
  const one = (at: JsonLocation, template: Template | null | undefined, known: readonly string[]): UrlAt[] =>
    typeof template === "string" ? [{ at, template, known }] : []
  return [
    ...one(["authorize", "url"], authorize.url, asked),
    ...one(["token", "url"], token.url, asked),
    ...one(["refresh", "url"], refresh?.url, all),
    ...one(["revocation", "url"], revocation?.url, [...all, "client_id"]),
    ...one(["identity", "request", "url"], identity.request?.url, atToken),
    ...config.fromApi.flatMap(({ url }, index) => one(["config", "fromApi", index, "url"], url, atIdentity)),
    ...api.baseUrls.flatMap((url, index) => one(["api", "baseUrls", index], url, all)),
  ]
}

function placeholdersOf(text: string): string[] {
  return [...text.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name ?? "")
}

function placeholderProblems(template: Template, known: readonly string[]): string[] {
  const left = template.replaceAll(/\{[^{}]*\}/g, "")
  const unpaired = /[{}]/.test(left) ? ["the URL holds a brace without its partner"] : []
  const unknown = placeholdersOf(template).filter((name) => !known.includes(name))
  const choice = known.length === 0 ? "no value is known" : `known are ${known.join(", ")}`
  return [
    ...unpaired,
    ...unknown.map((name) => `{${name}} is no value that is known when this URL is used; ${choice}`),
  ]
}

/** A value that decides where a token goes must say under which hosts it may lead. */
function hostProblems(entry: ConnectorDefinition, template: Template): string[] {
  const host = /^(?:https:\/\/)?([^/?#]*)/.exec(template)?.[1] ?? ""
  const isOrigin = template.startsWith("{")
  return placeholdersOf(host).flatMap((name) => {
    const problem = isOrigin ? originProblem(entry, name) : namePartProblem(entry, name, host)
    return problem === null ? [] : [problem]
  })
}

function originProblem({ config }: ConnectorDefinition, name: string): string | null {
  const isOrigin = config.fromToken.some(
    (value) => value.name === name && (value.hostSuffixes ?? []).length > 0 && value.isHost !== true,
  )
  return isOrigin
    ? null
    : `{${name}} stands for a whole origin: it must be one of config.fromToken with hostSuffixes`
}

function namePartProblem({ config }: ConnectorDefinition, name: string, host: string): string | null {
  const field = config.asked.find((asked) => asked.name === name)
  if (field?.selfHosted === true)
    return host === `{${name}}` ? null : `{${name}} is selfHosted, so it must be the whole host`
  const learned = config.fromToken.find((value) => value.name === name && value.isHost === true)
  const suffixes = field?.hostSuffixes ?? learned?.hostSuffixes ?? []
  return suffixes.length > 0
    ? null
    : `{${name}} is part of a host: it needs hostSuffixes, and isHost where it is learned with the token`
}

/** Filled as the entry's own examples would fill it. */
function trialProblems(entry: ConnectorDefinition, template: Template): string[] {
  const values = exampleValues(entry)
  if (placeholdersOf(template).some((name) => !Object.hasOwn(values, name))) return []
  try {
    endpoint(entry, template, values)
    return []
  } catch (error) {
    if (error instanceof Error) return [`the URL cannot be used: ${error.message}`]
    throw error
  }
}

function exampleValues({ config, samples }: ConnectorDefinition): Record<string, string> {
  const asked = config.asked.map((field) => [field.name, field.default ?? field.placeholder] as const)
  const learned = samples.flatMap(({ means }) => Object.entries(("config" in means && means.config) || {}))
  const given = [...asked, ...learned, ["client_id", "client"] as const]
  return Object.fromEntries(given.filter(([, value]) => value !== ""))
}
