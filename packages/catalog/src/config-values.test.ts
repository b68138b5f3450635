import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { builtInCatalog, builtInDefinitions } from "./catalog.ts"
import { checkConfigValues } from "./config-values.ts"
import type { ConfigField, ConnectorDefinition } from "./define.ts"
import { endpoint } from "./url.ts"

const subdomain: ConfigField = {
  name: "subdomain",
  displayName: "Company domain",
  description: "The first part of your address.",
  placeholder: "acme",
  required: true,
  default: null,
  pattern: "^.+$",
  patternError: "Give the first part of your address.",
  hostSuffixes: ["acme.example"],
  selfHosted: false,
}

const region: ConfigField = {
  ...subdomain,
  name: "region",
  displayName: "Region",
  required: false,
  default: "eu",
  pattern: "^(?:eu|us)$",
  patternError: "Choose eu or us.",
  hostSuffixes: [],
}

/** The loosest pattern there is, so that only the general rules can refuse. */
const anything: ConfigField = {
  ...region,
  name: "path",
  displayName: "Path",
  default: null,
  pattern: "^[^]*$",
}

describe("config values", () => {
  it("are taken when they match, with the defaults of those that are not given", () => {
    expect(checkConfigValues([subdomain, region], { subdomain: "acme" })).toEqual({
      ok: true,
      values: { subdomain: "acme", region: "eu" },
    })
    expect(checkConfigValues([region], { region: "us" })).toEqual({ ok: true, values: { region: "us" } })
  })

  it("that are optional, not given and without a default are left out", () => {
    expect(checkConfigValues([anything], {})).toEqual({ ok: true, values: {} })
  })

  it("keep host names in lower case, as hosts compare", () => {
    expect(checkConfigValues([subdomain], { subdomain: "AcMe" })).toEqual({
      ok: true,
      values: { subdomain: "acme" },
    })
  })

  it("that are empty count as not given", () => {
    expect(checkConfigValues([region], { region: "" })).toEqual({ ok: true, values: { region: "eu" } })
    expect(checkConfigValues([subdomain], { subdomain: "" })).toMatchObject({ ok: false, field: "subdomain" })
  })

  it("that are required and missing are named", () => {
    expect(checkConfigValues([subdomain], {})).toEqual({
      ok: false,
      field: "subdomain",
      message: "Company domain is required.",
    })
  })

  it("that nobody asked for are refused by name", () => {
    for (const name of ["other", "__proto__", "constructor"]) {
      const values = Object.fromEntries([
        ["subdomain", "acme"],
        [name, "x"],
      ])
      expect(checkConfigValues([subdomain], values)).toMatchObject({ ok: false, field: name })
    }
  })

  it("are read from the given object alone, never from its prototype", () => {
    const inherited: Record<string, string> = Object.create({ subdomain: "acme" })
    expect(checkConfigValues([subdomain], inherited)).toMatchObject({ ok: false, field: "subdomain" })
  })

  it("that miss the pattern are refused in the words of the field", () => {
    expect(checkConfigValues([region], { region: "eu-1" })).toEqual({
      ok: false,
      field: "region",
      message: "Region is not accepted: Choose eu or us.",
    })
  })

  it("of 253 characters pass and of 254 are refused", () => {
    expect(checkConfigValues([anything], { path: "a".repeat(253) })).toMatchObject({ ok: true })
    expect(checkConfigValues([anything], { path: "a".repeat(254) })).toMatchObject({
      ok: false,
      field: "path",
    })
  })

  it.each([
    "acme.evil.com/#",
    "a@b",
    "..",
    "a..b",
    ".",
    ".acme",
    "acme.",
    "%2e",
    "%2e%2e",
    "a\r\nb",
    "a\n",
    "a\u0000",
    "a b",
    "a\\b",
    "a/b",
    "a?b",
    "a:1",
    "\u0430cme",
    "acme\u3002evil",
    "\u212a",
    "acme\uff0eevil",
    "xn--80ak6aa92e",
    "Xn--80ak6aa92e",
    "a.xn--80ak6aa92e",
    "-acme",
    "acme-",
    "a.-b",
    "a".repeat(64),
  ])("for a host are refused when they are %j, however loose the pattern", (value) => {
    expect(checkConfigValues([subdomain], { subdomain: value })).toMatchObject({
      ok: false,
      field: "subdomain",
    })
  })

  it.each([
    "../x",
    "a/..",
    "a/../b",
    "a/./b",
    "..",
    "a%2fb",
    "a\\b",
    "a@b",
    "a#b",
    "a?b",
    "a\tb",
    "naïve",
    "\ud800",
  ])("for a path are refused when they are %j, however loose the pattern", (value) => {
    expect(checkConfigValues([anything], { path: value })).toMatchObject({ ok: false, field: "path" })
  })

  it("that pass never lead outside the entry's hosts, for any field of any entry", () => {
    // By name: a counterexample should not be a whole entry.
    const hostFields = new Map(
      builtInDefinitions.flatMap((entry) =>
        entry.config.asked
          .filter((field) => field.hostSuffixes.length > 0)
          .map((field) => [`${entry.type}.${field.name}`, { entry, field }] as const),
      ),
    )
    const pieces = fc.constantFrom(
      ..."az09.-@:/#?%\\ \r\n\u0430\u00e9\u212a\u3002",
      "salesforce.com",
      "my.site.com",
      "evil.com",
      "xn--",
      "..",
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...hostFields.keys()),
        fc.array(pieces, { maxLength: 8 }),
        (name, parts) => {
          const { entry, field } = hostFields.get(name) ?? {}
          if (!entry || !field) return
          const checked = checkConfigValues([field], { [field.name]: parts.join("") })
          const value = checked.ok ? checked.values[field.name] : undefined
          if (value === undefined) return
          const examples = entry.config.asked.map(({ name, default: standard, placeholder }) => [
            name,
            standard ?? placeholder,
          ])
          const { host } = endpoint(entry, urlWith(entry, field.name), {
            ...Object.fromEntries(examples),
            [field.name]: value,
          })
          expect(field.hostSuffixes.some((suffix) => host === suffix || host.endsWith(`.${suffix}`))).toBe(
            true,
          )
          expect(host).toContain(value)
        },
      ),
      { numRuns: 3000 },
    )
  })
})

