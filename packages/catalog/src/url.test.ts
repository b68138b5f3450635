import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { builtInCatalog } from "./catalog.ts"
import { defineConnector } from "./define.ts"
import { ConfigValueError, endpoint, fillUrl, hostSuffixesOf } from "./url.ts"

const label = "https://{subdomain}.acme.example/oauth/token"
const labelSuffixes = { subdomain: ["acme.example"] }
const wholeHost = "https://{hostname}/oauth/token"
const origin = "{instance_url}/services/oauth2/userinfo"
const originSuffixes = { instance_url: ["acme.example"] }

/** Values that have got out of their place in other products, and their relatives. */
const hostile = [
  "acme.evil.com/#",
  "evil.com/",
  "evil.com?",
  "evil.com#",
  "evil.com\\",
  "a@b",
  "a:b@c",
  "evil.com:443",
  "..",
  ".",
  "a..b",
  ".a",
  "a.",
  "-a",
  "a-",
  "a.-b",
  "a-.b",
  "%2e",
  "%2e%2e%2f",
  "a%00",
  "a\r\nHost: evil.com",
  "a\n",
  "a\t",
  " a",
  "a b",
  "\u0430cme",
  "acme\u3002evil",
  "acme\uff0eevil",
  "\u212a",
  "\u24d0cme",
  "acm\u00e9",
  "xn--80ak6aa92e",
  "XN--80ak6aa92e",
  "a.xn--80ak6aa92e",
  "a".repeat(64),
  `${"a".repeat(63)}.`.repeat(5),
  "[::1]",
  "a_b",
  "",
  "{subdomain}",
  "\ud800",
] as const

describe("a value in the host", () => {
  it("fills its place and nothing else", () => {
    expect(fillUrl(label, { subdomain: "acme-2" }, labelSuffixes).href).toBe(
      "https://acme-2.acme.example/oauth/token",
    )
    expect(fillUrl(label, { subdomain: "ACME" }, labelSuffixes).host).toBe("acme.acme.example")
    expect(fillUrl(wholeHost, { hostname: "eu.acme.example" }, { hostname: ["acme.example"] }).host).toBe(
      "eu.acme.example",
    )
  })

  it.each(hostile.map((value) => [JSON.stringify(value), value]))("is refused when it is %s", (_, value) => {
    expect(() => fillUrl(label, { subdomain: value }, labelSuffixes)).toThrow(ConfigValueError)
    expect(() => fillUrl(wholeHost, { hostname: value }, { hostname: ["acme.example"] })).toThrow(
      ConfigValueError,
    )
  })

  it("is refused when it is a host of somebody else, however alike", () => {
    for (const hostname of [
      "evil.com",
      "acme.example.evil.com",
      "evilacme.example",
      "127.0.0.1",
      "0x7f.1",
      "localhost",
    ]) {
      expect(() => fillUrl(wholeHost, { hostname }, { hostname: ["acme.example"] }), hostname).toThrow(
        ConfigValueError,
      )
    }
  })

  it("is refused when the entry does not say where it may lead", () => {
    expect(() => fillUrl(label, { subdomain: "acme" }, {})).toThrow(ConfigValueError)
    expect(() => fillUrl("https://{constructor}.acme.example/", { constructor: "acme" }, {})).toThrow(
      ConfigValueError,
    )
  })

  it("is refused when the host as a whole grows too long", () => {
    const long = Array.from({ length: 4 }, () => "a".repeat(60)).join(".")
    expect(() => fillUrl(label, { subdomain: long }, labelSuffixes)).toThrow(ConfigValueError)
  })

  it("never leads outside the suffix, whatever it is", () => {
    const values = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(..."aA0.-/@:#?%\\{}[]\r\n\t \u3002\uff0e\u0430") }),
      fc.webUrl(),
      fc.domain(),
      fc.constantFrom(...hostile),
      fc
        .tuple(fc.constantFrom(...hostile), fc.constantFrom("acme.example", ".acme.example"))
        .map((parts) => parts.join("")),
    )
    fc.assert(
      fc.property(values, (value) => {
        for (const [template, suffixes] of [
          [label, labelSuffixes],
          [wholeHost.replace("hostname", "subdomain"), labelSuffixes],
        ] as const) {
          const url = filledOrNull(template, { subdomain: value }, suffixes)
          if (url === null) continue
          expect(url.protocol).toBe("https:")
          expect(url.host === "acme.example" || url.host.endsWith(".acme.example")).toBe(true)
          expect(url.pathname + url.search + url.hash).toBe("/oauth/token")
          expect(url.username + url.password + url.port).toBe("")
        }
      }),
      { numRuns: 2000 },
    )
  })
})

