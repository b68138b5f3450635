/** Linear: https://linear.app/developers/oauth-2-0-authentication */
import { defineConnector } from "../define.ts"

const answered = { token_type: "Bearer", expires_in: 86_399 }

export const linear = defineConnector({
  type: "linear",
  displayName: "Linear",
  category: "projects",
  description: "Issues, projects and cycles of a software team.",
  authorize: {
    url: "https://linear.app/oauth/authorize",
    scopeSeparator: ",",
    // Lets people who belong to several workspaces choose one, also when they have consented before.
    extraParams: { prompt: "consent" },
    pkce: "supported",
    alwaysScopes: ["read"],
    defaultScopes: ["read"],
  },
  token: {
    url: "https://api.linear.app/oauth/token",
    clientAuth: "post",
    // Asked for with commas, answered with spaces; apps made before December 2023 get an array.
    answerScopeSeparators: [" ", ","],
    errorPaths: ["error", "errors.0.extensions.code"],
    errorDescriptionPaths: ["error_description", "errors.0.message"],
    refusals: [
      // Linear tells it at status 400: https://linear.app/developers/rate-limiting
      { error: "RATELIMITED", means: "rate_limited" },
    ],
    lifetimeS: 86_399,
  },
  // A refresh that is sent again within half an hour gets the same new refresh token again.
  refresh: { rotates: true, reuseGraceS: 1800 },
  revocation: {
    url: "https://api.linear.app/oauth/revoke",
    tokens: ["refresh_token", "access_token"],
    auth: "none",
    ends: "token",
    alreadyDead: [{ status: 400 }],
  },
  identity: {
    request: {
      method: "POST",
      url: "https://api.linear.app/graphql",
      headers: {},
      body: { query: "{ viewer { id name email } organization { id name urlKey } }" },
      id: ["{data.organization.id}:{data.viewer.id}"],
      label: [
        "{data.viewer.email} ({data.organization.name})",
        "{data.viewer.email}",
        "{data.organization.name}",
      ],
    },
  },
  config: {
    fromIdentity: [
      { name: "organization_id", path: "data.organization.id" },
      { name: "organization_url_key", path: "data.organization.urlKey" },
    ],
  },
  api: { baseUrls: ["https://api.linear.app/graphql"] },
  scopes: [
    { scope: "read", meaning: "See everything that you can see in Linear" },
    { scope: "write", meaning: "Change everything that you can change in Linear" },
    { scope: "issues:create", meaning: "Create issues and their attachments" },
    { scope: "comments:create", meaning: "Write comments on issues" },
    { scope: "timeSchedule:write", meaning: "Create and change time schedules" },
    { scope: "initiative:read", meaning: "See initiatives" },
    { scope: "initiative:write", meaning: "Create and change initiatives" },
    { scope: "customer:read", meaning: "See customers and their requests" },
    { scope: "customer:write", meaning: "Create and change customers and their requests" },
    { scope: "app:assignable", meaning: "Let people delegate issues to the app" },
    { scope: "app:mentionable", meaning: "Let people mention the app" },
    { scope: "admin", meaning: "Manage your workspace" },
  ],
  setup: {
    registerUrl: "https://linear.app/settings/api/applications/new",
    documentationUrl: "https://linear.app/developers/oauth-2-0-authentication",
    pitfalls: [
      "One connection is one workspace: a person of several workspaces chooses one while consenting.",
      "The API speaks GraphQL only, and tells failures in an errors array, at status 200 or 400.",
      "Too many calls are answered with status 400 and the code RATELIMITED.",
      "Apps that were made before December 2023 still get scopes in the old form; both are read.",
    ],
  },
  samples: [
    {
      name: "scopes come back with spaces",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "lin_oauth_fake1",
          refresh_token: "lin_refresh_fake1",
          scope: "read write",
        },
      },
      means: {
        accessToken: "lin_oauth_fake1",
        refreshToken: "lin_refresh_fake1",
        expiresInS: 86_399,
        scopes: ["read", "write"],
      },
    },
    {
      name: "an old app's scopes come back as an array",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "lin_oauth_fake2",
          refresh_token: "lin_refresh_fake2",
          scope: ["read", "issues:create"],
        },
      },
      means: {
        accessToken: "lin_oauth_fake2",
        refreshToken: "lin_refresh_fake2",
        expiresInS: 86_399,
        scopes: ["read", "issues:create"],
      },
    },
    {
      name: "a refresh brings a new refresh token",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "lin_oauth_fake3",
          refresh_token: "lin_refresh_fake3",
          scope: "read",
        },
      },
      means: {
        accessToken: "lin_oauth_fake3",
        refreshToken: "lin_refresh_fake3",
        expiresInS: 86_399,
        scopes: ["read"],
      },
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
      name: "a word that no standard knows says nothing of the grant",
      phase: "refresh",
      given: { status: 400, body: { error: "Error", error_description: "<not published>" } },
      means: { refusal: null, providerError: "Error" },
    },
    {
      name: "too many calls pass, told at 400 in the words of GraphQL",
      phase: "refresh",
      given: {
        status: 400,
        body: { errors: [{ message: "<not published>", extensions: { code: "RATELIMITED" } }] },
      },
      means: { refusal: "rate_limited", providerError: "RATELIMITED" },
    },
  ],
})