/** A URL of the entry whose host the value decides; a host of its own where none of them does. */
function urlWith({ api, authorize }: ConnectorDefinition, name: string): string {
  const inHost = [authorize.url, ...api.baseUrls].find((url) => url.split("/")[2]?.includes(`{${name}}`))
  return inHost ?? `https://{${name}}/`
}

describe("the login host of Salesforce", () => {
  const fields = builtInCatalog.byType("salesforce")?.config.asked ?? []
  const check = (hostname: string) => checkConfigValues(fields, { hostname })

  it.each([
    "login.salesforce.com",
    "test.salesforce.com",
    "acme.my.salesforce.com",
    "ACME.my.salesforce.com",
    "acme--box.sandbox.my.salesforce.com",
    "acme-lightning.my.salesforce.com",
    "partners.my.site.com",
  ])("may be %s", (hostname) => {
    expect(check(hostname)).toEqual({ ok: true, values: { hostname: hostname.toLowerCase() } })
  })

  it.each([
    "salesforce.com",
    "acme.lightning.force.com",
    "lightning.salesforce.com",
    "acme.lightning.salesforce.com",
    "https://login.salesforce.com",
    "login.salesforce.com/",
    "login.salesforce.com.evil.example",
    "evilsalesforce.com",
    "login.salesforce.com@evil.example",
    "acme.site.com",
    "evil.example",
  ])("may not be %s, and the answer says what to give", (hostname) => {
    expect(check(hostname)).toMatchObject({
      ok: false,
      field: "hostname",
      message: expect.stringMatching(/^Login host .+\.$/),
    })
  })

  it("is login.salesforce.com unless something else is given", () => {
    expect(checkConfigValues(fields, {})).toEqual({ ok: true, values: { hostname: "login.salesforce.com" } })
  })
})
