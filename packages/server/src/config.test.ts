import { randomBytes } from "node:crypto"
import { join, resolve } from "node:path"
import { describe, expect, test } from "vitest"
import {
  ConfigError,
  type Environment,
  type Flags,
  readCatalogDir,
  readConfig,
  readEnvironment,
  withBoundPort,
} from "./config.ts"
import { defaultRateLimits } from "./limits/rate-limits.ts"

const known = {
  types: ["slack", "slackbot", "googlecalendar", "share_point", "notion"],
  families: ["google", "microsoft", "slack"],
}
const masterKey = `k1:${randomBytes(32).toString("base64")}`
const read = (env: Environment = {}, flags: Flags = {}) => readConfig(env, known, flags)

function problems(env: Environment, flags: Flags = {}): string[] {
  try {
    read(env, flags)
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n")
    throw error
  }
  return []
}

describe("an empty environment", () => {
  test("gives the development defaults", () => {
    const { masterKeys, allowPrivateNetwork, operatorClients, bootstrap, ...rest } = read()
    expect(rest).toEqual({
      production: false,
      host: "127.0.0.1",
      port: 4545,
      publicUrl: "http://localhost:4545",
      publicUrlGiven: false,
      dataDir: resolve(".grantry"),
      databaseUrl: `file:${resolve(".grantry/grantry.db")}`,
      signUp: "invited",
      openId: null,
      sandbox: true,
      catalogDir: null,
      refreshRate: 20,
      quarantine: "auto",
      rateLimits: defaultRateLimits,
      trustedProxies: { hosts: new Set(), ranges: [] },
      operating: { metricsToken: null, stopDelayMs: 0, auditRetentionDays: null, traces: null },
      providerTimeoutMs: 30_000,
      requiredPlan: null,
      logLevel: "info",
    })
    expect(masterKeys).toBeNull()
    expect(bootstrap).toEqual({ email: null, password: null, apiKey: null })
    expect(operatorClients).toEqual({ byType: {}, byFamily: {} })
    expect(allowPrivateNetwork.ranges.map(([address, bits]) => `${address.toString()}/${bits}`)).toEqual([
      "127.0.0.0/8",
      "::1/128",
    ])
  })

  test("in production is refused for want of a master key, and with one is closed", () => {
    expect(problems({ NODE_ENV: "production" })).toEqual([
      expect.stringMatching(
        /^GRANTRY_MASTER_KEY is not set, but when NODE_ENV=production it must be a comma list of id:key/,
      ),
    ])
    const config = read({ NODE_ENV: "production", GRANTRY_MASTER_KEY: masterKey })
    expect(config).toMatchObject({ production: true, sandbox: false, allowPrivateNetwork: { ranges: [] } })
    expect(config.masterKeys?.first.id).toBe("k1")
  })

  test("and one of empty values are the same", () => {
    const names = [
      "HOST",
      "PORT",
      "PUBLIC_URL",
      "DATA_DIR",
      "DATABASE_URL",
      "MASTER_KEY",
      "SANDBOX",
      "LOG_LEVEL",
      "BOOTSTRAP_EMAIL",
      "SLACK_CLIENT_ID",
      "BOGUS_CLIENT_ID",
    ]
    expect(read(Object.fromEntries(names.map((name) => [`GRANTRY_${name}`, " "])))).toEqual(read())
  })
})

test("every variable is read", () => {
  const config = read({
    GRANTRY_HOST: "::",
    GRANTRY_PORT: "0",
    GRANTRY_PUBLIC_URL: "https://Connect.Example.com:443/",
    GRANTRY_DATA_DIR: "/var/lib/grantry",
    GRANTRY_DATABASE_URL: "postgres://u:p@db/grantry",
    GRANTRY_MASTER_KEY: masterKey,
    GRANTRY_SIGN_UP: "open",
    GRANTRY_BOOTSTRAP_EMAIL: "Owner@Example.com",
    GRANTRY_BOOTSTRAP_PASSWORD: "correct horse",
    GRANTRY_BOOTSTRAP_API_KEY: `b44k_${"a".repeat(32)}`,
    GRANTRY_SANDBOX: "off",
    GRANTRY_ALLOW_PRIVATE_NETWORK: "10.0.0.0/8,functions.internal",
    GRANTRY_PROVIDER_TIMEOUT_MS: "5000",
    GRANTRY_REQUIRED_PLAN: "Pro",
    GRANTRY_LOG_LEVEL: "DEBUG",
  })
  expect(config).toMatchObject({
    host: "::",
    port: 0,
    publicUrl: "https://connect.example.com",
    publicUrlGiven: true,
    dataDir: "/var/lib/grantry",
    databaseUrl: "postgres://u:p@db/grantry",
    signUp: "open",
    bootstrap: { email: "owner@example.com", password: "correct horse", apiKey: `b44k_${"a".repeat(32)}` },
    sandbox: false,
    allowPrivateNetwork: { hosts: new Set(["functions.internal"]) },
    providerTimeoutMs: 5000,
    logLevel: "debug",
  })
})

