import type { ConnectorInput } from "@grantry/catalog"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import {
  scriptedContext,
  scriptedDefinition,
  scriptedNow,
  type ScriptedProvider,
  startScriptedProvider,
} from "../../../../tests/harness/scripted-provider.ts"
import { revokeToken, type TokensToRevoke } from "./revoke-token.ts"

const tokens: TokensToRevoke = {
  accessToken: "the-access-token",
  refreshToken: "the-refresh-token",
  accessExpiresAt: scriptedNow + 1,
}
const url = "https://scripted.example.com/revoke"

describe("revoking", () => {
  let provider: ScriptedProvider
  beforeAll(async () => {
    provider = await startScriptedProvider()
  })
  afterAll(() => provider.close())

  function revoke(revocation: ConnectorInput["revocation"], what: TokensToRevoke = tokens) {
    return revokeToken(provider.protocol, scriptedContext(scriptedDefinition({ revocation })), what)
  }

  const standard = { url, tokens: ["refresh_token", "access_token"], auth: "basic", ends: "token" } as const
  const living = {
    url,
    tokens: ["access_token"],
    requiresLiveToken: true,
    auth: "bearer",
    ends: "token",
    body: "none",
    tokenField: null,
  } as const

  test("a service without revocation is not asked", async () => {
    provider.answers()
    expect(await revoke(null)).toMatchObject({ outcome: "unsupported" })
    expect(provider.asked).toHaveLength(0)
  })

  test("the best token at hand is presented, and it alone", async () => {
    provider.answers({ body: "" })
    expect(await revoke(standard)).toEqual({ outcome: "revoked", detail: null })
    expect(provider.asked.map(({ body }) => body)).toEqual(["token=the-refresh-token"])
    provider.answers({ body: "" })
    await revoke(standard, { ...tokens, refreshToken: null })
    expect(provider.asked.map(({ body }) => body)).toEqual(["token=the-access-token"])
  })

  test("without a token of the kind that the service takes nothing is sent", async () => {
    provider.answers()
    expect(
      await revoke({ ...standard, tokens: ["access_token"] }, { accessToken: null, refreshToken: "r" }),
    ).toMatchObject({ outcome: "failed" })
    expect(provider.asked).toHaveLength(0)
  })

  test.each([
    ["a 200", { body: {} }, "revoked"],
    ["a word that the entry takes for death", { status: 400, body: { error: "invalid_token" } }, "revoked"],
    ["a refusal", { status: 400, body: { error: "unsupported_token_type" } }, "failed"],
    ["a refusal of the client", { status: 401, body: { error: "invalid_client" } }, "failed"],
    ["too many calls", { status: 429, body: {} }, "retry"],
    ["a broken provider", { status: 503, body: "<html>" }, "retry"],
    ["a word for later inside a 400", { status: 400, body: { error: "temporarily_unavailable" } }, "retry"],
  ])("%s means what it says", async (_, answer, outcome) => {
    provider.answers(answer)
    expect(
      await revoke({ ...standard, alreadyDead: [{ status: 400, error: "invalid_token" }] }),
    ).toMatchObject({ outcome })
  })

  test("a provider that cannot be reached is asked again later", async () => {
    const away = { ...provider.protocol, address: () => new URL("http://127.0.0.1:9/") }
    const context = scriptedContext(scriptedDefinition({ revocation: standard }))
    expect(await revokeToken(away, context, tokens)).toMatchObject({ outcome: "retry" })
  })

  test("what went wrong is told in the provider's words, without the token that they echo", async () => {
    provider.answers(({ body }) => ({
      status: 400,
      body: { error: "invalid_request", error_description: `cannot read ${body}` },
    }))
    const result = await revoke(standard)
    expect(result).toEqual({ outcome: "failed", detail: "HTTP 400: invalid_request: cannot read token=…" })
  })

  describe("where each token needs a request of its own", () => {
    const every = {
      ...standard,
      presents: "every",
      alreadyDead: [{ status: 400, error: "invalid_token" }],
    } as const

    test("each is presented, the best one first", async () => {
      provider.answers({ body: {} }, { body: {} })
      expect(await revoke(every)).toEqual({ outcome: "revoked", detail: null })
      expect(provider.asked.map(({ body }) => body)).toEqual([
        "token=the-refresh-token",
        "token=the-access-token",
      ])
    })

    test("one that was dead does not make the other one so", async () => {
      provider.answers({ status: 400, body: { error: "invalid_token" } }, { body: {} })
      expect(await revoke(every)).toEqual({ outcome: "revoked", detail: null })
      provider.answers(
        { status: 400, body: { error: "invalid_token" } },
        { status: 400, body: { error: "invalid_token" } },
      )
      expect(await revoke(every)).toEqual({
        outcome: "revoked",
        detail: "the provider had forgotten it already",
      })
    })

    test("a refusal of one is the outcome, and the other is presented all the same", async () => {
      provider.answers({ status: 400, body: { error: "unsupported_token_type" } }, { body: {} })
      expect(await revoke(every)).toMatchObject({ outcome: "failed" })
      expect(provider.asked).toHaveLength(2)
    })

    test("trouble with one brings all of them back later", async () => {
      provider.answers({ body: {} }, { status: 503, body: {} })
      expect(await revoke(every)).toMatchObject({ outcome: "retry" })
    })
  })

  describe("where only a living access token revokes", () => {
    const expired: TokensToRevoke = { ...tokens, accessExpiresAt: scriptedNow }
    const renewed = { access_token: "renewed", refresh_token: "rotated", expires_in: 60 }

    test("one that lives is presented", async () => {
      provider.answers({ body: {} })
      expect(await revoke(living)).toMatchObject({ outcome: "revoked" })
      expect(provider.asked.map(({ headers, path }) => `${path} ${headers.authorization}`)).toEqual([
        "/revoke Bearer the-access-token",
      ])
    })

    test("one that is dead is refreshed first", async () => {
      provider.answers({ body: renewed }, { body: {} })
      expect(await revoke(living, expired)).toMatchObject({ outcome: "revoked" })
      expect(provider.asked.map(({ path }) => path)).toEqual(["/token", "/revoke"])
      expect(provider.asked[1]?.headers.authorization).toBe("Bearer renewed")
    })

    test("one that turns out to be dead is refreshed too", async () => {
      provider.answers(
        { status: 401, body: { error: "expired_access_token" } },
        { body: renewed },
        { body: {} },
      )
      expect(await revoke(living, { ...tokens, accessExpiresAt: null })).toMatchObject({ outcome: "revoked" })
      expect(provider.asked.map(({ path }) => path)).toEqual(["/revoke", "/token", "/revoke"])
    })

    test("without a refresh token the dead one is all there is", async () => {
      provider.answers({ status: 401, body: { error: "expired_access_token" } })
      expect(await revoke(living, { ...expired, refreshToken: null })).toMatchObject({ outcome: "failed" })
    })

    test("trouble after the refresh hands back the tokens for the next try", async () => {
      provider.answers({ body: renewed }, { status: 503, body: {} })
      const rotated = {
        accessToken: "renewed",
        refreshToken: "rotated",
        accessExpiresAt: scriptedNow + 60_000,
      }
      expect(await revoke(living, expired)).toMatchObject({ outcome: "retry", tokens: rotated })
      provider.answers({ body: { access_token: "renewed" } }, { status: 503, body: {} })
      const kept = { accessToken: "renewed", refreshToken: "the-refresh-token", accessExpiresAt: null }
      expect(await revoke(living, expired)).toMatchObject({ outcome: "retry", tokens: kept })
    })

    test.each([
      ["a dead grant is an ended one", { status: 400, body: { error: "invalid_grant" } }, "revoked"],
      [
        "a demand for the person is a failure",
        { status: 400, body: { error: "interaction_required" } },
        "failed",
      ],
      ["a rejected client may be mended", { status: 401, body: { error: "invalid_client" } }, "retry"],
      ["a broken provider may be mended", { status: 500, body: {} }, "retry"],
    ])("at the refresh %s", async (_, answer, outcome) => {
      provider.answers(answer)
      expect(await revoke(living, expired)).toMatchObject({ outcome })
      expect(provider.asked).toHaveLength(1)
    })
  })
})
