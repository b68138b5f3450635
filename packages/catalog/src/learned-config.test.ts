import { describe, expect, it } from "vitest"
import { builtInCatalog } from "./catalog.ts"
import type { ConnectorDefinition } from "./define.ts"
import { configFromApi, configFromIdentity, configFromToken, learnedConfig } from "./learned-config.ts"

describe("config values that arrive with the token", () => {
  it("are kept as text, and those that are absent or null are left out", () => {
    const json = {
      app_id: "A1",
      team: null,
      enterprise: { id: "E1" },
      is_enterprise_install: true,
      authed_user: { id: 5 },
    }
    expect(configFromToken(entry("slack"), json)).toEqual({
      app_id: "A1",
      enterprise_id: "E1",
      is_enterprise_install: "true",
      user_id: "5",
    })
  })

  it.each([
    "https://evil.example",
    "http://acme.my.salesforce.com",
    "https://acme.my.salesforce.com/path",
    "https://acme.my.salesforce.com@evil.example",
    "https://acme.my.salesforce.com:8443",
    "acme.my.salesforce.com",
    "https://acme.my.salesforce.com\r\n",
  ])("are kept back and reported, without an exception, when an origin is %j", (instanceUrl) => {
    const learned = learnedConfig(entry("salesforce"), { instance_url: instanceUrl, id: "fake" })
    expect(learned.values).toEqual({ id: "fake" })
    expect(learned.refused).toMatchObject([{ field: "instance_url" }])
  })

  it("are taken as the name of a host where the entry says so, and only under the provider's own", () => {
    expect(configFromToken(entry("wrike"), { host: "app-eu.wrike.com" })).toEqual({
      host: "app-eu.wrike.com",
    })
    for (const host of [
      "wrike.com.evil.example",
      "evilwrike.com",
      "https://app-eu.wrike.com",
      "app-eu.wrike.com/path",
      "app-eu.wrike.com:8443",
      "evil.example#.wrike.com",
      "evil.example\\.wrike.com",
      ".wrike.com",
    ]) {
      const learned = learnedConfig(entry("wrike"), { host })
      expect(learned, host).toMatchObject({ values: {}, refused: [{ field: "host" }] })
    }
  })

  it("are kept back when they are endless or hold control characters", () => {
    expect(configFromToken(entry("notion"), { workspace_name: "a".repeat(2049), bot_id: "a\nb" })).toEqual({})
  })

  it("are read from a list by number, the last that is there", () => {
    const values = (json: unknown) => configFromIdentity(entry("supabase"), json)
    expect(values([{ id: "1", slug: "acme" }])).toEqual({ organization_id: "1", organization_slug: "acme" })
    expect(values([{ id: "1" }])).toEqual({ organization_id: "1", organization_slug: "1" })
    expect(values([])).toEqual({})
  })

  it("are looked up under the same rules as those that arrive with the token", () => {
    const [lookup] = entry("clickup").config.fromApi
    if (lookup === undefined) throw new Error("no lookup")
    expect(configFromApi(lookup, { teams: [{ id: 9, name: "a\nb" }] })).toEqual({ team_id: "9" })
    expect(configFromApi(lookup, { teams: [] })).toEqual({})
  })

  it("are none for an answer that is no object", () => {
    for (const json of [null, undefined, "text", 5, []])
      expect(configFromToken(entry("slack"), json)).toEqual({})
  })
})

function entry(type: string): ConnectorDefinition {
  const found = builtInCatalog.byType(type)
  if (found === undefined) throw new Error(`no entry ${type}`)
  return found
}