describe("the OpenID provider with which members sign in", () => {
  const openId = {
    GRANTRY_OIDC_ISSUER: "https://login.example.com/realms/team",
    GRANTRY_OIDC_CLIENT_ID: "grantry",
    GRANTRY_OIDC_CLIENT_SECRET: "secret with spaces",
  }

  test("is named after its host, follows the sign-up rule and is trusted for nothing unless told", () => {
    expect(read(openId).openId).toEqual({
      issuer: "https://login.example.com/realms/team",
      clientId: "grantry",
      clientSecret: "secret with spaces",
      name: "login.example.com",
      signUp: "invited",
      trustsAddresses: false,
    })
    const told = { GRANTRY_OIDC_NAME: "Acme", GRANTRY_OIDC_SIGN_UP: "open", GRANTRY_OIDC_TRUST_EMAIL: "on" }
    expect(read({ ...openId, ...told }).openId).toMatchObject({
      name: "Acme",
      signUp: "open",
      trustsAddresses: true,
    })
    expect(read({ ...openId, GRANTRY_SIGN_UP: "open" }).openId).toMatchObject({ signUp: "open" })
  })

  test("needs all three of its variables", () => {
    expect(problems({ GRANTRY_OIDC_CLIENT_ID: "grantry" })).toEqual([
      "GRANTRY_OIDC_ISSUER is not set, but it must be, because GRANTRY_OIDC_CLIENT_ID is",
      "GRANTRY_OIDC_CLIENT_SECRET is not set, but it must be, because GRANTRY_OIDC_CLIENT_ID is",
    ])
    expect(problems({ GRANTRY_OIDC_NAME: "Acme" })).toHaveLength(3)
  })

  test.each([
    "login.example.com",
    "ftp://login.example.com",
    "https://login.example.com/?a",
    "https://u:p@login.example.com",
  ])("is no issuer by the name of %s", (issuer) => {
    expect(problems({ ...openId, GRANTRY_OIDC_ISSUER: issuer })).toEqual([
      expect.stringMatching(/^GRANTRY_OIDC_ISSUER is .*, but it must be the issuer's address/),
    ])
  })

  test("is not trusted for addresses while everybody can take any with a password", () => {
    const env = { ...openId, GRANTRY_OIDC_TRUST_EMAIL: "on", GRANTRY_SIGN_UP: "open" }
    expect(problems(env)).toEqual([
      expect.stringMatching(/^GRANTRY_OIDC_TRUST_EMAIL is "on", but it must be "off"/),
    ])
  })

  test("its secret is not shown", () => {
    const text = problems({ ...openId, GRANTRY_OIDC_CLIENT_SECRET: "s\u00e9cret" }).join()
    expect(text).toMatch(/^GRANTRY_OIDC_CLIENT_SECRET is "\*\*\*"/)
    expect(text).not.toContain("cret,")
  })
})

test("the database defaults to a file in the data folder, and a file's path is made absolute", () => {
  expect(read({ GRANTRY_DATA_DIR: "/srv/g" }).databaseUrl).toBe(`file:${join("/srv/g", "grantry.db")}`)
  expect(read({ GRANTRY_DATABASE_URL: "file:./x.db" }).databaseUrl).toBe(`file:${resolve("x.db")}`)
  expect(read({ GRANTRY_DATABASE_URL: "file:///srv/x.db" }).databaseUrl).toBe("file:/srv/x.db")
})

test("without a public URL it follows the port that the system chose", () => {
  expect(withBoundPort(read({ GRANTRY_PORT: "0" }), 50_123)).toMatchObject({
    port: 50_123,
    publicUrl: "http://localhost:50123",
  })
  expect(withBoundPort(read({ GRANTRY_PUBLIC_URL: "https://a.example" }), 50_123).publicUrl).toBe(
    "https://a.example",
  )
})

test("an empty list of private networks opens nothing, also in development", () => {
  expect(read({ GRANTRY_ALLOW_PRIVATE_NETWORK: "" }).allowPrivateNetwork).toEqual({
    hosts: new Set(),
    ranges: [],
  })
})

describe("a bad value is named, shown and corrected in one line", () => {
  const publicUrl = "an http: or https: origin without path, query or credentials"
  const bad: readonly (readonly [variable: string, value: string, must: string])[] = [
    ["GRANTRY_HOST", "127.0.0.1:80", "an IP address or host name"],
    ["GRANTRY_HOST", "http://x", "an IP address or host name"],
    ["GRANTRY_HOST", "256.1.1.1", "an IP address or host name"],
    ["GRANTRY_PORT", "abc", "a whole number from 0 to 65535"],
    ["GRANTRY_PORT", "-1", "a whole number from 0 to 65535"],
    ["GRANTRY_PORT", "65536", "a whole number from 0 to 65535"],
    ["GRANTRY_PORT", "80.5", "a whole number from 0 to 65535"],
    ["GRANTRY_PORT", "0x50", "a whole number from 0 to 65535"],
    ["GRANTRY_PORT", "1e3", "a whole number from 0 to 65535"],
    ["GRANTRY_PUBLIC_URL", "connect.example.com", publicUrl],
    ["GRANTRY_PUBLIC_URL", "localhost:4545", publicUrl],
    ["GRANTRY_PUBLIC_URL", "ftp://example.com", publicUrl],
    ["GRANTRY_PUBLIC_URL", "https://example.com/path", publicUrl],
    ["GRANTRY_PUBLIC_URL", "https://example.com/?", publicUrl],
    ["GRANTRY_PUBLIC_URL", "https://example.com/#a", publicUrl],
    ["GRANTRY_PUBLIC_URL", "https://user@example.com", publicUrl],
    ["GRANTRY_PUBLIC_URL", "https:example.com", publicUrl],
    ["GRANTRY_PUBLIC_URL", "https://exa mple.com", publicUrl],
    ["GRANTRY_DATA_DIR", "a\0b", "a folder's path"],
    ["GRANTRY_SANDBOX", "maybe", '"on" or "off"'],
    ["GRANTRY_ALLOW_PRIVATE_NETWORK", "10.0.0.0/40", "the prefix must be 0 to 32"],
    ["GRANTRY_ALLOW_PRIVATE_NETWORK", "http://localhost", "neither a host name nor an address"],
    ["GRANTRY_REQUIRED_PLAN", "gold", '"off" or one of free, builder, pro, elite, enterprise'],
    ["GRANTRY_PROVIDER_TIMEOUT_MS", "999", "a whole number from 1000 to 120000"],
    ["GRANTRY_PROVIDER_TIMEOUT_MS", "120001", "a whole number from 1000 to 120000"],
    ["GRANTRY_PROVIDER_TIMEOUT_MS", "30s", "a whole number from 1000 to 120000"],
    ["GRANTRY_LOG_LEVEL", "verbose", "one of fatal, error, warn, info, debug, trace, silent"],
    ["GRANTRY_BOOTSTRAP_EMAIL", "owner", "an e-mail address"],
    ["GRANTRY_BOOTSTRAP_EMAIL", "a b@example.com", "an e-mail address"],
  ]

  test.each(bad)("%s=%s", (variable, value, must) => {
    const lines = problems({ [variable]: value })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.startsWith(`${variable} is ${JSON.stringify(value)}, but it must be `)).toBe(true)
    expect(lines[0]).toContain(must)
  })

  const secrets: readonly (readonly [variable: string, value: string, must: string])[] = [
    ["GRANTRY_MASTER_KEY", "k1:canarycanary", 'entry 1 ("k1") holds'],
    ["GRANTRY_MASTER_KEY", "canarycanary", "entry 1 has no id"],
    ["GRANTRY_DATABASE_URL", "mysql://user:canary@host/db", "file:<path> or postgres://"],
    ["GRANTRY_DATABASE_URL", "postgres://user:canary#/@host/db", "percent-encoded"],
    ["GRANTRY_DATABASE_URL", "./canary.db", "file:<path>"],
    ["GRANTRY_DATABASE_URL", "file:", "file:<path>"],
    ["GRANTRY_DATABASE_URL", "file:canary/", "file:<path>"],
    ["GRANTRY_DATABASE_URL", "file://canary/x.db", "file:<path>"],
    ["GRANTRY_DATABASE_URL", "file:canary.db?mode=ro", "file:<path>"],
    ["GRANTRY_BOOTSTRAP_PASSWORD", "canary", "8 to 128 characters long"],
    ["GRANTRY_BOOTSTRAP_API_KEY", "b44k_canary", '"b44k_" and at least 32'],
    ["GRANTRY_BOOTSTRAP_API_KEY", `key_${"canary".repeat(10)}`, '"b44k_" and at least 32'],
    ["GRANTRY_BOOTSTRAP_API_KEY", `b44k_canary!${"a".repeat(32)}`, '"b44k_" and at least 32'],
  ]

  test.each(secrets)("%s=%s without the secret", (variable, value, must) => {
    const lines = problems({ GRANTRY_BOOTSTRAP_EMAIL: "owner@example.com", [variable]: value })
    expect(lines).toHaveLength(1)
    expect(lines[0]?.startsWith(`${variable} is "***" (${value.length} characters), but it must be `)).toBe(
      true,
    )
    expect(lines[0]).toContain(must)
    expect(lines[0]).not.toContain("canary")
  })

  test("a value with line breaks or of great length stays on one short line", () => {
    const [line, ...more] = problems({ GRANTRY_PORT: `1\n${"9".repeat(500)}` })
    expect(more).toEqual([])
    expect(line?.length).toBeLessThan(200)
  })
})

