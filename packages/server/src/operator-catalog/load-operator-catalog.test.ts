import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { builtInDefinitions } from "@grantry/catalog"
import { describe, expect, onTestFinished, test } from "vitest"
import { ConfigError } from "../config/config-error.ts"
import { loadOperatorCatalog } from "./load-operator-catalog.ts"

/** One line per member, so that places are easy to count. */
const lines = {
  type: '"type": "acme_crm"',
  displayName: '"displayName": "Acme CRM"',
  description: '"description": "Customers of Acme."',
  authorize: '"authorize": { "url": "https://acme.example/authorize", "defaultScopes": ["read"] }',
  token: '"token": { "url": "https://acme.example/token", "clientAuth": "post", "lifetimeS": 3600 }',
  refresh: '"refresh": { "rotates": true, "reuseGraceS": 0 }',
  revocation: '"revocation": null',
  identity: '"identity": {}',
  config: '"config": {}',
  api: '"api": { "baseUrls": ["https://acme.example/api"] }',
  scopes: '"scopes": [{ "scope": "read", "meaning": "Read your customers" }]',
  setup:
    '"setup": { "registerUrl": "https://acme.example/", "documentationUrl": "https://acme.example/", "pitfalls": [] }',
}

type Lines = Readonly<Partial<Record<keyof typeof lines, string>>>

/** The line of a member is its place in `lines`, after the opening brace. */
const text = (changes: Lines = {}) =>
  `{\n  ${Object.values({ ...lines, ...changes })
    .filter((line) => line !== "")
    .join(",\n  ")}\n}\n`

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "grantry-types-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

/** Lines of the error without the folder; none where all is well. */
function problems(files: Readonly<Record<string, string>>): string[] {
  const folder = folderWith(files)
  try {
    loadOperatorCatalog(folder)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.message.split("\n").map((line) => line.replaceAll(`${folder}/`, ""))
  }
}

const field = (more: string) =>
  `"config": { "asked": [{ "name": "site", "displayName": "Site", "description": "Which one.", "patternError": "Give a site.", ${more} }] }`
const closed = '"pattern": "^[a-z]+$", "placeholder": "acme"'
const atSite = '"authorize": { "url": "https://{site}.acme.example/authorize", "defaultScopes": ["read"] }'

describe("a folder of an operator's own types", () => {
  test("gives complete entries, ordered by file", () => {
    const other = text({ type: '"type": "acme_hr"' })
    const entries = loadOperatorCatalog(folderWith({ "acme_hr.json": other, "acme_crm.json": text() }))
    expect(entries.map(({ type }) => type)).toEqual(["acme_crm", "acme_hr"])
    expect(entries[0]).toMatchObject({
      family: null,
      authorize: { scopeParam: "scope" },
      samples: [],
      dialect: {},
    })
    expect(entries[0]).not.toHaveProperty("$schema")
    expect(Object.isFrozen(entries[0]?.token)).toBe(true)
  })

  test("may hold other files: schemas, hidden ones and whatever is not JSON", () => {
    const others = {
      "connector.schema.json": "{}",
      ".acme.json": "{",
      "README.md": "# Ours",
      "acme.yaml": "type: acme",
    }
    expect(problems(others)).toEqual([])
  })

  test("may name its schema for editors and begin with a byte order mark", () => {
    const named = text().replace("{", '{ "$schema": "./connector.schema.json",')
    expect(problems({ "acme_crm.json": `\uFEFF${named}` })).toEqual([])
  })

  test("that does not exist, or is none, is told by its variable", () => {
    const folder = folderWith({ file: "" })
    for (const path of [join(folder, "absent"), join(folder, "file")])
      expect(() => loadOperatorCatalog(path)).toThrow(
        `GRANTRY_CATALOG_DIR is ${JSON.stringify(path)}, but it must be a folder`,
      )
  })

  test("reports every problem of every file at once", () => {
    const found = problems({
      "acme_crm.json": text({
        token: '"token": { "url": "http://acme.example/token", "clientAuth": "digest" }',
      }),
      "broken.json": '{ "type": "broken" ',
      "slack.json": text({ type: '"type": "slack"' }),
    })
    expect(found).toEqual([
      'acme_crm.json:6:12 token lacks "lifetimeS"',
      "acme_crm.json:6:21 token.url must be an https URL without fragment, whose {parts} are config values",
      'acme_crm.json:6:64 token.clientAuth must be one of "basic", "basic_raw", "post"',
      "broken.json:1:20 is not JSON: close brace expected",
      "slack.json:2:11 the type slack exists already: choose another name",
      "slack.json:2:11 slack is the name of a family of services: choose another name",
    ])
  })

  test("that cannot be read is one problem among others", () => {
    const folder = folderWith({ "acme_crm.json": text({ type: '"type": "slack"' }) })
    mkdirSync(join(folder, "zeta.json"))
    expect(() => loadOperatorCatalog(folder)).toThrow(
      /slack exists already[^]*zeta\.json:1:1 cannot be read: EISDIR/,
    )
  })
})

