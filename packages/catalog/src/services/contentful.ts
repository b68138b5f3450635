/** Contentful: https://www.contentful.com/developers/docs/extensibility/oauth/ */
import { defineConnector } from "../define.ts"
import type { Dialect } from "../dialect.ts"

const manage = "content_management_manage"
const read = "content_management_read"

/** Only one scope may be asked for, and the wider one holds the other. */
const dialect: Dialect = {
  authorizationParams: (params) =>
    params["scope"]?.split(" ").includes(manage) === true ? { ...params, scope: manage } : params,
}

const answered = { token_type: "Bearer", created_at: 1_767_225_600 }

export const contentful = defineConnector({
  type: "contentful",
  displayName: "Contentful",
  category: "websites",
  description: "Headless content management: spaces, entries and assets.",
  authorize: {
    url: "https://be.{domain}/oauth/authorize",
    // Not documented for the code grant, so it is not sent.
    pkce: "ignored",
    defaultScopes: [read],
  },
  token: {
    url: "https://be.{domain}/oauth/token",
    clientAuth: "post",
    // The management API names its errors in `sys.id`.
    errorPaths: ["error", "sys.id"],
    errorDescriptionPaths: ["error_description", "message"],
    refusals: [{ error: "RateLimitExceeded", means: "rate_limited" }],
    // Chosen where the app is made; thirty days is one of the choices.
    lifetimeS: 2_592_000,
  },
  // Not documented: whether a refresh token comes, and whether it rotates, is seen when it happens.
  refresh: { rotates: "sometimes", reuseGraceS: null, optional: true },
  revocation: null,
  identity: {
    request: {
      method: "GET",
      url: "https://api.{domain}/users/me",
      headers: {},
      id: ["{sys.id}"],
      label: ["{email}"],
    },
  },
  config: {
    asked: [
      {
        name: "domain",
        displayName: "Data region",
        description:
          "Where the organisation keeps its data: contentful.com suits most, eu.contentful.com is for organisations with European data residency.",
        placeholder: "contentful.com",
        required: false,
        default: "contentful.com",
        pattern: "^(?:eu\\.)?contentful\\.com$",
        patternError: "Give contentful.com or eu.contentful.com.",
        hostSuffixes: ["contentful.com"],
      },
    ],
    fromApi: [
      {
        url: "https://api.{domain}/organizations",
        values: [{ name: "organizationId", path: "items.0.sys.id" }],
      },
    ],
  },
  api: {
    baseUrls: [
      "https://api.{domain}",
      "https://upload.{domain}",
      "https://cdn.{domain}",
      "https://preview.{domain}",
      "https://graphql.{domain}",
    ],
  },
  scopes: [
    { scope: read, meaning: "Read everything that you can see in Contentful" },
    { scope: manage, meaning: "Read and change everything that you can in Contentful" },
  ],
  scopeImplies: { [manage]: [read] },
  setup: {
    registerUrl: "https://app.contentful.com/account/profile/developers/applications",
    documentationUrl: "https://www.contentful.com/developers/docs/extensibility/oauth/",
    pitfalls: [
      "An app asks for one of the two scopes, never for both; where a connector names both, the wider one is asked for.",
      "How long a token lives is chosen where the app is made, and a refresh token may never come: people then connect again when it ends.",
      "The examples of the documentation put the token into the page's address; Grantry asks for a code instead.",
      "The token is for the management API; reading published content usually goes with a key per space.",
      "Writes want the content type application/vnd.contentful.management.v1+json.",
      "organizationId of connectionConfig is the first organisation of the person; spaces are chosen in each call.",
      "There is no way to revoke a token by a call: people remove the app in their account's settings.",
    ],
  },
  dialect,
  samples: [
    {
      name: "an exchange names lifetime and scope",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "CFPAT-fake-1",
          expires_in: 2_592_000,
          refresh_token: "fake-refresh-1",
          scope: manage,
        },
      },
      means: {
        accessToken: "CFPAT-fake-1",
        refreshToken: "fake-refresh-1",
        expiresInS: 2_592_000,
        scopes: [manage],
      },
    },
    {
      name: "an app without an expiration date gives a token that lasts, and nothing to refresh it with",
      phase: "exchange",
      given: { status: 200, body: { ...answered, access_token: "CFPAT-fake-2", scope: read } },
      means: { accessToken: "CFPAT-fake-2", scopes: [read] },
    },
    {
      name: "a refresh may rotate",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "CFPAT-fake-3",
          expires_in: 2_592_000,
          refresh_token: "fake-refresh-3",
          scope: read,
        },
      },
      means: {
        accessToken: "CFPAT-fake-3",
        refreshToken: "fake-refresh-3",
        expiresInS: 2_592_000,
        scopes: [read],
      },
    },
    {
      name: "a refresh may bring no refresh token",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "CFPAT-fake-4", expires_in: 2_592_000, scope: read },
      },
      means: { accessToken: "CFPAT-fake-4", expiresInS: 2_592_000, scopes: [read] },
    },
    {
      name: "a dead refresh token is a dead grant",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 401, body: { error: "invalid_client", error_description: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "an error in the shape of the management API is no verdict on the grant",
      phase: "refresh",
      given: {
        status: 401,
        body: { sys: { type: "Error", id: "AccessTokenInvalid" }, message: "<not published>" },
      },
      means: { refusal: null, providerError: "AccessTokenInvalid" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: {
        status: 429,
        headers: { "x-contentful-ratelimit-reset": "1" },
        body: { sys: { type: "Error", id: "RateLimitExceeded" }, message: "<not published>" },
      },
      means: { refusal: "rate_limited", providerError: "RateLimitExceeded" },
    },
  ],
})
