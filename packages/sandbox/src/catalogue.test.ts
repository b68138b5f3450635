/** Every entry of the catalogue is driven by its own data, and the catalogue reads what the sandbox answers. */
import {
  accountFromToken,
  builtInDefinitions,
  configFromToken,
  endpoint,
  identityFromAnswer,
  missingScopes,
  readTokenAnswer,
  revocationOutcome,
} from "@grantry/catalog"
import type { ConnectorDefinition, ReadAnswer } from "@grantry/catalog"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import {
  authorization,
  bearer,
  challenge,
  inBody,
  redirectUri,
  startDriver,
  verifier,
} from "../test-support/driver.ts"
import type { Answer, Driver } from "../test-support/driver.ts"

let driver: Driver
beforeAll(async () => {
  driver = await startDriver()
})
beforeEach(() => driver.control("reset", {}))
afterAll(() => driver.close())

type Granted = Extract<ReadAnswer, { readonly kind: "granted" }>

const place = (definition: ConnectorDefinition, template: string, values: Record<string, string> = {}) => {
  const asked = definition.config.asked.map((field) => [field.name, field.default ?? field.placeholder])
  return endpoint(definition, template, {
    ...Object.fromEntries(asked),
    ...inBody(definition.type),
    ...values,
  }).href
}

const askedScopes = ({ authorize }: ConnectorDefinition) => [
  ...new Set([...authorize.alwaysScopes, ...authorize.defaultScopes]),
]

function authorizationParams(definition: ConnectorDefinition): Record<string, string> {
  const { authorize } = definition
  const usesPkce = authorize.pkce === "required" || authorize.pkce === "supported"
  return {
    response_type: "code",
    ...authorize.extraParams,
    ...(authorize.scopeParam === null
      ? {}
      : { [authorize.scopeParam]: askedScopes(definition).join(authorize.scopeSeparator) }),
    ...(usesPkce ? { code_challenge: challenge, code_challenge_method: "S256" } : {}),
  }
}

const basicHeader = ({
  client_id: id,
  client_secret: secret,
}: {
  client_id: string
  client_secret: string
}) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
})

async function tokenRequest(
  definition: ConnectorDefinition,
  fields: Record<string, string>,
  secret?: string,
): Promise<Answer> {
  const { token, type } = definition
  const credentials = secret === undefined ? inBody(type) : { ...inBody(type), client_secret: secret }
  const all = { ...token.extraParams, ...fields, ...(token.clientAuth === "post" ? credentials : {}) }
  const auth: Record<string, string> = token.clientAuth === "post" ? {} : basicHeader(credentials)
  const kind = token.body === "json" ? "application/json" : "application/x-www-form-urlencoded"
  const body = token.body === "json" ? JSON.stringify(all) : new URLSearchParams(all).toString()
  const headers = { accept: "application/json", ...token.headers, ...auth, "content-type": kind }
  return driver.call(type, place(definition, token.url), { method: "POST", headers, body })
}

function meaning(definition: ConnectorDefinition, phase: "exchange" | "refresh", answer: Answer): ReadAnswer {
  return readTokenAnswer(definition, phase, {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: answer.text,
  })
}

async function exchange(definition: ConnectorDefinition) {
  const params = authorizationParams(definition)
  const code = await driver.code(definition.type, place(definition, definition.authorize.url), params)
  const pkce = params["code_challenge"] === undefined ? {} : { code_verifier: verifier }
  const fields = { grant_type: "authorization_code", code, redirect_uri: redirectUri, ...pkce }
  return { read: meaning(definition, "exchange", await tokenRequest(definition, fields)), fields }
}

async function granted(definition: ConnectorDefinition): Promise<Granted> {
  const { read } = await exchange(definition)
  if (read.kind !== "granted") throw new Error(`not granted: ${JSON.stringify(read)}`)
  return read
}

const refresh = (definition: ConnectorDefinition, token: unknown, secret?: string) =>
  tokenRequest(definition, { grant_type: "refresh_token", refresh_token: String(token) }, secret)

async function identity(definition: ConnectorDefinition, read: Granted) {
  const request = definition.identity.request
  if (!request) return null
  const url = place(definition, request.url, configFromToken(definition, read.json))
  return driver.call(definition.type, url, {
    method: request.method,
    headers: { ...request.headers, ...bearer(read.accessToken) },
  })
}

