import { describe, expect, it } from "vitest"
import { builtInCatalog } from "../catalog.ts"
import { checkConfigValues } from "../config-values.ts"
import type { ConnectorDefinition } from "../define.ts"
import { readTokenAnswer } from "../translate.ts"
import { ConfigValueError, endpoint } from "../url.ts"

const types = ["microsoft_teams", "one_drive", "outlook", "share_point"]

function entry(type: string): ConnectorDefinition {
  const found = builtInCatalog.byType(type)
  if (found === undefined) throw new Error(`no entry ${type}`)
  return found
}

const accepts = (type: string, values: Record<string, string>): boolean =>
  checkConfigValues(entry(type).config.asked, values).ok

describe("the Microsoft family", () => {
  it("shares one app registration", () => {
    expect(builtInCatalog.typesOf("microsoft")).toEqual(types)
  })

  it.each(types)("%s asks for a refresh token and never forces the consent page", (type) => {
    const { authorize } = entry(type)
    expect(authorize.alwaysScopes).toContain("offline_access")
    expect(authorize.extraParams["prompt"]).not.toBe("consent")
  })

  it.each([
    "common",
    "organizations",
    "consumers",
    "11111111-2222-3333-4444-555555555555",
    "contoso.com",
    "contoso-eu.onmicrosoft.com",
  ])("takes %s as a tenant, at all its endpoints", (tenant) => {
    expect(accepts("outlook", { tenant })).toBe(true)
    const { authorize, token } = entry("outlook")
    for (const template of [authorize.url, token.url]) {
      const url = endpoint(entry("outlook"), template, { tenant })
      expect(url.pathname.startsWith(`/${tenant}/oauth2/v2.0/`), url.href).toBe(true)
    }
  })

  it.each([
    "contoso",
    "common/oauth2",
    "common?",
    "common#",
    "..",
    "a..b",
    "-contoso.com",
    "contoso.com-",
    "contoso.com.",
    "c%2e.com",
    "user@contoso.com",
    "cont oso.com",
    "соntoso.com",
    "111111112222-3333-4444-555555555555",
    "Common\r\nX: y",
  ])("takes %j as no tenant, neither when it is saved nor when it is used", (tenant) => {
    expect(accepts("outlook", { tenant })).toBe(false)
    expect(() => endpoint(entry("outlook"), entry("outlook").token.url, { tenant })).toThrow(ConfigValueError)
  })

  it.each(["sites/mysite", "teams/Sales-2026", "sites/a/sub.site"])("takes %s as a site", (path) => {
    expect(accepts("share_point", { site_path: path })).toBe(true)
  })

  it.each([
    "",
    "/sites/mysite",
    "sites",
    "sites/",
    "sites//a",
    "sites/../x",
    "mysite",
    "sites/a b",
    "sites/a?b",
  ])("takes %j as no site", (path) => {
    expect(accepts("share_point", { site_path: path })).toBe(false)
  })

  it.each([
    "evil.com",
    "sharepoint.com",
    "contoso.sharepoint.com.evil.com",
    "a.b.sharepoint.com",
    "-a.sharepoint.com",
  ])("takes %s as no host of SharePoint", (hostname) => {
    expect(accepts("share_point", { site_path: "sites/mysite", hostname })).toBe(false)
    expect(accepts("share_point", { site_path: "sites/mysite", hostname: "Contoso.SharePoint.com" })).toBe(
      true,
    )
  })

  it("reads a number whole, not as the beginning of a longer one", () => {
    const told = (number: string) =>
      readTokenAnswer(entry("outlook"), "refresh", {
        status: 400,
        headers: {},
        body: { error: "invalid_grant", error_description: `AADSTS${number}: text` },
      })
    // 70002 is a wrong secret; 700029 is nothing that is known.
    expect(told("70002")).toMatchObject({ refusal: "invalid_client" })
    expect(told("700029")).toMatchObject({ refusal: "invalid_grant" })
  })

  it("reads a rule out of the second number too", () => {
    const body = { error: "invalid_grant", error_codes: [70000, 50076] }
    const read = readTokenAnswer(entry("outlook"), "refresh", { status: 400, headers: {}, body })
    expect(read).toMatchObject({ refusal: "interaction_required" })
  })

  it("takes no tenant out of an ID token that names something else", () => {
    const idToken = `e30.${Buffer.from(JSON.stringify({ tid: "../evil" })).toString("base64url")}.c2ln`
    const body = { access_token: "fake", id_token: idToken }
    const read = readTokenAnswer(entry("outlook"), "exchange", { status: 200, headers: {}, body })
    expect(read.kind === "granted" && read.json).not.toHaveProperty("id_token_claims")
  })
})
