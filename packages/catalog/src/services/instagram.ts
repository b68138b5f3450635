/** Instagram, for professional accounts: https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login */
import { defineConnector } from "../define.ts"
import type { Dialect, DialectContext, WireAnswer, WireRequest } from "../dialect.ts"
import { firstTextAt, isJsonObject } from "../json.ts"

const shortLived = ["access_token", "data.0.access_token"]

function get(url: string, params: Readonly<Record<string, string>>): WireRequest {
  return { method: "GET", url: `${url}?${new URLSearchParams(params).toString()}`, headers: {}, body: null }
}

const dialect: Dialect = {
  // An access token refreshes itself; no client is named: https://developers.facebook.com/docs/instagram-platform/reference/refresh_access_token
  tokenRequest: (request, { phase }) => {
    if (phase === "exchange" || request.body?.kind !== "form") return request
    const token = request.body.fields["refresh_token"] ?? ""
    return get(request.url, { grant_type: "ig_refresh_token", access_token: token })
  },
  // From an hour to sixty days: https://developers.facebook.com/docs/instagram-platform/reference/access_token
  secondExchange: (answer: WireAnswer, { clientSecret }: DialectContext) => {
    const token = firstTextAt(answer.body, shortLived)
    if (token === undefined) return null
    return get("https://graph.instagram.com/access_token", {
      grant_type: "ig_exchange_token",
      client_secret: clientSecret,
      access_token: token,
    })
  },
  // What refreshes is the access token, so it is kept as the refresh token too.
  tokenAnswer: (answer) => {
    const token = isJsonObject(answer.body) ? answer.body["access_token"] : undefined
    if (token === undefined || !isJsonObject(answer.body)) return answer
    return { ...answer, body: { ...answer.body, refresh_token: token } }
  },
}

