/** Dropbox: https://developers.dropbox.com/oauth-guide */
import { defineConnector } from "../define.ts"

export const dropbox = defineConnector({
  type: "dropbox",
  displayName: "Dropbox",
  category: "files",
  description: "Files and folders in a person's Dropbox.",
  authorize: {
    url: "https://www.dropbox.com/oauth2/authorize",
    // The one way to a refresh token.
    extraParams: { token_access_type: "offline" },
    pkce: "supported",
    // Names the account.
    alwaysScopes: ["account_info.read"],
    defaultScopes: ["account_info.read"],
  },
  token: {
    url: "https://api.dropboxapi.com/oauth2/token",
    clientAuth: "post",
    // The API's own errors are objects with a tag, or a summary.
    errorPaths: ["error", "error.\\.tag", "error.reason.\\.tag"],
    errorDescriptionPaths: ["error_description", "error_summary"],
    refusals: [{ error: "too_many_requests", means: "rate_limited" }],
    lifetimeS: 14_400,
  },
  refresh: { rotates: false, reuseGraceS: null },
  revocation: {
    url: "https://api.dropboxapi.com/2/auth/token/revoke",
    body: "none",
    tokenField: null,
    // An API call with a living access token; it ends the refresh token behind it too.
    tokens: ["access_token"],
    requiresLiveToken: true,
    auth: "bearer",
    ends: "token",
    alreadyDead: [{ status: 401, error: "invalid_access_token" }],
  },
  identity: {
    request: {
      // Without a body and without a content type; an empty JSON body is an error.
      method: "POST",
      url: "https://api.dropboxapi.com/2/users/get_current_account",
      headers: {},
      id: ["{account_id}"],
      label: ["{email}", "{name.display_name}"],
    },
  },
  config: {
    fromToken: [
      { name: "account_id", path: "account_id" },
      { name: "team_id", path: "team_id" },
    ],
  },
  api: {
    baseUrls: [
      "https://api.dropboxapi.com/2",
      "https://content.dropboxapi.com/2",
      "https://notify.dropboxapi.com/2",
    ],
  },
  scopes: [
    { scope: "account_info.read", meaning: "See your name, email address and how much space you use" },
    { scope: "account_info.write", meaning: "Change your profile photo and account settings" },
    { scope: "files.metadata.read", meaning: "See the names and details of your files and folders" },
    { scope: "files.metadata.write", meaning: "Change the tags and properties of your files" },
    { scope: "files.content.read", meaning: "Read and download your files" },
    { scope: "files.content.write", meaning: "Upload, change, move and delete your files" },
    { scope: "sharing.read", meaning: "See shared links and who your folders are shared with" },
    { scope: "sharing.write", meaning: "Share your files and folders and change who they are shared with" },
    { scope: "file_requests.read", meaning: "See your file requests" },
    { scope: "file_requests.write", meaning: "Create and change file requests" },
    { scope: "contacts.read", meaning: "See the contacts that you added by hand" },
    { scope: "contacts.write", meaning: "Add, change and remove those contacts" },
  ],
  setup: {
    registerUrl: "https://www.dropbox.com/developers/apps",
    documentationUrl: "https://developers.dropbox.com/oauth-guide",
    pitfalls: [
      "Tick every scope under Permissions before anybody connects: changing them later takes a new consent.",
      "An app in development takes a limited number of users until Dropbox approves it for production.",
      "Access tokens are longer than 1,000 characters.",
      "Apps linked to a team have to name a member in the header Dropbox-API-Select-User.",
    ],
  },
  samples: [
    {
      name: "the exchange names the account and brings a refresh token",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          access_token: "sl.u.fake-access-1",
          token_type: "bearer",
          expires_in: 14_400,
          refresh_token: "fake-refresh-1",
          scope: "account_info.read files.content.read files.metadata.read",
          uid: "12345",
          account_id: "dbid:AAHfake0000000000000000000000000000",
        },
      },
      means: {
        accessToken: "sl.u.fake-access-1",
        refreshToken: "fake-refresh-1",
        expiresInS: 14_400,
        scopes: ["account_info.read", "files.content.read", "files.metadata.read"],
        config: { account_id: "dbid:AAHfake0000000000000000000000000000" },
      },
    },
    {
      name: "an app linked to a team learns the team",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          access_token: "sl.u.fake-access-2",
          token_type: "bearer",
          expires_in: 14_400,
          refresh_token: "fake-refresh-2",
          scope: "team_info.read",
          uid: "",
          team_id: "dbtid:AAFfake",
        },
      },
      means: {
        accessToken: "sl.u.fake-access-2",
        refreshToken: "fake-refresh-2",
        expiresInS: 14_400,
        scopes: ["team_info.read"],
        config: { team_id: "dbtid:AAFfake" },
      },
    },
    {
      name: "a refresh brings neither refresh token nor scopes",
      phase: "refresh",
      given: {
        status: 200,
        body: { access_token: "sl.u.fake-access-3", token_type: "bearer", expires_in: 14_400 },
      },
      means: { accessToken: "sl.u.fake-access-3", expiresInS: 14_400 },
    },
    {
      name: "a revoked refresh token is a dead grant",
      phase: "refresh",
      given: {
        status: 400,
        body: { error: "invalid_grant", error_description: "refresh token is invalid or revoked" },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "an old code is a dead grant",
      phase: "exchange",
      given: {
        status: 400,
        body: { error: "invalid_grant", error_description: "code has expired (within the last hour)" },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_client", error_description: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "too many calls pass, told in the API's own shape",
      phase: "refresh",
      given: {
        status: 429,
        headers: { "retry-after": "15" },
        body: {
          error_summary: "too_many_requests/..",
          error: { reason: { ".tag": "too_many_requests" }, retry_after: 15 },
        },
      },
      means: { refusal: "rate_limited", providerError: "too_many_requests" },
    },
    {
      name: "an outage passes, whatever the body says",
      phase: "refresh",
      given: { status: 503, body: { error: "invalid_grant" } },
      means: { refusal: "temporarily_unavailable", providerError: "invalid_grant" },
    },
  ],
})