test("all problems are reported at once, and the first is the error's variable", () => {
  const env = {
    GRANTRY_PORT: "x",
    GRANTRY_LOG_LEVEL: "y",
    GRANTRY_NOTION_CLIENT_ID: "only",
    NODE_ENV: "production",
  }
  const lines = problems(env)
  expect(lines.map((line) => line.split(" ")[0])).toEqual([
    "GRANTRY_PORT",
    "GRANTRY_MASTER_KEY",
    "GRANTRY_NOTION_CLIENT_SECRET",
    "GRANTRY_LOG_LEVEL",
  ])
  expect(() => read(env)).toThrow(expect.objectContaining({ variable: "GRANTRY_PORT" }))
})

test("a password without an e-mail address is incomplete", () => {
  expect(problems({ GRANTRY_BOOTSTRAP_PASSWORD: "correct horse" })).toEqual([
    "GRANTRY_BOOTSTRAP_EMAIL is not set, but it must be, because GRANTRY_BOOTSTRAP_PASSWORD is",
  ])
})

test("the address of an owner with a password is one that can sign in", () => {
  const password = { GRANTRY_BOOTSTRAP_PASSWORD: "correct horse" }
  expect(problems({ ...password, GRANTRY_BOOTSTRAP_EMAIL: "owner@localhost" })).toEqual([
    'GRANTRY_BOOTSTRAP_EMAIL is "owner@localhost", but with GRANTRY_BOOTSTRAP_PASSWORD it must be an address with a full domain, e.g. "owner@example.com"',
  ])
  expect(problems({ GRANTRY_BOOTSTRAP_EMAIL: "owner@localhost" })).toEqual([])
})

