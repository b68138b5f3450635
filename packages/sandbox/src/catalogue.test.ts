/** Every entry of the catalogue is driven by its own data, and the catalogue reads what the sandbox answers. */
import { builtInDefinitions, readTokenAnswer } from "@grantry/catalog"
import type { ConnectorDefinition } from "@grantry/catalog"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { authorization, bearer, inBody, redirectUri, startDriver, verifier, challenge } from "../test-support/driver.ts"
import type { Answer, Driver } from "../test-support/driver.ts"

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

const filled = (definition: ConnectorDefinition, template: string, further: Record<string, string> = {}) => {
  const asked = definition.config.asked.map((field) => [field.name, field.default ?? field.placeholder])
  const values: Record<string, string> = { ...Object.fromEntries(asked), client_id: `sandbox-${definition.type}`, ...further }
  return template.replace(/\{([^}]+)\}/g, (_, name: string) => values[name] ?? "")
}

function authorizationParams(definition: ConnectorDefinition): Record<string, string> {
  const { authorize } = definition
  const scopes = [...new Set([...authorize.alwaysScopes, ...authorize.defaultScopes])]
  const usesPkce = authorize.pkce === "required" || authorize.pkce === "supported"
  return {
    response_type: "code",
    ...authorize.extraParams,
    ...(authorize.scopeParam === null ? {} : { [authorize.scopeParam]: scopes.join(authorize.scopeSeparator) }),
    ...(usesPkce ? { code_challenge: challenge, code_challenge_method: "S256" } : {}),
  }
}

async function tokenRequest(definition: ConnectorDefinition, fields: Record<string, string>, secret?: string): Promise<Answer> {
  const { token, type } = definition
  const credentials = secret === undefined ? inBody(type) : { ...inBody(type), client_secret: secret }
  const header = `Basic ${Buffer.from(`${credentials.client_id}:${credentials.client_secret}`).toString("base64")}`
  const all = token.clientAuth === "post" ? { ...fields, ...credentials } : fields
  const auth: Record<string, string> = token.clientAuth === "post" ? {} : { authorization: header }
  const kind = token.body === "json" ? "application/json" : "application/x-www-form-urlencoded"
  const body = token.body === "json" ? JSON.stringify(all) : new URLSearchParams(all).toString()
  const headers = { accept: "application/json", ...token.headers, ...auth, "content-type": kind }
  return driver.call(type, filled(definition, token.url), { method: "POST", headers, body })
}

function meaning(definition: ConnectorDefinition, phase: "exchange" | "refresh", answer: Answer) {
  const wire = { status: answer.status, headers: Object.fromEntries(answer.headers), body: answer.json }
  return readTokenAnswer(definition, phase, wire)
}

async function exchanged(definition: ConnectorDefinition) {
  const url = filled(definition, definition.authorize.url)
  const code = await driver.code(definition.type, url, authorizationParams(definition))
  const pkce = authorizationParams(definition)["code_challenge"] === undefined ? {} : { code_verifier: verifier }
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...pkce }
  return { answer: await tokenRequest(definition, fields), fields }
}

async function refreshTokenOf(definition: ConnectorDefinition): Promise<string | null> {
  const read = meaning(definition, "exchange", (await exchanged(definition)).answer)
  return read.kind === "granted" && typeof read.refreshToken === "string" ? read.refreshToken : null
}

const refresh = (definition: ConnectorDefinition, token: string, secret?: string) =>
  tokenRequest(definition, { grant_type: "refresh_token", refresh_token: token }, secret)

describe.each(builtInDefinitions.map((definition) => [definition.type, definition] as const))("%s", (type, definition) => {
  it("grants what was asked for, and the code once", async () => {
    const { answer, fields } = await exchanged(definition)
    const read = meaning(definition, "exchange", answer)
    expect(read).toMatchObject({ kind: "granted", accessToken: expect.any(String) })
    expect(meaning(definition, "exchange", await tokenRequest(definition, fields))).toMatchObject({ refusal: "invalid_grant" })
  })

  it("names the account at its identity endpoint", async () => {
    const request = definition.identity.request
    const read = meaning(definition, "exchange", (await exchanged(definition)).answer)
    if (!request || read.kind !== "granted") return
    const learned: Record<string, string> = {}
    for (const { name, path } of definition.config.fromToken) {
      const value = typeof read.json === "object" && read.json !== null ? Object.entries(read.json).find(([key]) => key === path) : undefined
      if (value) learned[name] = String(value[1])
    }
    const headers = { ...request.headers, ...bearer(read.accessToken) }
    const named = await driver.call(type, filled(definition, request.url, learned), { method: request.method, headers })
    expect(named.status).toBe(200)
    expect(named.text).toContain("ada")
  })

  it("refreshes, and a fault in its own words means what the catalogue says", async () => {
    const token = await refreshTokenOf(definition)
    if (token === null) return
    const fail = async (fault: string) => {
      await driver.control("faults", { type, fault })
      return meaning(definition, "refresh", await refresh(definition, token))
    }
    expect(await fail("invalid_grant")).toMatchObject({ kind: "refused", refusal: "invalid_grant" })
    expect(await fail("wrong_client")).toMatchObject({ kind: "refused", refusal: "invalid_client" })
    expect(await fail("rate_limited")).toMatchObject({ kind: "refused", refusal: expect.stringMatching(/rate_limited|temporarily/) })
    expect(await fail("5xx_then_ok")).not.toMatchObject({ refusal: "invalid_grant" })
    expect(await fail("garbage")).toMatchObject({ kind: "unreadable" })
    expect(meaning(definition, "refresh", await refresh(definition, token))).toMatchObject({ kind: "granted" })
    expect(await fail("refresh_reuse")).toMatchObject({ kind: "refused", refusal: "invalid_grant" })
  })

  it("knows a wrong secret from a dead grant", async () => {
    const token = await refreshTokenOf(definition)
    if (token === null) return
    expect(meaning(definition, "refresh", await refresh(definition, token, "wrong"))).toMatchObject({ refusal: "invalid_client" })
    expect(meaning(definition, "refresh", await refresh(definition, token))).toMatchObject({ kind: "granted" })
  })

  it("refuses an authorization request for another provider's client", async () => {
    const other = type === "dropbox" ? "sandbox-notion" : "sandbox-dropbox"
    const params = { ...authorizationParams(definition), client_id: other }
    const url = authorization(driver.at(type, filled(definition, definition.authorize.url)), type, params)
    const page = await fetch(url, { redirect: "manual" })
    expect([page.status, page.headers.get("location")]).toEqual([400, null])
  })
})

