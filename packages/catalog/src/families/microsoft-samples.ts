/** Token answers as Microsoft Entra sends them; trace and correlation ids are made up. */
import type { Refusal } from "../define.ts"
import type { TokenSample } from "../sample.ts"

const tenantId = "11111111-2222-3333-4444-555555555555"

/** Header, payload and signature of nothing: the payload names the tenant. */
const idToken = `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.${Buffer.from(JSON.stringify({ tid: tenantId, name: "Ada Example" })).toString("base64url")}.ZmFrZQ`

const access = (number: number): string => `eyJ0eXAiOiJKV1QifQ.FAKE-graph-access-${number}.c2ln`
const refresh = (number: number): string => `1.AXkAFAKE-refresh-${number}`

/** Samples of one service, with one of its scopes. */
export function microsoftSamples(scope: string): readonly TokenSample[] {
  return [...grants(scope), ...deadGrants, ...interactions, ...clientFaults, ...passing]
}

function grants(scope: string): readonly TokenSample[] {
  const config = { tenant_id: tenantId }
  const lives = (seconds: number) => ({
    token_type: "Bearer",
    expires_in: seconds,
    ext_expires_in: seconds,
  })
  return [
    {
      name: "the exchange tells scopes without offline_access, which the refresh token proves, and the tenant in the ID token",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...lives(4737),
          scope: `${scope} User.Read openid`,
          access_token: access(1),
          refresh_token: refresh(1),
          id_token: idToken,
        },
      },
      means: {
        accessToken: access(1),
        refreshToken: refresh(1),
        expiresInS: 4737,
        scopes: [scope, "User.Read", "openid", "offline_access"],
        config,
      },
    },
    {
      name: "scopes may come back by their long names, and a token without offline_access has no refresh token",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...lives(3599),
          scope: `https://graph.microsoft.com/${scope}`,
          access_token: "EwBIA8l6FAKE-opaque-personal-access",
        },
      },
      means: {
        accessToken: "EwBIA8l6FAKE-opaque-personal-access",
        expiresInS: 3599,
        scopes: [`https://graph.microsoft.com/${scope}`],
      },
    },
    {
      name: "an ID token that cannot be read costs the tenant's name and nothing else",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...lives(3599),
          access_token: access(2),
          refresh_token: refresh(2),
          id_token: "fake.not-json.fake",
        },
      },
      means: { accessToken: access(2), refreshToken: refresh(2), expiresInS: 3599 },
    },
    {
      name: "a refresh brings the next refresh token and another lifetime",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          ...lives(5122),
          scope: `${scope} User.Read openid`,
          access_token: access(3),
          refresh_token: refresh(3),
          id_token: idToken,
        },
      },
      means: {
        accessToken: access(3),
        refreshToken: refresh(3),
        expiresInS: 5122,
        scopes: [scope, "User.Read", "openid", "offline_access"],
        config,
      },
    },
  ]
}

interface Told {
  readonly error: string
  readonly number: number
  readonly text: string
  readonly suberror?: string
  readonly status?: number
  readonly phase?: TokenSample["phase"]
}

function refused(name: string, refusal: Refusal, told: Told): TokenSample {
  const { error, number, text, suberror } = told
  return {
    name,
    phase: told.phase ?? "refresh",
    given: {
      status: told.status ?? 400,
      body: {
        error,
        error_description: `AADSTS${number}: ${text} Trace ID: ${tenantId} Correlation ID: ${tenantId} Timestamp: 2026-08-26 10:12:51Z`,
        error_codes: [number],
        timestamp: "2026-08-26 10:12:51Z",
        trace_id: tenantId,
        correlation_id: tenantId,
        error_uri: `https://login.microsoftonline.com/error?code=${number}`,
        ...(suberror === undefined ? {} : { suberror }),
      },
    },
    means: { refusal, providerError: error },
  }
}

const invalidGrant = "invalid_grant"
const notPublished = "<not published>"

