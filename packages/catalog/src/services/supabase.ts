/** Supabase's Management API: https://supabase.com/docs/guides/integrations/build-a-supabase-oauth-integration */
import { defineConnector } from "../define.ts"

const answered = { expires_in: 86_400, token_type: "Bearer" }

const refused = (message: string) => ({ status: 400, body: { message } })

export const supabase = defineConnector({
  type: "supabase",
  displayName: "Supabase",
  category: "development",
  description: "Projects and databases of an organisation, through the Management API.",
  authorize: {
    url: "https://api.supabase.com/v1/oauth/authorize",
    // Deprecated: scopes are set on the app.
    scopeParam: null,
    pkce: "supported",
  },
  token: {
    url: "https://api.supabase.com/v1/oauth/token",
    clientAuth: "basic",
    headers: { Accept: "application/json" },
    errorPaths: ["error", "error_code"],
    errorDescriptionPaths: ["error_description", "message"],
    // Errors may be a sentence and nothing else, and the sentences are not published: only those that clearly speak of
    // the token, the code or the client are taken for more than trouble.
    refusals: [
      { error: "invalid_grant", means: "invalid_grant" },
      { error: "invalid_client", means: "invalid_client" },
      { descriptionIncludes: "refresh token", means: "invalid_grant" },
      { descriptionIncludes: "authorization code", means: "invalid_grant" },
      { descriptionIncludes: "client", means: "invalid_client" },
      // The client's are the only credentials that a token request presents.
      { status: 401, means: "invalid_client" },
    ],
    lifetimeS: 86_400,
  },
  refresh: { rotates: true, reuseGraceS: null },
  revocation: {
    // JSON and the secret in the body, unlike the token endpoint.
    url: "https://api.supabase.com/v1/oauth/revoke",
    body: "json",
    tokenField: "refresh_token",
    tokens: ["refresh_token"],
    auth: "post",
    // The app's authorization, with all that hangs on it.
    ends: "grant",
    alreadyDead: [{ status: 404 }],
  },
  identity: {
    request: {
      method: "GET",
      url: "https://api.supabase.com/v1/organizations",
      headers: {},
      // A bare list, of the one organisation that was picked.
      id: ["{0.id}"],
      label: ["{0.name}"],
    },
  },
  config: {
    fromIdentity: [
      { name: "organization_id", path: "0.id" },
      { name: "organization_slug", path: "0.id" },
      { name: "organization_slug", path: "0.slug" },
    ],
  },
  api: { baseUrls: ["https://api.supabase.com/v1"] },
  scopes: [],
  setup: {
    registerUrl: "https://supabase.com/dashboard/org/_/apps",
    documentationUrl: "https://supabase.com/docs/guides/integrations/build-a-supabase-oauth-integration",
    pitfalls: [
      "What the app may do is ticked on the app in the dashboard: a consent asks for all of it.",
      "Tick reading organisations, which is how Grantry names the account and fills organization_slug.",
      "People consent for one organisation; another one needs a connection of its own.",
      "The token is for the Management API; the data of a project has keys of its own, which that API tells.",
      "Redirect URI and state may be 4,000 characters long together.",
      "When somebody removes the app from the organisation, access tokens die at once too.",
      "About a hundred calls a minute; after a 429 wait.",
    ],
  },
  samples: [
    {
      name: "an exchange succeeds with status 201 and names no scopes",
      phase: "exchange",
      given: {
        status: 201,
        body: { ...answered, access_token: "sbp_oauth_fake1", refresh_token: "fake-refresh-1" },
      },
      means: { accessToken: "sbp_oauth_fake1", refreshToken: "fake-refresh-1", expiresInS: 86_400 },
    },
    {
      name: "an exchange with status 200 and an hour's token is read as well",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          expires_in: 3600,
          access_token: "sbp_oauth_fake2",
          refresh_token: "fake-refresh-2",
        },
      },
      means: { accessToken: "sbp_oauth_fake2", refreshToken: "fake-refresh-2", expiresInS: 3600 },
    },
    {
      name: "a refresh rotates",
      phase: "refresh",
      given: {
        status: 201,
        body: { ...answered, access_token: "sbp_oauth_fake3", refresh_token: "fake-refresh-3" },
      },
      means: { accessToken: "sbp_oauth_fake3", refreshToken: "fake-refresh-3", expiresInS: 86_400 },
    },
    {
      name: "a dead refresh token is told by a sentence alone",
      phase: "refresh",
      given: refused("Invalid refresh token"),
      means: { refusal: "invalid_grant" },
    },
    {
      name: "a dead refresh token in OAuth's words is one too",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a dead refresh token is not the client's fault at 401 either",
      phase: "refresh",
      given: { status: 401, body: { message: "Invalid refresh token" } },
      means: { refusal: "invalid_grant" },
    },
    {
      name: "a dead code is told by a sentence alone",
      phase: "exchange",
      given: refused("Invalid authorization code"),
      means: { refusal: "invalid_grant" },
    },
    {
      name: "another sentence says nothing of the grant",
      phase: "refresh",
      given: refused("<not published>"),
      means: { refusal: null },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 401, body: { message: "<not published>" } },
      means: { refusal: "invalid_client" },
    },
    {
      name: "a sentence on the client is the client's fault under another status too",
      phase: "refresh",
      given: refused("Invalid client credentials"),
      means: { refusal: "invalid_client" },
    },
    {
      name: "too many calls pass, whatever the sentence",
      phase: "refresh",
      given: { status: 429, body: { message: "Invalid refresh token" } },
      means: { refusal: "rate_limited" },
    },
  ],
})
