/** Snowflake, through a security integration for custom clients: https://docs.snowflake.com/en/user-guide/oauth-custom */
import { defineConnector } from "../define.ts"

// The API takes a token for a session unless it is told that it comes from OAuth.
const apiHeaders = { Accept: "application/json", "X-Snowflake-Authorization-Token-Type": "OAUTH" }

const answered = { token_type: "Bearer", expires_in: 600 }

const refused = (error: string, message: string) => ({
  data: null,
  message,
  code: null,
  success: false,
  error,
})

const account = { id: "USER1", label: "USER1" }

export const snowflake = defineConnector({
  type: "snowflake",
  displayName: "Snowflake",
  category: "data",
  description: "Data warehouse: run SQL in your Snowflake account.",
  authorize: {
    url: "https://{subdomain}.{domain}/oauth/authorize",
    pkce: "supported",
    // It brings the refresh token. Without a role among the scopes the session has the person's default role.
    alwaysScopes: ["refresh_token"],
  },
  token: {
    // /oauth/token is another endpoint, which takes JWTs.
    url: "https://{subdomain}.{domain}/oauth/token-request",
    // Ids and secrets are base64, and the / + = of it must stand as they are.
    clientAuth: "basic_raw",
    headers: { Accept: "application/json" },
    errorPaths: ["error", "code"],
    errorDescriptionPaths: ["message", "error_description"],
    lifetimeS: 600,
  },
  // The integration decides whether a refresh token is good for one use. The documentation calls redirect_uri required
  // in every token request; clients that leave it out of a refresh get their token all the same.
  refresh: { rotates: "sometimes", reuseGraceS: 0, sendRedirectUri: true },
  revocation: null,
  identity: {
    // The user name comes with the exchange alone, which is when an account gets its name.
    fromToken: {
      id: ["{config.subdomain}:{username}", "{username}"],
      label: ["{username} ({config.subdomain})", "{username}"],
    },
    request: {
      method: "POST",
      url: "https://{subdomain}.{domain}/api/v2/statements",
      headers: apiHeaders,
      body: { statement: "SELECT CURRENT_USER()" },
      id: ["{config.subdomain}:{data.0.0}", "{data.0.0}"],
      label: ["{data.0.0} ({config.subdomain})", "{data.0.0}"],
    },
  },
  config: {
    asked: [
      {
        name: "subdomain",
        displayName: "Account identifier",
        description:
          "The part of your account's address before .snowflakecomputing.com: organisation and account name, or an older locator with its region. Underscores become hyphens.",
        placeholder: "myorg-myaccount",
        pattern:
          "^(?!.*snowflakecomputing)[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?){0,4}$",
        patternError:
          "Give the account identifier alone, with hyphens for underscores, such as myorg-myaccount or xy12345.eu-central-1.",
        hostSuffixes: ["snowflakecomputing.com", "snowflakecomputing.cn"],
      },
      {
        name: "domain",
        displayName: "Domain",
        description: "snowflakecomputing.cn for accounts in China; leave it as it is for all others.",
        placeholder: "snowflakecomputing.com",
        required: false,
        default: "snowflakecomputing.com",
        pattern: "^snowflakecomputing\\.(?:com|cn)$",
        patternError: "Give snowflakecomputing.com or snowflakecomputing.cn.",
        hostSuffixes: ["snowflakecomputing.com", "snowflakecomputing.cn"],
      },
    ],
    fromToken: [{ name: "username", path: "username" }],
  },
  api: { baseUrls: ["https://{subdomain}.{domain}/api/v2"], headers: apiHeaders },
  scopes: [{ scope: "refresh_token", meaning: "Stay connected while you are away" }],
  setup: {
    registerUrl: "https://docs.snowflake.com/en/user-guide/oauth-custom",
    documentationUrl: "https://docs.snowflake.com/en/user-guide/oauth-custom",
    pitfalls: [
      "The OAuth client is a security integration inside the account that is connected (TYPE = OAUTH, OAUTH_CLIENT = CUSTOM, OAUTH_CLIENT_TYPE = 'CONFIDENTIAL'): each account has its own client id and secret.",
      "Set OAUTH_ISSUE_REFRESH_TOKENS = TRUE: without it a connection ends after ten minutes.",
      "People whose default role is ACCOUNTADMIN, SECURITYADMIN, ORGADMIN or GLOBALORGADMIN are turned away: give them another default role, or ask for one with a scope.",
      "One scope session:role:<ROLE>, in capitals, chooses the role; a name with special characters goes into session:role-encoded:<ROLE>. Two are refused.",
      "A refresh token lives up to 90 days from the consent, and refreshing does not extend it (OAUTH_REFRESH_TOKEN_VALIDITY).",
      "Every API call needs the header X-Snowflake-Authorization-Token-Type: OAUTH and a User-Agent.",
      "Changing a person's roles can end a token before its time; the API then answers with the code 390303.",
      "An account identifier holds hyphens where the account's name holds underscores.",
      "There is no way to revoke a token from here: an administrator ends it in Snowflake.",
    ],
  },
  samples: [
    {
      name: "the exchange brings ten minutes and the user's name",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "ver:1-hint:fake-1",
          refresh_token: "ver:2-hint:fake-did:1",
          username: "USER1",
        },
      },
      means: {
        accessToken: "ver:1-hint:fake-1",
        refreshToken: "ver:2-hint:fake-did:1",
        expiresInS: 600,
        config: { username: "USER1" },
        account,
      },
    },
    {
      name: "an integration that issues no refresh tokens gives none",
      phase: "exchange",
      given: { status: 200, body: { ...answered, access_token: "ver:1-hint:fake-2", username: "USER1" } },
      means: { accessToken: "ver:1-hint:fake-2", expiresInS: 600, config: { username: "USER1" }, account },
    },
    {
      name: "a refresh brings a token alone",
      phase: "refresh",
      given: { status: 200, body: { ...answered, access_token: "ver:1-hint:fake-3" } },
      means: { accessToken: "ver:1-hint:fake-3", expiresInS: 600 },
    },
    {
      name: "with single-use tokens a refresh brings a new refresh token",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "ver:1-hint:fake-4", refresh_token: "ver:2-hint:fake-did:4" },
      },
      means: { accessToken: "ver:1-hint:fake-4", refreshToken: "ver:2-hint:fake-did:4", expiresInS: 600 },
    },
    {
      name: "an invalid refresh token is a dead grant",
      phase: "refresh",
      given: { status: 400, body: refused("invalid_grant", "This is an invalid refresh token.") },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "an unknown client or a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 400, body: refused("invalid_client", "This is an invalid client.") },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "an error in the API's shape, with a number, is no verdict on the grant",
      phase: "refresh",
      given: {
        status: 400,
        body: { data: null, code: "390144", message: "<not published>", success: false, error: null },
      },
      means: { refusal: null, providerError: "390144" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: { status: 429, body: "" },
      means: { refusal: "rate_limited" },
    },
  ],
})
