/** The contract that every entry keeps, whoever wrote it. */
import { readdirSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { builtInCatalog, builtInDefinitions, createCatalog } from "./catalog.ts"
import { checkConfigValues } from "./config-values.ts"
import type { ConnectorDefinition, Template } from "./define.ts"
import { defineConnector } from "./define.ts"
import type { Dialect, DialectContext, WireRequest } from "./dialect.ts"
import { readSample, sampleAnswer } from "./read-sample.ts"
import type { TokenSample } from "./sample.ts"
import { endpoint } from "./url.ts"

const serviceFiles = readdirSync(new URL("./services/", import.meta.url))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => file.slice(0, -".ts".length).replaceAll("-", "_"))
  .sort()

describe.each(builtInDefinitions.map((definition) => [definition.type, definition] as const))(
  "%s",
  (_, entry) => {
    it("has every text that a person reads", () => {
      for (const text of textsOf(entry)) {
        expect(text.trim(), JSON.stringify(text)).not.toBe("")
        expect(text).toBe(text.trim())
      }
    })

    it("explains every scope in one plain line that begins with a capital and ends without a full stop", () => {
      for (const { scope, meaning } of entry.scopes) {
        expect(scope).toMatch(/^[\x21-\x7e]+$/)
        expect(meaning, scope).toMatch(/^[A-Z][^\n]{5,110}[^.\n]$/)
      }
      expect(new Set(entry.scopes.map(({ scope }) => scope)).size).toBe(entry.scopes.length)
    })

    it("has https URLs that parse with sample config values", () => {
      const values = sampleValues(entry)
      for (const template of urlsOf(entry)) {
        const url = endpoint(entry, template, values)
        expect(url.protocol).toBe("https:")
        expect(url.href).not.toContain("{")
      }
      for (const url of [entry.setup.registerUrl, entry.setup.documentationUrl]) {
        expect(new URL(url).protocol).toBe("https:")
      }
    })

    it("asks only for scopes that it knows, and by the spelling that it knows them by", () => {
      const known = new Set(entry.scopes.map(({ scope }) => scope))
      for (const scope of [...entry.authorize.alwaysScopes, ...entry.authorize.defaultScopes]) {
        expect(known, scope).toContain(scope)
        expect(Object.keys(entry.scopeAliases)).not.toContain(scope)
      }
      for (const scope of [...Object.values(entry.scopeAliases), ...Object.keys(entry.scopeImplies)]) {
        expect(known, scope).toContain(scope)
      }
      if (entry.authorize.scopeParam === null) expect(entry.scopes).toEqual([])
    })

    it("has config fields whose patterns are anchored, compile as browsers compile them, and take their own examples", () => {
      for (const field of entry.config.asked) {
        expect(field.pattern).toMatch(/^\^.*\$$/)
        expect(() => new RegExp(field.pattern, "v")).not.toThrow()
        for (const example of [field.placeholder, field.default]) {
          if (example === null || example === "") continue
          expect(new RegExp(field.pattern, "v").test(example), example).toBe(true)
          expect(checkConfigValues([field], { [field.name]: example })).toMatchObject({ ok: true })
        }
        if (!field.required) expect(checkConfigValues([field], {})).toMatchObject({ ok: true })
      }
    })

    it("takes nothing but whole host names for a self-hosted provider, and needs none", () => {
      for (const field of entry.config.asked.filter(({ selfHosted }) => selfHosted)) {
        expect(field).toMatchObject({ required: false, default: expect.any(String), hostSuffixes: [] })
        expect(checkConfigValues([field], { [field.name]: "git.corp.example" })).toMatchObject({ ok: true })
        for (const value of notHosts) {
          expect(checkConfigValues([field], { [field.name]: value }), value).toMatchObject({ ok: false })
        }
        for (const template of urlsOf(entry).filter((url) => hostNamesOf(url).includes(field.name))) {
          expect(template.startsWith(`https://{${field.name}}/`), template).toBe(true)
          expect(endpoint(entry, template, { [field.name]: "Git.corp.example" }).host).toBe(
            "git.corp.example",
          )
          expect(() => endpoint(entry, template, { [field.name]: "git.corp.example/x" })).toThrow()
        }
      }
    })

    it("says under which hosts each value of a URL's host may lead", () => {
      for (const template of urlsOf(entry)) {
        for (const name of hostNamesOf(template)) {
          if (isSelfHosted(entry, name)) continue
          expect(suffixesOf(entry, name), `${name} in ${template}`).not.toEqual([])
        }
      }
    })

    it("proves its exchange, its dead grant and its wrong client by samples, and its refresh where it has one", () => {
      const meanings = entry.samples.map(({ phase, means }) => ("refusal" in means ? means.refusal : phase))
      expect(meanings).toContain("exchange")
      expect(meanings).toContain("invalid_grant")
      expect(meanings).toContain("invalid_client")
      expect(meanings).toContain("rate_limited")
      if (entry.refresh) expect(meanings).toContain("refresh")
      expect(new Set(entry.samples.map(({ name }) => name)).size).toBe(entry.samples.length)
    })

    it.each(entry.samples.map((sample) => [sample.name, sample] as const))("reads: %s", (_name, sample) => {
      expect(readSample(entry, sample)).toEqual(sample.means)
    })

    it("holds samples whose tokens are visibly fake", () => {
      for (const { means } of entry.samples) {
        if (!("accessToken" in means)) continue
        expect(means.accessToken).toMatch(/fake/i)
        if (means.refreshToken !== undefined) expect(means.refreshToken).toMatch(/fake/i)
      }
    })

    it("holds nothing but data, and functions in its dialect", () => {
      const { dialect, ...data } = entry
      expect(structuredClone(data)).toEqual(data)
      for (const translation of Object.values(dialect)) expect(typeof translation).toBe("function")
    })

    it("is frozen through and through", () => {
      expect(unfrozenParts(entry, entry.type)).toEqual([])
    })

    it("has a dialect that changes nothing that it is given and says the same thing twice", () => {
      for (const sample of entry.samples) {
        expect(translations(entry.dialect, sample)).toEqual(translations(entry.dialect, sample))
      }
    })
  },
)

