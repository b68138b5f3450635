import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { builtInDefinitions } from "./catalog.ts"
import type { ConnectorDefinition, ConnectorInput } from "./define.ts"
import { defineConnector } from "./define.ts"
import type { TokenPhase } from "./dialect.ts"
import { readTokenAnswer } from "./translate.ts"

const standard = entryWith({})
const granted = { kind: "granted", accessToken: "fake" }

describe("a token answer of a provider that follows the standard", () => {
  it("is a grant with all that it says", () => {
    const body = {
      access_token: "fake",
      refresh_token: "fake-r",
      expires_in: 3600,
      scope: "a b",
      token_type: "bearer",
    }
    expect(read(standard, { status: 200, body })).toEqual({
      kind: "granted",
      accessToken: "fake",
      refreshToken: "fake-r",
      expiresIn: 3600,
      expiresAtMs: null,
      scopes: ["a", "b"],
      json: body,
    })
  })

  it("is a refusal when a 200 holds an error, even beside a token", () => {
    const body = { access_token: "fake", error: "invalid_grant", error_description: "gone" }
    expect(read(standard, { status: 200, body })).toEqual({
      kind: "refused",
      refusal: "invalid_grant",
      providerError: "invalid_grant",
      description: "gone",
      status: 200,
    })
  })

  it.each([false, null, "", 0])("is no refusal for an error of %j beside a token", (error) => {
    expect(read(standard, { status: 200, body: { access_token: "fake", error } })).toMatchObject(granted)
  })

  it.each([null, "", undefined])("is unreadable when its access token is %j", (accessToken) => {
    const body = { access_token: accessToken, refresh_token: "fake-r" }
    expect(read(standard, { status: 200, body })).toMatchObject({ kind: "unreadable", status: 200 })
  })

  it.each([null, "", undefined])(
    "has no refresh token when that is %j, so that nothing overwrites a stored one",
    (refreshToken) => {
      const body = { access_token: "fake", refresh_token: refreshToken }
      expect(read(standard, { status: 200, body })).toMatchObject({ ...granted, refreshToken: undefined })
    },
  )

  it.each([
    [3600, 3600],
    ["3600", 3600],
    [" 3600 ", 3600],
    ["3600.5", 3600.5],
    ["soon", "soon"],
    ["-5", "-5"],
    ["1e99", "1e99"],
    [{ seconds: 5 }, { seconds: 5 }],
    [null, undefined],
    ["", undefined],
  ])(
    "reads numbers as text and leaves nonsense for the client to judge: expires_in %j",
    (given, expected) => {
      const body = { access_token: "fake", expires_in: given }
      expect(read(standard, { status: 200, body })).toMatchObject({ ...granted, expiresIn: expected })
    },
  )

  it.each([
    ["a b", ["a", "b"]],
    ["  a   b ", ["a", "b"]],
    [
      ["a", "b"],
      ["a", "b"],
    ],
    [
      ["a b", 3, null, " c "],
      ["a", "b", "c"],
    ],
    [[], []],
    ["", null],
    [null, null],
    [7, null],
    [{ a: true }, null],
  ])("reads the scopes %j", (scope, scopes) => {
    expect(read(standard, { status: 200, body: { access_token: "fake", scope } })).toMatchObject({
      ...granted,
      scopes,
    })
  })

  it("splits scopes at every separator that the entry names", () => {
    const entry = entryWith({ answerScopeSeparators: [",", " "] })
    expect(read(entry, { status: 200, body: { access_token: "fake", scope: "a,b c, d" } })).toMatchObject({
      scopes: ["a", "b", "c", "d"],
    })
  })

  it("is read from form-encoded text", () => {
    const body = "access_token=fake&scope=a+b&expires_in=60&refresh_token=x%2By"
    expect(read(standard, { status: 200, body })).toMatchObject({
      ...granted,
      refreshToken: "x+y",
      expiresIn: 60,
      scopes: ["a", "b"],
    })
  })

  it("is read from JSON that came as text", () => {
    expect(read(standard, { status: 200, body: '{"access_token":"fake"}' })).toMatchObject(granted)
  })

  it.each([
    "<html><body>access_token=fake</body></html>",
    "<!doctype html>",
    "",
    "OK",
    '"access_token"',
    "12",
    "null",
    "[]",
    '{"access_token":',
    "access_token=fake <script>",
  ])("is unreadable when it is the text %j", (body) => {
    expect(read(standard, { status: 200, body })).toMatchObject({ kind: "unreadable", status: 200 })
  })

  it.each([null, undefined, 5, true, [], [{ access_token: "fake" }]])(
    "is unreadable when it is %j",
    (body) => {
      expect(read(standard, { status: 200, body })).toMatchObject({ kind: "unreadable" })
    },
  )

  it.each([100, 204, 301, 302, 304])("with the status %i is no grant, whatever it holds", (status) => {
    if (status === 204)
      return expect(read(standard, { status, body: { access_token: "fake" } })).toMatchObject(granted)
    expect(read(standard, { status, body: { access_token: "fake" } })).toMatchObject({
      kind: "unreadable",
      status,
    })
  })

  it.each([400, 401, 403, 418])(
    "with the status %i and a token, but no error, is a refusal of unknown meaning",
    (status) => {
      expect(read(standard, { status, body: { access_token: "fake" } })).toMatchObject({
        kind: "refused",
        refusal: null,
      })
    },
  )

  it.each([
    ["invalid_grant", "invalid_grant"],
    ["invalid_client", "invalid_client"],
    ["unauthorized_client", "unauthorized_client"],
    ["invalid_request", "invalid_request"],
    ["invalid_scope", "invalid_scope"],
    ["unsupported_grant_type", "unsupported_grant_type"],
    ["interaction_required", "interaction_required"],
    ["login_required", "interaction_required"],
    ["consent_required", "interaction_required"],
    ["account_selection_required", "interaction_required"],
    ["slow_down", "rate_limited"],
    ["server_error", "temporarily_unavailable"],
    ["temporarily_unavailable", "temporarily_unavailable"],
    ["something_new", null],
    ["constructor", null],
  ])("means by the code %s: %s", (error, refusal) => {
    expect(read(standard, { status: 400, body: { error } })).toMatchObject({
      kind: "refused",
      refusal,
      providerError: error,
    })
  })

  it.each([429, 500, 502, 503, 504])(
    "with the status %i never condemns the grant or the client",
    (status) => {
      const moment = status === 429 ? "rate_limited" : "temporarily_unavailable"
      for (const body of [
        { error: "invalid_grant" },
        { error: "invalid_client" },
        {},
        "<html>",
        "",
        null,
        [],
      ]) {
        const answer = read(standard, { status, body })
        expect(answer.kind === "unreadable" || (answer.kind === "refused" && answer.refusal === moment)).toBe(
          true,
        )
      }
    },
  )

  it("cannot be steered by keys of the prototype", () => {
    for (const text of ['{"__proto__":{"access_token":"fake"}}', '{"constructor":{"access_token":"fake"}}']) {
      expect(read(standard, { status: 200, body: text })).toMatchObject({ kind: "unreadable" })
      expect(read(standard, { status: 200, body: JSON.parse(text) })).toMatchObject({ kind: "unreadable" })
    }
    expect(read(standard, { status: 200, body: "__proto__=x&access_token=fake" })).toMatchObject(granted)
    expect(({} as Record<string, unknown>)["access_token"]).toBeUndefined()
    const entry = entryWith({
      answer: { accessToken: ["toString", "__proto__.access_token", "constructor.name"] },
    })
    expect(read(entry, { status: 200, body: {} })).toMatchObject({ kind: "unreadable" })
  })
})