describe("a value in the path or the query", () => {
  it("is one segment, percent-encoded", () => {
    const url = fillUrl("https://api.example/apps/{client_id}/token", { client_id: "a/b?c#d e%2f" }, {})
    expect(url.href).toBe("https://api.example/apps/a%2Fb%3Fc%23d%20e%252f/token")
  })

  it("is refused when it is a dot segment, which the parser would resolve", () => {
    for (const id of [".", ".."]) {
      expect(() => fillUrl("https://api.example/apps/{id}/token", { id }, {})).toThrow(ConfigValueError)
    }
    expect(() => fillUrl("https://api.example/{a}{b}/x", { a: ".", b: "." }, {})).toThrow(ConfigValueError)
  })

  it("cannot add a parameter to a query", () => {
    const url = fillUrl("https://api.example/x?account={id}&fixed=1", { id: "1&fixed=2#" }, {})
    expect([...url.searchParams]).toEqual([
      ["account", "1&fixed=2#"],
      ["fixed", "1"],
    ])
  })

  it("never changes the host or the segments around it, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (id) => {
        const url = filledOrNull("https://api.example/v1/{id}/end?q={id}", { id }, {})
        if (url === null) return
        expect(url.origin).toBe("https://api.example")
        const segments = url.pathname.split("/")
        expect(segments).toHaveLength(4)
        expect(decodeURIComponent(segments[2] ?? "")).toBe(id)
        expect([...url.searchParams]).toEqual([["q", id]])
      }),
      { numRuns: 1000 },
    )
  })
})

describe("a value that is a whole origin", () => {
  it("is taken with or without one trailing slash", () => {
    for (const value of [
      "https://eu1.acme.example",
      "https://eu1.acme.example/",
      "https://EU1.acme.example",
    ]) {
      const url = fillUrl(origin, { instance_url: value }, originSuffixes)
      expect(url.href).toBe("https://eu1.acme.example/services/oauth2/userinfo")
    }
  })

  it.each([
    "http://eu1.acme.example",
    "https://eu1.acme.example/path",
    "https://eu1.acme.example//",
    "https://eu1.acme.example?x",
    "https://eu1.acme.example#x",
    "https://user@eu1.acme.example",
    "https://eu1.acme.example:8443",
    "https://evil.com",
    "https://acme.example.evil.com",
    "https://evilacme.example",
    "https://evil.com\\.acme.example",
    "https://xn--80ak6aa92e.acme.example",
    "https://acme\u3002example",
    "//eu1.acme.example",
    "javascript:alert(1)//.acme.example",
    " https://eu1.acme.example",
    "https://eu1.acme.example\n",
    "eu1.acme.example",
    "",
  ])("is refused when it is %j", (value) => {
    expect(() => fillUrl(origin, { instance_url: value }, originSuffixes)).toThrow(ConfigValueError)
  })

  it("is refused when the entry does not say under which hosts it may lie", () => {
    expect(() => fillUrl(origin, { instance_url: "https://eu1.acme.example" }, {})).toThrow(ConfigValueError)
  })

  it("never leads outside the suffix, whatever it is", () => {
    const values = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
      fc
        .string({ unit: fc.constantFrom(..."ae.-/@:#?%\\ \r\n\u3002") })
        .map((text) => `https://${text}acme.example`),
    )
    fc.assert(
      fc.property(values, (value) => {
        const url = filledOrNull(origin, { instance_url: value }, originSuffixes)
        if (url === null) return
        expect(url.href).toMatch(/^https:\/\/([a-z0-9-]+\.)*acme\.example\/services\/oauth2\/userinfo$/)
      }),
      { numRuns: 2000 },
    )
  })
})