describe("the catalogue", () => {
  it("has one entry per file of services/, named after it", () => {
    expect(builtInDefinitions.map(({ type }) => type)).toEqual(serviceFiles)
  })

  it("lists its entries sorted by type, whatever the order they came in", () => {
    const catalog = createCatalog([...builtInDefinitions].reverse())
    expect(catalog.all().map(({ type }) => type)).toEqual([...serviceFiles])
  })

  it("finds an entry by its exact type only", () => {
    expect(builtInCatalog.byType("slack")?.displayName).toBe("Slack (user)")
    expect(builtInCatalog.byType("Slack")).toBeUndefined()
    expect(builtInCatalog.byType("__proto__")).toBeUndefined()
    expect(builtInCatalog.byType("")).toBeUndefined()
  })

  it("refuses two entries of one type, so that none silently replaces another", () => {
    const [first] = builtInDefinitions
    if (first === undefined) throw new Error("the catalogue is empty")
    expect(() => createCatalog([...builtInDefinitions, first])).toThrow(RangeError)
  })

  it("takes an operator's own entries beside its own", () => {
    const own = minimalEntry("acme_crm")
    expect(createCatalog([...builtInDefinitions, own]).byType("acme_crm")).toBe(own)
  })

  it("knows which entries share an OAuth client", () => {
    expect(builtInCatalog.familyOf("gmail")).toBe("google")
    expect(builtInCatalog.familyOf("slackbot")).toBe("slack")
    expect(builtInCatalog.familyOf("github")).toBeNull()
    expect(builtInCatalog.familyOf("unheard-of")).toBeNull()
    expect(builtInCatalog.typesOf("slack")).toEqual(["slack", "slackbot"])
    expect(builtInCatalog.typesOf("google")).toEqual(expect.arrayContaining(["gmail", "googlecalendar"]))
  })

  it("shows of an entry exactly what anybody may know", () => {
    const salesforce = builtInCatalog.byType("salesforce")
    if (salesforce === undefined) throw new Error("no entry salesforce")
    const shown = builtInCatalog.publicView(salesforce)
    expect(Object.keys(shown)).toEqual([
      "integration_type",
      "display_name",
      "description",
      "connection_config_fields",
    ])
    expect(shown).toMatchObject({ integration_type: "salesforce", display_name: "Salesforce" })
    expect(shown.connection_config_fields.map((field) => Object.keys(field))).toEqual([
      [
        "name",
        "display_name",
        "description",
        "placeholder",
        "required",
        "validation_pattern",
        "validation_error",
      ],
    ])
    expect(shown.connection_config_fields[0]).toMatchObject({ name: "hostname", required: false })
  })

  it("shows no config fields for a service that needs none", () => {
    const github = builtInCatalog.byType("github")
    expect(github && builtInCatalog.publicView(github).connection_config_fields).toEqual([])
  })
})