describe("the rules of an entry", () => {
  it("go before the standard's meaning of a code, the first that matches wins", () => {
    const entry = entryWith({
      refusals: [
        { error: "invalid_grant", descriptionIncludes: "Try Again", means: "temporarily_unavailable" },
        { error: "invalid_grant", subtype: "session", means: "interaction_required" },
        { status: 403, means: "rate_limited" },
      ],
    })
    const refusal = (status: number, body: unknown) => {
      const answer = read(entry, { status, body })
      return answer.kind === "refused" ? answer.refusal : answer.kind
    }
    expect(refusal(400, { error: "invalid_grant" })).toBe("invalid_grant")
    expect(refusal(400, { error: "invalid_grant", error_description: "please try again" })).toBe(
      "temporarily_unavailable",
    )
    expect(refusal(400, { error: "invalid_grant", error_subtype: "session" })).toBe("interaction_required")
    expect(refusal(403, { error: "anything" })).toBe("rate_limited")
    expect(refusal(403, "<html>")).toBe("rate_limited")
    expect(refusal(404, "<html>")).toBe("unreadable")
  })

  it("read more out of a 5xx only when they name its status", () => {
    const entry = entryWith({
      refusals: [
        { error: "dead", means: "invalid_grant" },
        { status: 500, error: "really_dead", means: "invalid_grant" },
      ],
    })
    expect(read(entry, { status: 500, body: { error: "dead" } })).toMatchObject({
      refusal: "temporarily_unavailable",
    })
    expect(read(entry, { status: 500, body: { error: "really_dead" } })).toMatchObject({
      refusal: "invalid_grant",
    })
    expect(read(entry, { status: 400, body: { error: "dead" } })).toMatchObject({ refusal: "invalid_grant" })
  })

  it("find the error at the first path that holds text", () => {
    const entry = entryWith({ errorPaths: ["error", "error.code", "errors.0.code", "error.\\.tag"] })
    for (const body of [
      { error: { code: "x" } },
      { errors: [{ code: "x" }] },
      { error: { ".tag": "x" } },
      { error: "x" },
    ]) {
      expect(read(entry, { status: 400, body })).toMatchObject({ providerError: "x" })
    }
  })

  it("have paths of their own for the refresh where the entry says so", () => {
    const entry = defineConnector({
      ...inputWith({ answer: { accessToken: ["first.token"] } }),
      refresh: { rotates: true, reuseGraceS: null, answer: { accessToken: ["second.token"] } },
    })
    const body = { first: { token: "fake-1" }, second: { token: "fake-2" } }
    expect(read(entry, { status: 200, body }, "exchange")).toMatchObject({ accessToken: "fake-1" })
    expect(read(entry, { status: 200, body }, "refresh")).toMatchObject({ accessToken: "fake-2" })
  })

  it("see what the dialect made of the answer", () => {
    const entry = defineConnector({
      ...inputWith({}),
      dialect: {
        tokenAnswer: (answer, phase) => ({ ...answer, status: 200, body: { access_token: `fake-${phase}` } }),
      },
    })
    expect(read(entry, { status: 500, body: "x" }, "refresh")).toMatchObject({ accessToken: "fake-refresh" })
  })

  it("call a failure what the entry's success field calls one", () => {
    const entry = defineConnector({ ...inputWith({}), api: { baseUrls: [], successPath: "ok" } })
    expect(read(entry, { status: 200, body: { ok: false, access_token: "fake" } })).toMatchObject({
      kind: "refused",
    })
    expect(read(entry, { status: 200, body: { ok: true, access_token: "fake" } })).toMatchObject(granted)
    expect(read(entry, { status: 200, body: { access_token: "fake" } })).toMatchObject(granted)
  })
})