test("who may sign up is one of two words", () => {
  expect(problems({ GRANTRY_SIGN_UP: "everybody" })).toEqual([
    'GRANTRY_SIGN_UP is "everybody", but it must be one of invited, open',
  ])
})

describe("flags", () => {
  test("override their variables, also wrong ones", () => {
    const env = { GRANTRY_PORT: "wrong", GRANTRY_HOST: "0.0.0.0" }
    expect(read(env, { port: "8080" })).toMatchObject({ port: 8080, host: "0.0.0.0" })
  })

  test("count where one setting asks for another", () => {
    const env = { GRANTRY_OIDC_CLIENT_SECRET: "secret" }
    expect(problems(env)).toHaveLength(2)
    const flags = { "oidc-issuer": "https://login.example.com", "oidc-client-id": "grantry" }
    expect(read(env, flags).openId).toMatchObject({ clientId: "grantry", name: "login.example.com" })
  })

  test("are named when they are wrong", () => {
    expect(problems({}, { port: "abc" })).toEqual([
      '--port is "abc", but it must be a whole number from 0 to 65535',
    ])
  })
})

describe("operator-wide OAuth clients", () => {
  const pair = (name: string, id = "id", secret = "secret") => ({
    [`GRANTRY_${name}_CLIENT_ID`]: id,
    [`GRANTRY_${name}_CLIENT_SECRET`]: secret,
  })
  const credentials = { clientId: "id", clientSecret: "secret" }

  test("serve a type, a family, or both where one name means both", () => {
    const env = { ...pair("GOOGLECALENDAR"), ...pair("SHARE_POINT"), ...pair("MICROSOFT"), ...pair("SLACK") }
    expect(read(env).operatorClients).toEqual({
      byType: { googlecalendar: credentials, share_point: credentials, slack: credentials },
      byFamily: { microsoft: credentials, slack: credentials },
    })
  })

  test("need both halves", () => {
    const rest = "is not set, but it must be, because"
    expect(problems({ GRANTRY_SLACK_CLIENT_ID: "id" })).toEqual([
      `GRANTRY_SLACK_CLIENT_SECRET ${rest} GRANTRY_SLACK_CLIENT_ID is: an OAuth client needs both`,
    ])
    expect(problems({ GRANTRY_SLACK_CLIENT_SECRET: "canary" })).toEqual([
      `GRANTRY_SLACK_CLIENT_ID ${rest} GRANTRY_SLACK_CLIENT_SECRET is: an OAuth client needs both`,
    ])
  })

  test.each([
    ["SLAK", "; did you mean GRANTRY_SLACK_CLIENT_ID?"],
    ["GOOGLE_CALENDAR", "; did you mean GRANTRY_GOOGLECALENDAR_CLIENT_ID?"],
    ["ZZZZZZZZ", "family of the catalogue"],
  ])("of an unknown name %s are refused, with the nearest name", (name, ending) => {
    const [line, ...more] = problems(pair(name))
    expect(more).toEqual([])
    expect(line).toMatch(
      new RegExp(`^GRANTRY_${name}_CLIENT_ID names "${name}", but it must name a connector type`),
    )
    expect(line?.endsWith(ending)).toBe(true)
  })
})

