import { describe, expect, it } from "vitest"
import { builtInCatalog } from "./catalog.ts"
import type { ConnectorDefinition } from "./define.ts"
import { missingScopes, normalizeScopes } from "./scopes.ts"

const email = "https://www.googleapis.com/auth/userinfo.email"

describe("scopes", () => {
  it("are brought to the spelling in which they are asked for, each once, in order", () => {
    expect(normalizeScopes(entry("gmail"), ["openid", "email", email, "openid"])).toEqual(["openid", email])
    expect(normalizeScopes(entry("salesforce"), ["offline_access", "api"])).toEqual(["refresh_token", "api"])
    expect(normalizeScopes(entry("gmail"), ["constructor", "__proto__"])).toEqual([
      "constructor",
      "__proto__",
    ])
  })

  it("that a person unticked are missing", () => {
    expect(missingScopes(entry("slack"), ["users:read", "chat:write"], ["users:read"])).toEqual([
      "chat:write",
    ])
    expect(missingScopes(entry("slack"), ["users:read"], [])).toEqual(["users:read"])
  })

  it("that came back under another spelling or in another order are not missing", () => {
    expect(missingScopes(entry("gmail"), ["email", "openid"], ["openid", email])).toEqual([])
    expect(missingScopes(entry("salesforce"), ["refresh_token"], ["offline_access"])).toEqual([])
  })

  it("that a wider granted scope contains are not missing, at any depth", () => {
    expect(missingScopes(entry("github"), ["repo", "public_repo"], ["repo"])).toEqual([])
    expect(missingScopes(entry("github"), ["read:org"], ["admin:org"])).toEqual([])
    expect(missingScopes(entry("github"), ["admin:org"], ["read:org"])).toEqual(["admin:org"])
  })

  it("are the same with and without their resource and in any case, where the provider spells them so", () => {
    const outlook = entry("outlook")
    const long = "https://graph.microsoft.com/Mail.Send"
    expect(normalizeScopes(outlook, [long, "mail.send", "MAIL.SEND"])).toEqual(["Mail.Send"])
    expect(missingScopes(outlook, ["Mail.Send", "openid"], [long, "OpenID"])).toEqual([])
    expect(missingScopes(outlook, [long, "group.read.all"], ["mail.send", "Group.Read.All"])).toEqual([])
    expect(missingScopes(outlook, ["Mail.Send"], ["https://outlook.office.com/Mail.Send"])).toEqual([
      "Mail.Send",
    ])
  })

  it("differ by case and by every other prefix elsewhere", () => {
    expect(missingScopes(entry("slack"), ["chat:write"], ["Chat:Write"])).toEqual(["chat:write"])
    expect(normalizeScopes(entry("outlook"), ["https://graph.microsoft.com/"])).toEqual([
      "https://graph.microsoft.com/",
    ])
  })

  it("are all granted where the provider does not say (RFC 6749 section 5.1)", () => {
    expect(missingScopes(entry("slack"), ["users:read"], null)).toEqual([])
  })
})

function entry(type: string): ConnectorDefinition {
  const found = builtInCatalog.byType(type)
  if (found === undefined) throw new Error(`no entry ${type}`)
  return found
}
