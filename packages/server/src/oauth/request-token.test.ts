import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  scriptedContext,
  scriptedDefinition,
  scriptedNow,
  type ScriptedProvider,
  startScriptedProvider,
} from "../../../../tests/harness/scripted-provider.ts"
import { exchangeCode, refreshGrant } from "./request-token.ts"

const refreshToken = "a-refresh-token"
const definition = scriptedDefinition()
const context = scriptedContext(definition)

describe("a refresh", () => {
  let provider: ScriptedProvider
  beforeAll(async () => {
    provider = await startScriptedProvider()
  })
  afterAll(() => provider.close())

  const refresh = (body: unknown, more: { status?: number; headers?: Record<string, string> } = {}) => {
    provider.answers({ body, ...more })
    return refreshGrant(provider.protocol, context, refreshToken)
  }

  test("asks as RFC 6749 section 6 says, with the client's id and secret form-encoded in the header", async () => {
    await refresh({ access_token: "new", token_type: "bearer" })
    expect(provider.asked).toHaveLength(1)
    const [asked] = provider.asked
    expect(asked).toMatchObject({ method: "POST", path: "/token" })
    expect(Object.fromEntries(new URLSearchParams(asked?.body))).toEqual({
      grant_type: "refresh_token",
      refresh_token: refreshToken,
    })
    const credentials = Buffer.from(
      asked?.headers.authorization?.replace("Basic ", "") ?? "",
      "base64",
    ).toString()
    expect(credentials).toBe("the+client:short+secret%2F%2B")
  })

  test("brings what the answer holds, and null for what it does not", async () => {
    expect(
      await refresh({ access_token: "new", refresh_token: "next", expires_in: 60, scope: "read write" }),
    ).toMatchObject({
      kind: "ok",
      grant: { accessToken: "new", refreshToken: "next", expiresInS: 60, scopes: ["read", "write"] },
    })
    expect(await refresh({ access_token: "new" })).toMatchObject({
      kind: "ok",
      grant: { accessToken: "new", refreshToken: null, expiresInS: null, scopes: null },
    })
  })

  test.each([
    ["an empty access token", { access_token: "" }],
    ["an access token of blanks", { access_token: "  " }],
    ["an access token that is no text", { access_token: { value: "new" } }],
    ["a refresh token that is no text", { access_token: "new", refresh_token: 17 }],
    ["an access token with a line break", { access_token: "new\r\nx-evil: 1" }],
    ["an access token with half a surrogate pair", { access_token: "new\ud800" }],
    ["a refresh token with a control character", { access_token: "new", refresh_token: "next\u0000" }],
    ["an expires_in of zero", { access_token: "new", expires_in: 0 }],
    ["a negative expires_in", { access_token: "new", expires_in: -1 }],
    ["an expires_in of centuries", { access_token: "new", expires_in: 1e11 }],
    ["an expires_in that is no number", { access_token: "new", expires_in: "soon" }],
    ["an HTML page", "<!doctype html><p>Sign in</p>"],
    ["nothing", ""],
    ["a list", []],
  ])("%s is malformed: passing trouble, never a grant and never a dead one", async (_, body) => {
    expect(await refresh(body)).toMatchObject({ kind: "malformed", retryAfterMs: null })
  })

  test("a refresh token of null, of no characters or of blanks is none, so that the stored one stays", async () => {
    expect(await refresh({ access_token: "new", refresh_token: " " })).toMatchObject({
      kind: "ok",
      grant: { refreshToken: null },
    })
    expect(await refresh({ access_token: "new", refresh_token: null })).toMatchObject({
      kind: "ok",
      grant: { refreshToken: null },
    })
    expect(await refresh({ access_token: "new", refresh_token: "" })).toMatchObject({
      kind: "ok",
      grant: { refreshToken: null },
    })
  })

  test("an error inside a 200 is the error", async () => {
    expect(await refresh({ error: "invalid_grant", access_token: "new" })).toMatchObject({
      kind: "grant_dead",
      code: "invalid_grant",
    })
  })

  test.each([
    ["seconds", "120", 120_000],
    ["a date", new Date(scriptedNow + 90_000).toUTCString(), 90_000],
    ["a time long past", "Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["more than an hour", "86400", 3_600_000],
    ["nonsense", "soon", null],
  ])("Retry-After as %s is read by the protocol's clock", async (_, header, retryAfterMs) => {
    const outcome = await refresh({ error: "slow_down" }, { status: 429, headers: { "retry-after": header } })
    expect(outcome).toMatchObject({ kind: "rate_limited", retryAfterMs })
  })

  test("an answer that echoes our secrets loses them, however short they are", async () => {
    provider.answers((asked) => ({
      status: 400,
      body: {
        error: "invalid_request",
        error_description: `cannot read ${asked.body} of ${asked.headers.authorization} short secret/+`,
      },
    }))
    const outcome = await refreshGrant(provider.protocol, context, refreshToken)
    const told = JSON.stringify(outcome)
    expect(told).toContain("refresh_token=…")
    expect(told).toContain("of Basic … …")
    expect(told).not.toContain(refreshToken)
    expect(told).not.toContain("short secret")
    expect(told).not.toContain("dGhlIGNsaWVudDpzaG9ydCBzZWNyZXQvKw")
  })

  test("a secret that the cut would halve is hidden before", async () => {
    const outcome = await refresh(
      { error: "invalid_request", error_description: `${"x ".repeat(130)}${refreshToken}` },
      { status: 400 },
    )
    expect(JSON.stringify(outcome)).not.toContain("a-refresh")
  })

  test("an exchange that echoes the code and the verifier loses them too", async () => {
    provider.answers((asked) => ({
      status: 400,
      body: { error: "invalid_grant", error_description: asked.body },
    }))
    const callback = new URLSearchParams({ code: "short-code", state: "s" })
    const { validateAuthResponse } = await import("oauth4webapi")
    const checked = validateAuthResponse(
      { issuer: "https://scripted.example.com" },
      { client_id: "the client" },
      callback,
      "s",
    )
    const outcome = await exchangeCode(provider.protocol, context, checked, "short-verifier")
    const told = JSON.stringify(outcome)
    expect(told).toContain("code=…")
    expect(told).not.toContain("short-code")
    expect(told).not.toContain("short-verifier")
  })

  test("a provider that does not answer in time is passing trouble that names its host alone", async () => {
    const silent = {
      ...provider.protocol,
      timeoutMs: 1,
      address: () => new URL("http://127.0.0.1:9/token?refresh_token=a-refresh-token"),
    }
    const outcome = await refreshGrant(silent, context, refreshToken)
    expect(outcome).toMatchObject({ kind: "transient" })
    expect(JSON.stringify(outcome)).not.toContain(refreshToken)
  })
})