async function revoke(definition: ConnectorDefinition, read: Granted) {
  const facts = definition.revocation
  if (!facts) return null
  const token = String(
    facts.tokens[0] === "refresh_token" && read.refreshToken !== undefined
      ? read.refreshToken
      : read.accessToken,
  )
  const fields: Record<string, string> = facts.tokenField === null ? {} : { [facts.tokenField]: token }
  const credentials = inBody(definition.type)
  const auth =
    facts.auth === "bearer" ? bearer(token) : facts.auth.startsWith("basic") ? basicHeader(credentials) : {}
  const all = facts.auth === "post" ? { ...fields, ...credentials } : fields
  const json = facts.body === "json" ? { "content-type": "application/json" } : {}
  const body =
    facts.body === "none" ? null : facts.body === "json" ? JSON.stringify(all) : new URLSearchParams(all)
  const headers = { ...facts.headers, ...auth, ...json }
  const answer = await driver.call(definition.type, place(definition, facts.url), {
    method: facts.method,
    headers,
    body,
  })
  return revocationOutcome(definition, { status: answer.status, body: answer.text })
}

describe.each(builtInDefinitions.map((definition) => [definition.type, definition] as const))(
  "%s",
  (type, definition) => {
    it("grants what was asked for, and a code once", async () => {
      const { read, fields } = await exchange(definition)
      expect(read).toMatchObject({ kind: "granted", accessToken: expect.any(String) })
      if (read.kind === "granted" && read.scopes)
        expect(missingScopes(definition, askedScopes(definition), read.scopes)).toEqual([])
      expect(meaning(definition, "exchange", await tokenRequest(definition, fields))).toMatchObject({
        refusal: "invalid_grant",
      })
    })

    it("names one account, by the token answer as by its identity endpoint", async () => {
      const read = await granted(definition)
      const byToken = accountFromToken(definition, read.json)
      const answer = await identity(definition, read)
      const byRequest = answer && identityFromAnswer(definition, answer.text)
      expect(byToken ?? byRequest).toEqual({ id: expect.any(String), label: expect.any(String) })
      if (byToken && byRequest) expect(byRequest.id).toBe(byToken.id)
    })

    it("says its faults in words that the catalogue understands", async () => {
      const token = (await granted(definition)).refreshToken
      if (token === undefined) return
      const fail = async (fault: string) => {
        await driver.control("faults", { type, fault })
        return meaning(definition, "refresh", await refresh(definition, token))
      }
      expect(await fail("invalid_grant")).toMatchObject({ kind: "refused", refusal: "invalid_grant" })
      expect(await fail("wrong_client")).toMatchObject({ kind: "refused", refusal: "invalid_client" })
      expect(await fail("rate_limited")).toMatchObject({ refusal: "rate_limited" })
      expect(await fail("5xx_then_ok")).not.toMatchObject({ refusal: "invalid_grant" })
      expect(await fail("garbage")).toMatchObject({ kind: "unreadable" })
      expect(meaning(definition, "refresh", await refresh(definition, token))).toMatchObject({
        kind: "granted",
      })
      expect(await fail("refresh_reuse")).toMatchObject({ kind: "refused", refusal: "invalid_grant" })
    })

    it("knows a wrong secret from a dead grant", async () => {
      const token = (await granted(definition)).refreshToken
      if (token === undefined) return
      expect(meaning(definition, "refresh", await refresh(definition, token, "wrong"))).toMatchObject({
        refusal: "invalid_client",
      })
      expect(meaning(definition, "refresh", await refresh(definition, token))).toMatchObject({
        kind: "granted",
      })
    })

    it("takes no expired token at its identity endpoint", async () => {
      const lifetimeS = definition.token.lifetimeS
      const read = await granted(definition)
      if (lifetimeS === null || !definition.identity.request) return
      driver.clock.advance(lifetimeS * 1000)
      const answer = await identity(definition, read)
      expect(answer && identityFromAnswer(definition, answer.text)).toBeNull()
    })

    it("revokes as its entry says, and once", async () => {
      const read = await granted(definition)
      if (!definition.revocation) return
      expect(await revoke(definition, read)).toBe("ended")
      expect(await revoke(definition, read)).toBe("already_dead")
    })

    it("refuses an authorization request for another provider's client", async () => {
      const other = type === "dropbox" ? "sandbox-notion" : "sandbox-dropbox"
      const params = { ...authorizationParams(definition), client_id: other }
      const url = authorization(driver.at(type, place(definition, definition.authorize.url)), type, params)
      const page = await fetch(url, { redirect: "manual" })
      expect([page.status, page.headers.get("location")]).toEqual([400, null])
    })
  },
)
