/** TikTok: https://developers.tiktok.com/doc/oauth-user-access-token-management */
import { defineConnector } from "../define.ts"
import type { Dialect, WireRequest } from "../dialect.ts"

/** Every endpoint knows the client by `client_key`. */
function withClientKey(fields: Readonly<Record<string, string>>): Record<string, string> {
  const { client_id: clientId, ...others } = fields
  return clientId === undefined ? others : { ...others, client_key: clientId }
}

function bodyWithClientKey(request: WireRequest): WireRequest {
  if (request.body?.kind !== "form") return request
  return { ...request, body: { kind: "form", fields: withClientKey(request.body.fields) } }
}

const dialect: Dialect = {
  authorizationParams: (params) => withClientKey(params),
  tokenRequest: (request) => bodyWithClientKey(request),
  revocationRequest: (request) => bodyWithClientKey(request),
}

const answered = {
  expires_in: 7200,
  open_id: "afd97af1-fake-4eaf-8cd7-fake17b3d4c2",
  refresh_expires_in: 15_552_000,
  scope: "user.info.basic,video.list",
  token_type: "Bearer",
}

const told = {
  expiresInS: 7200,
  scopes: ["user.info.basic", "video.list"],
  config: { open_id: "afd97af1-fake-4eaf-8cd7-fake17b3d4c2" },
}

export const tiktok = defineConnector({
  type: "tiktok",
  displayName: "TikTok",
  category: "social",
  description: "Profile, videos and posting of a creator.",
  authorize: {
    url: "https://www.tiktok.com/v2/auth/authorize/",
    scopeSeparator: ",",
    // Web apps have no use for it. Desktop apps must send it, but as the hexadecimal digest instead of RFC 7636's.
    pkce: "ignored",
    alwaysScopes: ["user.info.basic"],
    defaultScopes: ["user.info.basic"],
  },
  token: {
    url: "https://open.tiktokapis.com/v2/oauth/token/",
    clientAuth: "post",
    headers: { "Cache-Control": "no-cache" },
    answerScopeSeparators: [",", " "],
    // Failures come at 200 as well. The API's own envelope is not read: its error says "ok" when all is well.
    refusals: [
      { error: "access_token_invalid", means: "invalid_grant" },
      { error: "rate_limit_exceeded", means: "rate_limited" },
      { error: "internal_error", means: "temporarily_unavailable" },
    ],
    lifetimeS: 7200,
  },
  refresh: { rotates: true, reuseGraceS: 0 },
  revocation: {
    url: "https://open.tiktokapis.com/v2/oauth/revoke/",
    tokens: ["access_token"],
    auth: "post",
    requiresLiveToken: true,
    ends: "grant",
    alreadyDead: [
      { status: 200, error: "access_token_invalid" },
      { status: 400, error: "access_token_invalid" },
      { status: 401, error: "access_token_invalid" },
      { status: 200, error: "invalid_grant" },
      { status: 400, error: "invalid_grant" },
    ],
  },
  identity: {
    request: {
      method: "GET",
      // Without `fields` the answer is an error.
      url: "https://open.tiktokapis.com/v2/user/info/?fields=open_id,union_id,avatar_url,display_name",
      headers: {},
      id: ["{data.user.open_id}"],
      label: ["{data.user.display_name}"],
    },
  },
  config: {
    fromToken: [{ name: "open_id", path: "open_id" }],
    fromCallback: [{ name: "granted_scopes", param: "scopes" }],
  },
  api: { baseUrls: ["https://open.tiktokapis.com/v2"] },
  scopes: [
    { scope: "user.info.basic", meaning: "See your name and avatar" },
    { scope: "user.info.profile", meaning: "See your bio, profile link and verified mark" },
    { scope: "user.info.stats", meaning: "See how many followers, likes and videos you have" },
    { scope: "video.list", meaning: "See your public videos" },
    { scope: "video.upload", meaning: "Upload drafts for you to finish in TikTok" },
    { scope: "video.publish", meaning: "Post to your profile" },
  ],
  setup: {
    registerUrl: "https://developers.tiktok.com/apps",
    documentationUrl: "https://developers.tiktok.com/doc/login-kit-web",
    pitfalls: [
      "What TikTok calls the client key goes into the connector's client id.",
      "Register a web app: a desktop app demands PKCE in a form of its own (a hexadecimal challenge), which is not sent.",
      "Redirect URIs of a web app must be https, without a query, and registered to the letter; use the sandbox for local development.",
      "Each product and each scope needs TikTok's approval, and an app that has not been audited posts privately.",
      "People may untick scopes while they consent; missing_scopes tells which.",
      "Access tokens live two hours and refresh tokens 180 days since November 2026; refresh tokens work once.",
    ],
  },
  dialect,
  samples: [
    {
      name: "scopes come back with commas, and the person's id at this app",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "act.fake1!5168.va", refresh_token: "rft.fake1!5177.va" },
      },
      means: { accessToken: "act.fake1!5168.va", refreshToken: "rft.fake1!5177.va", ...told },
    },
    {
      name: "a refresh brings a new refresh token",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "act.fake2", refresh_token: "rft.fake2" },
      },
      means: { accessToken: "act.fake2", refreshToken: "rft.fake2", ...told },
    },
    {
      name: "a dead refresh token is a dead grant, told at 200",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          error: "invalid_grant",
          error_description: "Refresh token is invalid or expired.",
          log_id: "20261121000000FAKE",
        },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a dead refresh token is a dead grant, told at 400",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant", log_id: "20261121000000FAKE" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault, told at 200",
      phase: "refresh",
      given: { status: 200, body: { error: "invalid_client", error_description: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "too many calls pass, told in the API's envelope",
      phase: "refresh",
      given: { status: 429, body: { error: { code: "rate_limit_exceeded", message: "<not published>" } } },
      means: { refusal: "rate_limited" },
    },
    {
      name: "too many calls pass, told at 200",
      phase: "refresh",
      given: { status: 200, body: { error: "rate_limit_exceeded" } },
      means: { refusal: "rate_limited", providerError: "rate_limit_exceeded" },
    },
  ],
})