function minimalEntry(type: string): ConnectorDefinition {
  return defineConnector({
    type,
    displayName: "Acme",
    description: "A service of one operator.",
    authorize: { url: "https://acme.example/authorize" },
    token: { url: "https://acme.example/token", clientAuth: "basic", lifetimeS: 3600 },
    refresh: null,
    revocation: null,
    identity: {},
    api: { baseUrls: ["https://acme.example/api"] },
    scopes: [],
    setup: { registerUrl: "https://acme.example", documentationUrl: "https://acme.example", pitfalls: [] },
    samples: [],
  })
}

function textsOf(entry: ConnectorDefinition): string[] {
  return [
    entry.displayName,
    entry.description,
    ...entry.scopes.flatMap(({ scope, meaning }) => [scope, meaning]),
    ...entry.config.asked.flatMap((field) => [
      field.name,
      field.displayName,
      field.description,
      field.placeholder,
      field.pattern,
      field.patternError,
    ]),
    ...entry.setup.pitfalls,
    ...entry.samples.map(({ name }) => name),
  ]
}

function urlsOf(entry: ConnectorDefinition): Template[] {
  const urls = [
    entry.authorize.url,
    entry.token.url,
    entry.refresh?.url ?? null,
    entry.revocation?.url ?? null,
    entry.identity.request?.url ?? null,
    ...entry.config.fromApi.map(({ url }) => url),
    ...entry.api.baseUrls,
  ]
  return urls.filter((url) => url !== null)
}

function hostNamesOf(template: Template): string[] {
  const start = /^(?:https:\/\/)?([^/?#]*)/.exec(template)?.[1] ?? ""
  return [...start.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name ?? "")
}

/** What SECURITY asks to refuse: ports, addresses, single labels, user parts, paths, look-alikes. */
const notHosts = [
  "git.corp.example:8443",
  "127.0.0.1",
  "2130706433",
  "[::1]",
  "0x7f.1",
  "localhost",
  "corp",
  "a@b.example",
  "corp.example/#",
  "corp.example%2e",
  "..",
  ".corp.example",
  "corp.example.",
  "-a.example",
  "a-.example",
  "xn--80ak6aa92e.com",
  "gıt.example",
  "corp.example\r\n",
  `${"a".repeat(64)}.example`,
]

function isSelfHosted({ config }: ConnectorDefinition, name: string): boolean {
  return config.asked.some((field) => field.name === name && field.selfHosted)
}

function suffixesOf({ config }: ConnectorDefinition, name: string): readonly string[] {
  return [...config.asked, ...config.fromToken].find((value) => value.name === name)?.hostSuffixes ?? []
}

/** Values as a person and the entry's own samples would give them. */
function sampleValues(entry: ConnectorDefinition): Record<string, string> {
  const asked = entry.config.asked.map((field) => [field.name, field.default ?? field.placeholder] as const)
  const learned = entry.samples.flatMap(({ means }) =>
    Object.entries(("config" in means && means.config) || {}),
  )
  const called = entry.config.fromCallback.map(({ name }) => [name, "12345"] as const)
  return Object.fromEntries([...asked, ...learned, ...called, ["client_id", "client/1"] as const])
}

function unfrozenParts(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return []
  const own = Object.isFrozen(value) ? [] : [path]
  return [...own, ...Object.entries(value).flatMap(([key, part]) => unfrozenParts(part, `${path}.${key}`))]
}

/** Runs every translation of a dialect; samples are frozen, so one that writes to its input throws. */
function translations(dialect: Dialect, sample: TokenSample): unknown[] {
  const params = Object.freeze({ code: "fake-code", state: "fake-state", scope: "a b" })
  const context: DialectContext = Object.freeze({
    phase: sample.phase,
    clientId: "fake-client",
    clientSecret: "fake-secret",
    redirectUri: "https://grantry.example/api/external-auth/callback/c",
    scopes: Object.freeze(["a", "b"]),
    config: Object.freeze({}),
  })
  const request: WireRequest = Object.freeze({
    method: "POST",
    url: "https://provider.example/token",
    headers: Object.freeze({}),
    body: Object.freeze({
      kind: "form",
      fields: Object.freeze({ grant_type: "authorization_code", code: "c" }),
    }),
  })
  const answer = Object.freeze(sampleAnswer(sample))
  return [
    dialect.authorizationParams?.(params, context),
    dialect.callbackParams?.(params),
    dialect.tokenRequest?.(request, context),
    dialect.tokenAnswer?.(answer, sample.phase, null),
    dialect.secondExchange?.(answer, context),
    dialect.revocationRequest?.(request, context),
  ]
}
