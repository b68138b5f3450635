/** Box: https://developer.box.com/guides/authentication/oauth2/ */
import { defineConnector } from "../define.ts"

const answered = { restricted_to: [], token_type: "bearer" }

export const box = defineConnector({
  type: "box",
  displayName: "Box",
  category: "files",
  description: "Files and folders of a company's Box.",
  authorize: {
    url: "https://account.box.com/api/oauth2/authorize",
    pkce: "ignored",
    // The app's own settings are the limit; asking for scopes only narrows them.
    defaultScopes: ["root_readonly"],
  },
  token: {
    url: "https://api.box.com/oauth2/token",
    clientAuth: "post",
    refusals: [
      // Another refresh of the same token was under way; the body is empty.
      { status: 409, means: "temporarily_unavailable" },
    ],
    // About an hour: each answer names a number of its own, between 3,600 and 4,300.
    lifetimeS: 3600,
  },
  // A used refresh token goes on giving the pair that it gave, until that pair is used: for how long depends on us.
  refresh: { rotates: true, reuseGraceS: null, idleLifetimeS: 60 * 86_400 },
  revocation: {
    url: "https://api.box.com/oauth2/revoke",
    // Either one ends the pair.
    tokens: ["refresh_token", "access_token"],
    auth: "post",
    ends: "token",
    alreadyDead: [
      { status: 400, error: "invalid_token" },
      { status: 400, error: "invalid_grant" },
    ],
  },
  identity: {
    request: {
      method: "GET",
      url: "https://api.box.com/2.0/users/me",
      headers: {},
      id: ["{id}"],
      label: ["{login}", "{name}"],
    },
  },
  api: { baseUrls: ["https://api.box.com/2.0", "https://upload.box.com/api/2.0"] },
  scopes: [
    { scope: "root_readonly", meaning: "Read all your files and folders" },
    { scope: "root_readwrite", meaning: "Read, change, share and delete all your files and folders" },
    { scope: "manage_managed_users", meaning: "Manage the users of your company" },
    { scope: "manage_app_users", meaning: "Manage the users that the app made" },
    { scope: "manage_groups", meaning: "Manage the groups of your company" },
    { scope: "manage_webhook", meaning: "See, create and delete webhooks" },
    {
      scope: "manage_enterprise_properties",
      meaning: "See and change company settings, events and metadata",
    },
    { scope: "manage_data_retention", meaning: "Manage how long your company keeps files" },
    { scope: "sign_requests.readwrite", meaning: "See and send requests for signatures" },
    { scope: "item_download", meaning: "Download files with a narrowed token" },
    { scope: "base_explorer", meaning: "Browse folders with a narrowed token" },
  ],
  scopeImplies: { root_readwrite: ["root_readonly"] },
  setup: {
    registerUrl: "https://app.box.com/developers/console",
    documentationUrl: "https://developer.box.com/guides/authentication/oauth2/oauth2-setup/",
    pitfalls: [
      "Make a custom app with user authentication (OAuth 2.0): apps with JWT or client credentials give no refresh tokens.",
      "Tick the scopes in the app's configuration: what a connector asks for can only narrow them.",
      "A company may demand that an administrator authorizes the app before anybody can connect.",
      "A code lives half a minute, so a consent page that stays open at the end fails.",
      "A refresh token that nobody uses for 60 days is gone.",
    ],
  },
  samples: [
    {
      name: "an exchange names a lifetime of its own and no scopes",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "fakeA1", expires_in: 4203, refresh_token: "fakeR1" },
      },
      means: { accessToken: "fakeA1", refreshToken: "fakeR1", expiresInS: 4203 },
    },
    {
      name: "a refresh rotates, with another lifetime",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "fakeA2", expires_in: 3894, refresh_token: "fakeR2" },
      },
      means: { accessToken: "fakeA2", refreshToken: "fakeR2", expiresInS: 3894 },
    },
    {
      name: "an expired refresh token is a dead grant",
      phase: "refresh",
      given: {
        status: 400,
        body: { error: "invalid_grant", error_description: "Refresh token has expired" },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "an unknown refresh token is a dead grant",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant", error_description: "Invalid refresh token" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "an old code is a dead grant",
      phase: "exchange",
      given: { status: 400, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a refresh that collides with another is no death",
      phase: "refresh",
      given: { status: 409, body: "" },
      means: { refusal: "temporarily_unavailable" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_client", error_description: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "an app that was switched off is the client's fault",
      phase: "refresh",
      given: { status: 400, body: { error: "unauthorized_client", error_description: "<not published>" } },
      means: { refusal: "unauthorized_client", providerError: "unauthorized_client" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: { status: 429, headers: { "retry-after": "10" }, body: "" },
      means: { refusal: "rate_limited" },
    },
  ],
})