const deadGrants: readonly TokenSample[] = [
  refused("a refresh token that nobody used for 90 days is a dead grant", "invalid_grant", {
    error: invalidGrant,
    number: 700082,
    text: notPublished,
    suberror: "bad_token",
  }),
  refused("a grant that was revoked, by a password reset for example, is dead", "invalid_grant", {
    error: invalidGrant,
    number: 50173,
    text: notPublished,
    suberror: "bad_token",
  }),
  refused("a refresh token that never was one is a dead grant", "invalid_grant", {
    error: invalidGrant,
    number: 70000,
    text: notPublished,
  }),
  refused("a code that was used before is a dead grant", "invalid_grant", {
    error: invalidGrant,
    number: 54005,
    text: notPublished,
    phase: "exchange",
  }),
  refused("an old code is a dead grant", "invalid_grant", {
    error: invalidGrant,
    number: 70008,
    text: notPublished,
    phase: "exchange",
  }),
]

const interactions: readonly TokenSample[] = [
  refused("a sign-in frequency that ran out asks for a new sign-in", "interaction_required", {
    error: invalidGrant,
    number: 70043,
    text: notPublished,
    suberror: "token_expired",
  }),
  refused(
    "a scope without consent asks for consent, under the name of invalid_grant",
    "interaction_required",
    {
      error: invalidGrant,
      number: 65001,
      text: notPublished,
      suberror: "consent_required",
    },
  ),
  refused("a new demand for a second factor asks for a sign-in", "interaction_required", {
    error: "interaction_required",
    number: 50076,
    text: notPublished,
    suberror: "basic_action",
  }),
  refused(
    "a second factor demanded under the name of invalid_grant is no dead grant",
    "interaction_required",
    {
      error: invalidGrant,
      number: 50079,
      text: notPublished,
    },
  ),
  refused("Conditional Access asks for the person", "interaction_required", {
    error: "access_denied",
    number: 53003,
    text: notPublished,
    suberror: "message_only",
  }),
  refused("a number that nobody knows is read by its suberror", "interaction_required", {
    error: invalidGrant,
    number: 999999,
    text: notPublished,
    suberror: "additional_action",
  }),
  refused("consent_required as an error asks for consent", "interaction_required", {
    error: "consent_required",
    number: 999998,
    text: notPublished,
  }),
]

const clientFaults: readonly TokenSample[] = [
  refused("a wrong secret is the client's fault", "invalid_client", {
    error: "invalid_client",
    number: 7000215,
    text: notPublished,
    status: 401,
  }),
  refused("an expired secret is the client's fault", "invalid_client", {
    error: "invalid_client",
    number: 7000222,
    text: notPublished,
    status: 401,
  }),
  refused("an expired secret is the client's fault under whatever name it comes", "invalid_client", {
    error: invalidGrant,
    number: 7000222,
    text: notPublished,
  }),
  {
    name: "a wrong secret is known by the description alone",
    phase: "refresh",
    given: {
      status: 400,
      body: { error: invalidGrant, error_description: "AADSTS7000215: <not published>" },
    },
    means: { refusal: "invalid_client", providerError: invalidGrant },
  },
  refused("an app that the tenant does not know is the client's fault", "unauthorized_client", {
    error: "unauthorized_client",
    number: 700016,
    text: notPublished,
  }),
  refused(
    "another redirect URI than at consent is a bad request, though it calls itself invalid_client",
    "invalid_request",
    {
      error: "invalid_client",
      number: 500112,
      text: notPublished,
      status: 401,
      phase: "exchange",
    },
  ),
  refused("a scope that does not exist is a bad scope", "invalid_scope", {
    error: "invalid_scope",
    number: 70011,
    text: notPublished,
  }),
]

const passing: readonly TokenSample[] = [
  refused("a tenant with too many requests passes", "rate_limited", {
    error: "temporarily_unavailable",
    number: 90055,
    text: notPublished,
    status: 429,
  }),
  refused("a client that asks in a loop is held back, and its grant lives", "rate_limited", {
    error: invalidGrant,
    number: 50196,
    text: notPublished,
  }),
  refused("a directory that is away passes", "temporarily_unavailable", {
    error: "temporarily_unavailable",
    number: 90033,
    text: notPublished,
  }),
  {
    name: "too many calls without a word pass",
    phase: "refresh",
    given: { status: 429, headers: { "retry-after": "30" }, body: "" },
    means: { refusal: "rate_limited" },
  },
]
