/** Which of a provider's addresses a request is for, by the URL templates of its entry. */
import { hostSuffixesOf } from "@grantry/catalog"
import type { ConnectorDefinition, Template } from "@grantry/catalog"
import type { FurtherTokenEndpoint, ServiceProfile } from "./service-profile.ts"

export type EndpointKind = "authorize" | "token" | "revoke" | "identity" | "api"

export interface AddressPattern {
  readonly kind: EndpointKind
  /** Empty: every method. */
  readonly methods: readonly string[]
  /** As a person reads it. */
  readonly template: string
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly accepts: (config: Readonly<Record<string, string>>) => boolean
  /** What a revocation endpoint ends, where it is not the entry's own. */
  readonly ends: "grant" | "token" | null
  /** The token endpoint that answers in a way of its own. */
  readonly further: FurtherTokenEndpoint | null
}

export interface FoundAddress {
  readonly pattern: AddressPattern
  readonly config: Readonly<Record<string, string>>
}

export function addressPatterns(definition: ConnectorDefinition, profile: ServiceProfile): AddressPattern[] {
  const accepts = configCheck(definition)
  const suffixes = hostSuffixesOf(definition)
  const { authorize, token, refresh, revocation, identity, api } = definition
  const at = (
    kind: EndpointKind,
    methods: readonly string[],
    entryTemplate: Template,
    own: { readonly ends?: "grant" | "token"; readonly further?: FurtherTokenEndpoint } = {},
  ) =>
    [entryTemplate, ...profile.alsoAt(entryTemplate)].map((template) => ({
      ...compiled(template, kind === "api", suffixes),
      kind,
      methods,
      accepts,
      ends: own.ends ?? null,
      further: own.further ?? null,
    }))
  return [
    at("authorize", ["GET", "POST"], authorize.url),
    at("token", ["POST"], token.url),
    profile.furtherTokenEndpoints.flatMap((further) =>
      at("token", [further.method], further.url, { further }),
    ),
    refresh?.url ? at("token", ["POST"], refresh.url) : [],
    revocation ? at("revoke", [revocation.method], revocation.url) : [],
    profile.furtherRevocations.flatMap(({ method, url, ends }) => at("revoke", [method], url, { ends })),
    identity.request ? at("identity", profile.identityMethods, identity.request.url) : [],
    api.baseUrls.flatMap((url) => at("api", [], url)),
  ].flat()
}

/** The pattern that fits path and method, else one that fits the path alone. */
export function findAddress(
  patterns: readonly AddressPattern[],
  method: string,
  url: URL,
): FoundAddress | null {
  const fitting = patterns.flatMap((pattern) => {
    const config = captured(pattern, url)
    return config && pattern.accepts(config) ? [{ pattern, config }] : []
  })
  const exact = fitting.find(
    ({ pattern }) => pattern.methods.length === 0 || pattern.methods.includes(method),
  )
  const first = fitting[0]
  // A wrong method at an endpoint is told as such; only where the endpoint is no part of the API below it.
  return first && first.pattern.kind !== "api" && exact?.pattern.kind === "api"
    ? first
    : (exact ?? first ?? null)
}

function captured(pattern: AddressPattern, url: URL): Record<string, string> | null {
  const match = pattern.pattern.exec(`https://${url.host}${url.pathname}`)
  if (!match) return null
  return Object.fromEntries(pattern.names.map((name, index) => [name, decoded(match[index + 1] ?? "")]))
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

type Suffixes = Readonly<Record<string, readonly string[]>>

function compiled(
  template: Template,
  withTail: boolean,
  suffixes: Suffixes,
): Pick<AddressPattern, "template" | "pattern" | "names"> {
  const address = template.split("?", 1)[0] ?? template
  const names: string[] = []
  const source = address
    .split(/(\{[^}]+\})/)
    .map((part, index, parts) => {
      if (!part.startsWith("{")) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
      const name = part.slice(1, -1)
      names.push(name)
      if (index === 1 && parts[0] === "") return "(https://[^/]+)"
      return endsHost(parts, index) ? hostEnd(suffixes[name] ?? []) : "([^/]+)"
    })
    .join("")
  const tail = withTail ? "(?:/.*)?" : ""
  return {
    template: address,
    names,
    pattern: new RegExp(`^${source.replace(/\/$/, withTail ? "" : "/")}${tail}$`),
  }
}

function endsHost(parts: readonly string[], index: number): boolean {
  const before = parts
    .slice(0, index)
    .join("")
    .replace(/^https:\/\//, "")
  const after = parts[index + 1] ?? ""
  return !before.includes("/") && (after === "" || after.startsWith("/"))
}

/** Two values side by side (`{account}.{domain}`) are told apart by the hosts that the last of them may be. */
function hostEnd(suffixes: readonly string[]): string {
  if (suffixes.length === 0) return "([^/]+)"
  const hosts = suffixes.map((suffix) => suffix.replaceAll(".", "\\."))
  return `((?:[^/]+\\.)?(?:${hosts.join("|")}))`
}

/** Hosts that the provider does not have are not emulated: values must be ones that the entry allows. */
function configCheck(definition: ConnectorDefinition): AddressPattern["accepts"] {
  const fields = new Map(definition.config.asked.map((field) => [field.name, field]))
  const suffixes = new Map(definition.config.fromToken.map((value) => [value.name, value.hostSuffixes ?? []]))
  return (config) =>
    Object.entries(config).every(([name, value]) => {
      const field = fields.get(name)
      if (field) return new RegExp(field.pattern).test(value)
      return isUnder(value.replace(/^https:\/\//, ""), suffixes.get(name) ?? [])
    })
}

/** A value without a dot is a label that the template completes to a host. */
function isUnder(host: string, suffixes: readonly string[]): boolean {
  if (suffixes.length === 0 || !host.includes(".")) return true
  return suffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))
}