describe("a template", () => {
  it("names the value that is missing", () => {
    expect(() => fillUrl(label, {}, labelSuffixes)).toThrow(expect.objectContaining({ field: "subdomain" }))
    expect(() => fillUrl("https://{toString}.acme.example/", {}, {})).toThrow(ConfigValueError)
  })

  it.each([
    "http://acme.example/",
    "https://acme.example/#fragment",
    "https://user@acme.example/",
    "https://acme.example:8443/",
    "ftp://acme.example",
    "acme.example",
    "",
  ])("that is no plain https URL is the entry's mistake: %j", (template) => {
    expect(() => fillUrl(template, {}, {})).toThrow(TypeError)
  })
})

describe("an endpoint", () => {
  const salesforce = builtInCatalog.byType("salesforce")
  const github = builtInCatalog.byType("github")
  if (salesforce === undefined || github === undefined) throw new Error("the built-in entries are missing")

  it("finds by itself under which hosts a value may lead", () => {
    expect(hostSuffixesOf(salesforce)).toMatchObject({ hostname: ["salesforce.com", "my.site.com"] })
    expect(endpoint(salesforce, salesforce.token.url, { hostname: "acme.my.salesforce.com" }).href).toBe(
      "https://acme.my.salesforce.com/services/oauth2/token",
    )
  })

  it("takes the field's default when the value is not there", () => {
    expect(endpoint(salesforce, salesforce.token.url, {}).host).toBe("login.salesforce.com")
    expect(endpoint(salesforce, salesforce.token.url, { hostname: "" }).host).toBe("login.salesforce.com")
  })

  it("judges a stored value by its field again, not by its host alone", () => {
    expect(() =>
      endpoint(salesforce, salesforce.token.url, { hostname: "acme.lightning.salesforce.com" }),
    ).toThrow(expect.objectContaining({ field: "hostname" }))
  })

  it("puts the client id into a path as one segment", () => {
    if (github.revocation === null) throw new Error("no revocation")
    expect(endpoint(github, github.revocation.url, { client_id: "a/../b" }).href).toBe(
      "https://api.github.com/applications/a%2F..%2Fb/token",
    )
  })

  it("refuses a learned origin outside the provider's hosts", () => {
    const url = salesforce.identity.request?.url ?? ""
    expect(() => endpoint(salesforce, url, { instance_url: "https://salesforce.com.evil.example" })).toThrow(
      ConfigValueError,
    )
    expect(endpoint(salesforce, url, { instance_url: "https://acme.my.salesforce.com" }).pathname).toBe(
      "/services/oauth2/userinfo",
    )
  })

  it("with a value that breaks only its own pattern is refused too", () => {
    const entry = defineConnector({
      ...salesforce,
      family: "test",
      refresh: null,
      config: {
        asked: [
          {
            name: "region",
            displayName: "Region",
            description: "Where the data lies.",
            pattern: "^(?:eu|us)$",
            patternError: "Choose eu or us.",
            hostSuffixes: ["acme.example"],
          },
        ],
      },
    })
    expect(endpoint(entry, "https://{region}.acme.example/", { region: "eu" }).host).toBe("eu.acme.example")
    expect(() => endpoint(entry, "https://{region}.acme.example/", { region: "xx" })).toThrow(
      "Choose eu or us.",
    )
  })
})

function filledOrNull(
  template: string,
  values: Record<string, string>,
  suffixes: Record<string, readonly string[]>,
): URL | null {
  try {
    return fillUrl(template, values, suffixes)
  } catch (error) {
    if (error instanceof ConfigValueError) return null
    throw error
  }
}
