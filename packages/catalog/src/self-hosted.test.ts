/** Providers that people run themselves: their host is part of the OAuth client, and any public host name may be one. */
import { describe, expect, it } from "vitest"
import { selfHostedValues } from "./config-values.ts"
import { github } from "./services/github.ts"
import { gitlab } from "./services/gitlab.ts"
import { salesforce } from "./services/salesforce.ts"
import { ConfigValueError, endpoint } from "./url.ts"

const api = github.identity.request?.url ?? ""
const revocation = github.revocation?.url ?? ""

describe("the host of a self-hosted provider", () => {
  it("is the one that was set with the client, else the provider's own", () => {
    expect(selfHostedValues(gitlab.config.asked, {})).toEqual({ hostname: "gitlab.com" })
    expect(selfHostedValues(gitlab.config.asked, { hostname: "git.corp.example", other: "x" })).toEqual({
      hostname: "git.corp.example",
    })
    expect(selfHostedValues(salesforce.config.asked, { hostname: "acme.my.salesforce.com" })).toEqual({})
  })

  it("leads every endpoint there", () => {
    const values = { hostname: "Git.Corp.example" }
    expect(endpoint(gitlab, gitlab.token.url, values).href).toBe("https://git.corp.example/oauth/token")
    expect(endpoint(gitlab, gitlab.authorize.url, {}).href).toBe("https://gitlab.com/oauth/authorize")
  })

  it.each([
    ["evil.example/", "a path"],
    ["user@evil.example", "a user part"],
    ["evil.example:8443", "a port"],
    ["169.254.169.254", "an address"],
    ["2852039166", "an address as one number"],
    ["metadata", "a single label"],
    ["evil.example.", "a root dot"],
    ["a..example", "an empty label"],
    ["xn--80ak6aa92e.com", "punycode"],
  ])("is never %s: %s", (hostname) => {
    expect(() => endpoint(gitlab, gitlab.token.url, { hostname })).toThrow(ConfigValueError)
    expect(() => endpoint(github, api, { hostname })).toThrow(ConfigValueError)
  })

  it("does not open hosts to values that suffixes confine", () => {
    expect(() => endpoint(salesforce, salesforce.token.url, { hostname: "evil.example" })).toThrow(
      ConfigValueError,
    )
  })
})

describe("GitHub's API", () => {
  it.each([
    ["github.com", "https://api.github.com/user"],
    ["acme.ghe.com", "https://api.acme.ghe.com/user"],
    ["github.corp.example", "https://github.corp.example/api/v3/user"],
    ["ghe.com.corp.example", "https://ghe.com.corp.example/api/v3/user"],
  ])("of %s is at %s", (hostname, expected) => {
    expect(endpoint(github, api, { hostname }).href).toBe(expected)
  })

  it("is where grants are revoked, too", () => {
    const values = { hostname: "github.corp.example", client_id: "Iv1.1" }
    expect(endpoint(github, revocation, values).href).toBe(
      "https://github.corp.example/api/v3/applications/Iv1.1/token",
    )
    expect(endpoint(github, revocation, { client_id: "Iv1.1" }).href).toBe(
      "https://api.github.com/applications/Iv1.1/token",
    )
  })
})