test("a configuration does not change", () => {
  const config = read({ GRANTRY_SLACK_CLIENT_ID: "id", GRANTRY_SLACK_CLIENT_SECRET: "secret" })
  expect(
    [
      config,
      config.bootstrap,
      config.operatorClients,
      config.operatorClients.byType,
      config.operatorClients.byType["slack"],
    ].every(Object.isFrozen),
  ).toBe(true)
})

test("the environment is the process's own", () => {
  expect(readEnvironment()["PATH"]).toBe(process.env["PATH"])
})

describe("the folder of the operator's own types", () => {
  test("is an absolute path, and the flag overrides the variable", () => {
    expect(readCatalogDir({})).toBeNull()
    expect(readCatalogDir({ GRANTRY_CATALOG_DIR: "types" })).toBe(resolve("types"))
    const env = { GRANTRY_CATALOG_DIR: "/etc/grantry/types" }
    expect(readCatalogDir(env, { "catalog-dir": "/srv/types" })).toBe("/srv/types")
    expect(read(env).catalogDir).toBe("/etc/grantry/types")
    expect(read(env, { "catalog-dir": "/srv/types" }).catalogDir).toBe("/srv/types")
  })

  test("is refused by its name when it is no path", () => {
    expect(() => readCatalogDir({ GRANTRY_CATALOG_DIR: "a\0b" })).toThrow(
      /^GRANTRY_CATALOG_DIR is "a\\u0000b"/,
    )
    expect(() => readCatalogDir({}, { "catalog-dir": "a\0b" })).toThrow(/^--catalog-dir is /)
  })
})