describe("a file of an operator's own type", () => {
  test.each<[string, Lines, string[]]>([
    ["with a comma at the end", { setup: `${lines.setup},` }, ["14:1 is not JSON: property name expected"]],
    ["with a comment", { identity: '"identity": {} // ours' }, ["9:18 is not JSON: invalid comment token"]],
    [
      "with a key twice",
      { identity: '"identity": {}, "identity": {}' },
      ['9:19 "identity" stands here a second time'],
    ],
    [
      "with a misspelt member",
      { token: lines.token.replace("clientAuth", "clientauth") },
      [
        '6:12 token lacks "clientAuth"',
        '6:51 "clientauth" is no member of token; did you mean "clientAuth"?',
      ],
    ],
    ["with code", { config: '"dialect": "() => 1"' }, ['10:3 "dialect" is no member of the file']],
    [
      "with a value of the wrong kind",
      { scopes: '"scopes": "read"' },
      ["12:13 scopes must be a list of scopes, each with its meaning"],
    ],
    [
      "with a header that ends its line",
      {
        api: '"api": { "baseUrls": ["https://acme.example"], "headers": { "X-A": "a\\r\\nB: c" } }',
      },
      ["11:70 api.headers.X-A must be printable text in one line"],
    ],
    [
      "with a header without a name",
      {
        api: '"api": { "baseUrls": ["https://acme.example"], "headers": { "X A": "a" } }',
      },
      ['11:63 "X A" must be the name of a header'],
    ],
    [
      "of another name",
      { type: '"type": "acme"' },
      ["2:11 the type is acme, but the file is acme_crm.json: a file bears the name of its type"],
    ],
    [
      "with a name in capitals",
      { type: '"type": "AcmeCRM"' },
      ["2:11 type must be a lower-case name such as acme_crm"],
    ],
    [
      "with a value in a URL that nobody gives",
      { authorize: lines.authorize.replace("acme.example", "{site}.acme.example") },
      [
        "5:25 {site} is no value that is known when this URL is used; no value is known",
        "5:25 {site} is part of a host: it needs hostSuffixes, and isHost where it is learned with the token",
      ],
    ],
    [
      "with a URL before the consent that needs what comes after it",
      {
        token: lines.token.replace("/token", "/{tenant}/token"),
        config: '"config": { "fromToken": [{ "name": "tenant", "path": "tenant" }] }',
      },
      ["6:21 {tenant} is no value that is known when this URL is used; no value is known"],
    ],
    [
      "with half a brace",
      { api: '"api": { "baseUrls": ["https://acme.example/{a"] }' },
      ["11:25 the URL holds a brace without its partner"],
    ],
    [
      "with a host that a value may choose freely",
      { authorize: atSite, config: field(closed) },
      ["5:25 {site} is part of a host: it needs hostSuffixes, and isHost where it is learned with the token"],
    ],
    [
      "with a host outside the hosts that its value may lead to",
      {
        authorize: atSite,
        config: field(`${closed}, "hostSuffixes": ["acme.test"]`),
      },
      ['5:25 the URL cannot be used: The value "site" leads outside the provider\'s hosts.'],
    ],
    [
      "with a self-hosted value that is not the whole host",
      {
        authorize: atSite,
        config: field(`"pattern": "^[a-z.]+$", "selfHosted": true`),
      },
      ["5:25 {site} is selfHosted, so it must be the whole host"],
    ],
    [
      "with a learned origin that may lead anywhere",
      {
        api: '"api": { "baseUrls": ["{origin}/api"] }',
        config: '"config": { "fromToken": [{ "name": "origin", "path": "api_url" }] }',
      },
      ["11:25 {origin} stands for a whole origin: it must be one of config.fromToken with hostSuffixes"],
    ],
    [
      "with a port",
      { api: '"api": { "baseUrls": ["https://acme.example:8443/api"] }' },
      [
        "11:25 the URL cannot be used: the host of a URL template may hold only letters a–z, digits, hyphens and dots: https://acme.example:8443",
      ],
    ],
    [
      "with a name and password",
      { api: '"api": { "baseUrls": ["https://me@acme.example/api"] }' },
      [
        "11:25 the URL cannot be used: the host of a URL template may hold only letters a–z, digits, hyphens and dots: https://me@acme.example",
      ],
    ],
    [
      "with a pattern that takes a part of the value",
      { config: field('"pattern": "[a-z]+"') },
      ["10:138 config.asked.0.pattern must be a regular expression that begins with ^ and ends with $"],
    ],
    [
      "with a pattern whose alternatives are anchored at one end each",
      { config: field('"pattern": "^a|b$"') },
      [
        "10:138 the pattern must be anchored: ^ and $ around the whole of it, and a group around alternatives",
      ],
    ],
    [
      "with a pattern that ends in a plain dollar sign",
      { config: field('"pattern": "^a\\\\$"') },
      [
        "10:138 the pattern must be anchored: ^ and $ around the whole of it, and a group around alternatives",
      ],
    ],
    [
      "with a pattern that does not compile",
      { config: field('"pattern": "^(a$"') },
      [
        "10:138 the pattern does not compile with the flag u: Invalid regular expression: /^(a$/u: Unterminated group",
      ],
    ],
    [
      "with an example that its own pattern refuses",
      { config: field('"pattern": "^[a-z]+$", "placeholder": "Acme 1"') },
      [
        '10:165 "Acme 1" is no value of its own field: Site may hold only plain letters, digits and punctuation, without spaces.',
      ],
    ],
    [
      "with a default scope that is not listed",
      { scopes: '"scopes": []' },
      ["5:77 the scope read is not in the list of scopes"],
    ],
    [
      "with scopes and nowhere to put them",
      { authorize: lines.authorize.replace('["read"]', '["read"], "scopeParam": null') },
      ["12:13 without authorize.scopeParam there can be no scopes"],
    ],
    [
      "that would send a family's secret elsewhere",
      { description: '"description": "x", "family": "google"' },
      [
        "4:33 services of the family google have the token endpoint https://oauth2.googleapis.com/token, which gets their secret",
      ],
    ],
    [
      "with a sample that it reads in another way",
      {
        config:
          '"samples": [{ "name": "a token", "phase": "exchange", "given": { "status": 200, "body": { "token": "t" } }, "means": { "accessToken": "t" } }]',
      },
      ['10:120 the sample "a token" means {"unreadable":true} by this entry'],
    ],
  ])("%s is refused", (_, changes, expected) => {
    const found = problems({ "acme_crm.json": text(changes) })
    expect(found).toHaveLength(expected.length)
    found.forEach((line, index) => expect(line).toContain(`acme_crm.json:${expected[index] ?? ""}`))
  })

  test("may join a family whose token endpoint it uses", () => {
    const google = builtInDefinitions.find(({ family }) => family === "google")
    const changes = {
      description: '"description": "Another API.", "family": "google"',
      token: `"token": { "url": "${google?.token.url ?? ""}", "clientAuth": "post", "lifetimeS": 3600 }`,
    }
    expect(problems({ "acme_crm.json": text(changes) })).toEqual([])
  })

  test("may ask for a subdomain, learn a host and prove how it reads its answers", () => {
    const asked = `{ "name": "site", "displayName": "Site", "description": "Which one.", "patternError": "Give a site.", ${closed}, "hostSuffixes": ["acme.example"] }`
    const learned = '{ "name": "shard", "path": "shard", "isHost": true, "hostSuffixes": ["acme.example"] }'
    const sample =
      '{ "name": "a token", "phase": "exchange", "given": { "status": 200, "body": { "access_token": "t", "shard": "eu.acme.example" } }, "means": { "accessToken": "t", "config": { "shard": "eu.acme.example" } } }'
    const changes = {
      authorize: atSite,
      config: `"config": { "asked": [${asked}], "fromToken": [${learned}] }, "samples": [${sample}]`,
      api: '"api": { "baseUrls": ["https://{shard}/api/{site}"] }',
    }
    expect(problems({ "acme_crm.json": text(changes) })).toEqual([])
  })
})