describe("any answer at all", () => {
  const status = fc.constantFrom(200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503)
  const keys = fc.constantFrom(
    "access_token",
    "error",
    "ok",
    "authed_user",
    "__proto__",
    "scope",
    "expires_in",
    "code",
    "team",
  )
  const body = fc.oneof(
    fc.jsonValue(),
    fc.string(),
    fc.dictionary(keys, fc.oneof(fc.jsonValue(), fc.constantFrom("invalid_grant", "fake", null, "", 5)), {
      maxKeys: 6,
    }),
  )

  it("is read by every entry without an exception, and condemns a grant only in the 4xx or 2xx", () => {
    fc.assert(
      fc.property(fc.constantFrom(...builtInDefinitions), status, body, (entry, code, given) => {
        for (const phase of ["exchange", "refresh"] as const) {
          const answer = read(entry, { status: code, body: given }, phase)
          if (answer.kind === "granted") expect([undefined, null, ""]).not.toContain(answer.accessToken)
          if (answer.kind === "granted") expect(code).toBeLessThan(300)
          if (answer.kind === "refused" && answer.refusal === "invalid_grant") {
            expect(code === 429 || code >= 500).toBe(false)
          }
        }
      }),
      { numRuns: 3000 },
    )
  })
})

function inputWith(token: Partial<ConnectorInput["token"]>): ConnectorInput {
  return {
    type: "test",
    displayName: "Test",
    description: "A provider that follows the standard.",
    authorize: { url: "https://provider.example/authorize" },
    token: { url: "https://provider.example/token", clientAuth: "basic", lifetimeS: 3600, ...token },
    refresh: { rotates: true, reuseGraceS: null },
    revocation: null,
    identity: {},
    api: { baseUrls: [] },
    scopes: [],
    setup: {
      registerUrl: "https://provider.example",
      documentationUrl: "https://provider.example",
      pitfalls: [],
    },
    samples: [],
  }
}

function entryWith(token: Partial<ConnectorInput["token"]>): ConnectorDefinition {
  return defineConnector(inputWith(token))
}

function read(
  entry: ConnectorDefinition,
  given: { status: number; body: unknown },
  phase: TokenPhase = "exchange",
) {
  return readTokenAnswer(entry, phase, { headers: {}, ...given })
}