export const instagram = defineConnector({
  type: "instagram",
  displayName: "Instagram Business",
  category: "social",
  description: "Posts, comments, messages and insights of a professional account.",
  authorize: {
    url: "https://www.instagram.com/oauth/authorize",
    scopeSeparator: ",",
    pkce: "ignored",
    // All others rest on it, refreshing included.
    alwaysScopes: ["instagram_business_basic"],
    defaultScopes: ["instagram_business_basic"],
  },
  token: {
    url: "https://api.instagram.com/oauth/access_token",
    clientAuth: "post",
    // Wrapped in data[0] by the documentation, flat in the wild. The long-lived token comes flat and wins.
    answer: { accessToken: shortLived, scope: ["permissions", "data.0.permissions"] },
    answerScopeSeparators: [",", " "],
    // api.instagram.com and graph.instagram.com each have a shape of their own.
    errorPaths: ["error.code", "error_type", "error.type"],
    errorDescriptionPaths: ["error.message", "error_message"],
    refusals: [
      { descriptionIncludes: "client secret", means: "invalid_client" },
      { descriptionIncludes: "client_secret", means: "invalid_client" },
      { descriptionIncludes: "client_id", means: "invalid_client" },
      { descriptionIncludes: "platform app", means: "invalid_client" },
      { error: "101", means: "invalid_client" },
      { descriptionIncludes: "redirect_uri", means: "invalid_request" },
      { descriptionIncludes: "matching code was not found", means: "invalid_grant" },
      { descriptionIncludes: "authorization code", means: "invalid_grant" },
      // Expired, revoked, or the person changed the password.
      { error: "190", means: "invalid_grant" },
      { error: "102", means: "invalid_grant" },
      // Limits of the app, the person, the page and the rate; trouble of Meta's own.
      { error: "4", means: "rate_limited" },
      { error: "17", means: "rate_limited" },
      { error: "32", means: "rate_limited" },
      { error: "613", means: "rate_limited" },
      { error: "1", means: "temporarily_unavailable" },
      { error: "2", means: "temporarily_unavailable" },
    ],
    lifetimeS: 5_184_000,
  },
  refresh: {
    url: "https://graph.instagram.com/refresh_access_token",
    // Each refresh brings a new token; the one before lives on to its own end.
    rotates: false,
    reuseGraceS: null,
    // A token must be a day old and still alive; ten days leave fifty for whatever keeps a refresh from succeeding.
    dueAfterS: 864_000,
    requiresLiveToken: true,
  },
  revocation: null,
  identity: {
    request: {
      method: "GET",
      url: "https://graph.instagram.com/me?fields=user_id,username,account_type",
      headers: {},
      id: ["{user_id}", "{id}"],
      label: ["{username}"],
    },
  },
  config: {
    // The token answer has an id as well, as a number too long for JSON; this one is text.
    fromIdentity: [
      { name: "ig_user_id", path: "user_id" },
      { name: "username", path: "username" },
    ],
  },
  api: { baseUrls: ["https://graph.instagram.com"] },
  scopes: [
    { scope: "instagram_business_basic", meaning: "See your profile and your posts" },
    { scope: "instagram_business_content_publish", meaning: "Publish posts to your profile" },
    { scope: "instagram_business_manage_comments", meaning: "Read, answer, hide and delete comments" },
    { scope: "instagram_business_manage_messages", meaning: "Read and answer your direct messages" },
    { scope: "instagram_business_manage_insights", meaning: "See the statistics of your profile and posts" },
  ],
  setup: {
    registerUrl: "https://developers.facebook.com/apps",
    documentationUrl:
      "https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login",
    pitfalls: [
      "Use the Instagram app id and secret from the product's own page, not the id and secret of the Meta app around it.",
      "Only professional accounts (business or creator) can connect.",
      "Scopes of the old Basic Display API (user_profile, user_media) and the old business_ names are gone.",
      "A token lives sixty days and renews itself while it is alive; once it has expired the person must connect again.",
      "There is no way to revoke a token: people remove the app in Instagram's settings.",
      "Until the app has passed Meta's review only people with a role in the app can connect.",
    ],
  },
  dialect,
  samples: [
    {
      name: "the long-lived token, laid over a wrapped first answer, refreshes itself and keeps the permissions",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          data: [
            {
              access_token: "IGAAfakeShort",
              user_id: "17841400000000001",
              permissions: "instagram_business_basic,instagram_business_manage_messages",
            },
          ],
          access_token: "IGAAfakeLong",
          token_type: "bearer",
          expires_in: 5_183_944,
        },
      },
      means: {
        accessToken: "IGAAfakeLong",
        refreshToken: "IGAAfakeLong",
        expiresInS: 5_183_944,
        scopes: ["instagram_business_basic", "instagram_business_manage_messages"],
      },
    },
    {
      name: "the first answer is read wrapped",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          data: [{ access_token: "IGAAfakeShort", user_id: "1", permissions: "instagram_business_basic" }],
        },
      },
      means: { accessToken: "IGAAfakeShort", scopes: ["instagram_business_basic"] },
    },
    {
      name: "the first answer is read flat, with an array of permissions",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          access_token: "IGAAfakeShort",
          user_id: 1,
          permissions: ["instagram_business_basic", "instagram_business_manage_insights"],
        },
      },
      means: {
        accessToken: "IGAAfakeShort",
        refreshToken: "IGAAfakeShort",
        scopes: ["instagram_business_basic", "instagram_business_manage_insights"],
      },
    },
    {
      name: "a refresh brings the token that refreshes next",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          access_token: "IGAAfakeLong2",
          token_type: "bearer",
          expires_in: 5_183_944,
          permissions: "instagram_business_basic",
        },
      },
      means: {
        accessToken: "IGAAfakeLong2",
        refreshToken: "IGAAfakeLong2",
        expiresInS: 5_183_944,
        scopes: ["instagram_business_basic"],
      },
    },
    {
      name: "a used code is a dead grant",
      phase: "exchange",
      given: {
        status: 400,
        body: {
          error_type: "OAuthException",
          code: 400,
          error_message: "Matching code was not found or was already used",
        },
      },
      means: { refusal: "invalid_grant", providerError: "OAuthException" },
    },
    {
      name: "an expired token is a dead grant",
      phase: "refresh",
      given: {
        status: 400,
        body: {
          error: {
            message:
              "Error validating access token: Session has expired on Thursday, 01-Jan-26 00:00:00 PST.",
            type: "OAuthException",
            code: 190,
            fbtrace_id: "AFakeTraceId",
          },
        },
      },
      means: { refusal: "invalid_grant", providerError: "190" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "exchange",
      given: {
        status: 400,
        body: { error_type: "OAuthException", code: 400, error_message: "Error validating client secret." },
      },
      means: { refusal: "invalid_client", providerError: "OAuthException" },
    },
    {
      name: "a wrong app id is the client's fault",
      phase: "exchange",
      given: {
        status: 400,
        body: { error_type: "OAuthException", code: 400, error_message: "Invalid platform app" },
      },
      means: { refusal: "invalid_client", providerError: "OAuthException" },
    },
    {
      name: "a token that may not be refreshed yet says nothing of the grant",
      phase: "refresh",
      given: {
        status: 400,
        body: { error: { message: "<not published>", type: "IGApiException", code: 100 } },
      },
      means: { refusal: null, providerError: "100" },
    },
    {
      name: "too many calls pass, told at 403",
      phase: "refresh",
      given: {
        status: 403,
        body: { error: { message: "<not published>", type: "OAuthException", code: 4 } },
      },
      means: { refusal: "rate_limited", providerError: "4" },
    },
  ],
})
