/** LinkedIn: https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow */
import type { Refusal } from "../define.ts"
import { defineConnector } from "../define.ts"
import type { TokenSample } from "../sample.ts"

const refused = (
  name: string,
  phase: TokenSample["phase"],
  given: readonly [status: number, error: string, description: string],
  refusal: Refusal,
): TokenSample => ({
  name,
  phase,
  given: { status: given[0], body: { error: given[1], error_description: given[2] } },
  means: { refusal, providerError: given[1] },
})

export const linkedin = defineConnector({
  type: "linkedin",
  displayName: "LinkedIn",
  category: "social",
  description: "Profile, posts, organisation pages and ads.",
  authorize: {
    url: "https://www.linkedin.com/oauth/v2/authorization",
    // Code and verifier do not match at the exchange, unless LinkedIn has opened its native flow to the app.
    pkce: "rejected",
    // None is always right: which scopes an app may ask for depends on its products, and some stand alone.
    defaultScopes: ["openid", "profile", "email"],
  },
  token: {
    url: "https://www.linkedin.com/oauth/v2/accessToken",
    clientAuth: "post",
    // Documented with spaces, seen with commas.
    answerScopeSeparators: [",", " "],
    errorDescriptionPaths: ["error_description", "message"],
    // The codes are the same for the client's mistakes and for dead grants; the description tells them apart.
    refusals: [
      { error: "invalid_client", means: "invalid_client" },
      { error: "invalid_client_id", means: "invalid_client" },
      { descriptionIncludes: "client authentication failed", means: "invalid_client" },
      { descriptionIncludes: "client_secret", means: "invalid_client" },
      { descriptionIncludes: "client_id", means: "invalid_client" },
      { descriptionIncludes: "authorization code not found", means: "invalid_grant" },
      { descriptionIncludes: "authorization code expired", means: "invalid_grant" },
      { descriptionIncludes: "refresh token is invalid", means: "invalid_grant" },
      { descriptionIncludes: "expired or revoked", means: "invalid_grant" },
      { error: "invalid_redirect_uri", means: "invalid_request" },
    ],
    lifetimeS: 5_184_000,
  },
  // For approved partners only. The refresh token lasts a year from the consent, and refreshing does not prolong it.
  refresh: { rotates: false, reuseGraceS: null, optional: true },
  revocation: {
    url: "https://www.linkedin.com/oauth/v2/revoke",
    tokens: ["access_token"],
    auth: "post",
    ends: "token",
    alreadyDead: [
      { status: 400, error: "invalid_token" },
      { status: 401, error: "invalid_token" },
      { status: 400, error: "invalid_grant" },
    ],
  },
  identity: {
    request: {
      method: "GET",
      url: "https://api.linkedin.com/v2/userinfo",
      headers: {},
      id: ["{sub}"],
      label: ["{email}", "{name}"],
    },
  },
  api: {
    baseUrls: ["https://api.linkedin.com/v2", "https://api.linkedin.com/rest"],
    headers: { "X-Restli-Protocol-Version": "2.0.0" },
  },
  scopes: [
    { scope: "openid", meaning: "Know which LinkedIn account you connected" },
    { scope: "profile", meaning: "See your name and picture" },
    { scope: "email", meaning: "See your email address" },
    { scope: "w_member_social", meaning: "Post, comment and react in your name" },
    { scope: "r_basicprofile", meaning: "See your basic profile" },
    { scope: "r_organization_social", meaning: "See the posts of your pages and their reactions" },
    { scope: "w_organization_social", meaning: "Post, comment and react as your pages" },
    { scope: "r_organization_admin", meaning: "See your pages, who manages them and their statistics" },
    { scope: "rw_organization_admin", meaning: "Manage your pages and see their statistics" },
    { scope: "r_ads", meaning: "See your advertising accounts" },
    { scope: "rw_ads", meaning: "Manage your advertising accounts" },
    { scope: "r_ads_reporting", meaning: "See how your ads perform" },
  ],
  setup: {
    registerUrl: "https://www.linkedin.com/developers/apps",
    documentationUrl: "https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow",
    pitfalls: [
      "Scopes come from the products that the app has been given; asking for another fails before the consent page.",
      "openid, profile and email need the product Sign In with LinkedIn; without openid a connection has no account name.",
      "Most apps get no refresh token: people connect again every 60 days.",
      "Partners' refresh tokens end a year after the consent, however often they are used.",
      "A consent to another set of scopes ends every earlier token of that person at this app.",
      "The API below /rest wants the header LinkedIn-Version with a month, such as 202611.",
    ],
  },
  samples: [
    {
      name: "most apps get no refresh token, and scopes with commas",
      phase: "exchange",
      given: {
        status: 200,
        body: { access_token: "AQXfake1", expires_in: 5_184_000, scope: "email,openid,profile" },
      },
      means: { accessToken: "AQXfake1", expiresInS: 5_184_000, scopes: ["email", "openid", "profile"] },
    },
    {
      name: "a partner gets a refresh token, and scopes with spaces",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          access_token: "AQXfake2",
          expires_in: 5_184_000,
          refresh_token: "AQVfake2",
          refresh_token_expires_in: 31_536_000,
          scope: "r_ads rw_ads",
          token_type: "Bearer",
        },
      },
      means: {
        accessToken: "AQXfake2",
        refreshToken: "AQVfake2",
        expiresInS: 5_184_000,
        scopes: ["r_ads", "rw_ads"],
      },
    },
    {
      name: "a refresh repeats the refresh token, whose own time runs on",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          access_token: "AQXfake3",
          expires_in: 5_184_000,
          refresh_token: "AQVfake2",
          refresh_token_expires_in: 26_438_400,
          scope: "r_ads,rw_ads",
        },
      },
      means: {
        accessToken: "AQXfake3",
        refreshToken: "AQVfake2",
        expiresInS: 5_184_000,
        scopes: ["r_ads", "rw_ads"],
      },
    },
    refused(
      "a used code is a dead grant, told as a bad request at 401",
      "exchange",
      [401, "invalid_request", "Unable to retrieve access token: authorization code not found"],
      "invalid_grant",
    ),
    refused(
      "an old code is a dead grant, told as a bad redirect URI",
      "exchange",
      [
        400,
        "invalid_redirect_uri",
        "Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code. Or authorization code expired. Or external member binding exists",
      ],
      "invalid_grant",
    ),
    refused(
      "a dead refresh token is a dead grant, told as a bad request",
      "refresh",
      [
        400,
        "invalid_request",
        "The provided authorization grant or refresh token is invalid, expired or revoked.",
      ],
      "invalid_grant",
    ),
    refused(
      "a dead refresh token may be told by the standard's code",
      "refresh",
      [400, "invalid_grant", "<not published>"],
      "invalid_grant",
    ),
    refused(
      "a wrong secret is the client's fault",
      "refresh",
      [401, "invalid_client", "Client authentication failed"],
      "invalid_client",
    ),
    refused(
      "a wrong client told as a bad request is not a dead grant",
      "refresh",
      [400, "invalid_request", 'A required parameter "client_id" is missing'],
      "invalid_client",
    ),
    {
      name: "too many calls pass",
      phase: "refresh",
      given: { status: 429, body: { message: "<not published>", status: 429 } },
      means: { refusal: "rate_limited" },
    },
  ],
})
