/** Databricks, for a workspace: https://docs.databricks.com/aws/en/dev-tools/auth/oauth-u2m */
import { defineConnector } from "../define.ts"

/** Where workspaces live: AWS with GovCloud, Azure with its clouds for the US government and China, Google Cloud. */
const hosts = [
  "cloud.databricks.com",
  "cloud.databricks.us",
  "cloud.databricks.mil",
  "azuredatabricks.net",
  "databricks.azure.us",
  "databricks.azure.cn",
  "gcp.databricks.com",
]

const answered = { token_type: "Bearer", expires_in: 3600, scope: "all-apis offline_access" }

export const databricks = defineConnector({
  type: "databricks",
  displayName: "Databricks",
  category: "data",
  description: "Data and AI workspaces: SQL warehouses, jobs and clusters.",
  authorize: {
    url: "https://{workspace_host}/oidc/v1/authorize",
    pkce: "required",
    // Without it no refresh token comes.
    alwaysScopes: ["offline_access"],
    defaultScopes: ["all-apis"],
  },
  token: {
    url: "https://{workspace_host}/oidc/v1/token",
    clientAuth: "basic",
    refusals: [
      // A dead refresh token is told neither at 400 nor as invalid_grant.
      {
        status: 401,
        error: "invalid_request",
        descriptionIncludes: "refresh token",
        means: "invalid_grant",
      },
    ],
    lifetimeS: 3600,
  },
  // A setting of the app connection makes refresh tokens good for one use, and then the old one dies at once:
  // https://docs.databricks.com/aws/en/integrations/single-use-tokens
  refresh: { rotates: "sometimes", reuseGraceS: 0 },
  revocation: null,
  identity: {
    request: {
      method: "GET",
      url: "https://{workspace_host}/api/2.0/preview/scim/v2/Me",
      headers: {},
      id: ["{config.workspace_host}:{id}", "{id}"],
      label: ["{userName}", "{displayName}"],
    },
  },
  config: {
    asked: [
      {
        name: "workspace_host",
        displayName: "Workspace host",
        description: "The host in the address of your Databricks workspace.",
        placeholder: "dbc-a1b2345c-d6e7.cloud.databricks.com",
        // The account console has other endpoints, and its tokens do not open a workspace.
        pattern:
          "^(?!accounts)(?:[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?\\.)+(?:cloud\\.databricks\\.(?:com|us|mil)|azuredatabricks\\.net|databricks\\.azure\\.(?:us|cn)|gcp\\.databricks\\.com)$",
        patternError:
          "Give the host of a workspace without https:// and path, such as dbc-a1b2345c-d6e7.cloud.databricks.com; the account console's host does not work.",
        hostSuffixes: hosts,
      },
    ],
  },
  api: { baseUrls: ["https://{workspace_host}/api/2.0", "https://{workspace_host}/api/2.1"] },
  scopes: [
    { scope: "all-apis", meaning: "Do everything that you may do in the workspace" },
    { scope: "sql", meaning: "Run queries on SQL warehouses in your name" },
    { scope: "offline_access", meaning: "Stay connected while you are away" },
    { scope: "openid", meaning: "Know which Databricks account you connected" },
    { scope: "email", meaning: "See your email address" },
    { scope: "profile", meaning: "See your name" },
  ],
  setup: {
    registerUrl: "https://docs.databricks.com/aws/en/integrations/enable-disable-oauth",
    documentationUrl: "https://docs.databricks.com/aws/en/dev-tools/auth/oauth-u2m",
    pitfalls: [
      "The OAuth app is an app connection in the account console of the company whose workspace is connected: each company has its own client id and secret.",
      "Make the app connection with a client secret, and enable offline_access and every other scope on it.",
      "A refresh token lives seven days unless the app connection says otherwise, so a connection that nobody uses for a week has to be connected again.",
      "With single-use refresh tokens a session also has an absolute end, after which the person has to sign in again.",
      "A connection is for one workspace: connect each workspace by itself.",
      "With the scope sql alone the account may stay nameless.",
    ],
  },
  samples: [
    {
      name: "the exchange brings an hour's token and a refresh token",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "eyJ.fake1.sig", refresh_token: "fake-databricks-refresh-1" },
      },
      means: {
        accessToken: "eyJ.fake1.sig",
        refreshToken: "fake-databricks-refresh-1",
        expiresInS: 3600,
        scopes: ["all-apis", "offline_access"],
      },
    },
    {
      name: "an administrator may give a token another life",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, expires_in: 900, access_token: "eyJ.fake2.sig", scope: "all-apis" },
      },
      means: { accessToken: "eyJ.fake2.sig", expiresInS: 900, scopes: ["all-apis"] },
    },
    {
      name: "with single-use tokens a refresh brings a new refresh token",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "eyJ.fake3.sig", refresh_token: "fake-databricks-refresh-3" },
      },
      means: {
        accessToken: "eyJ.fake3.sig",
        refreshToken: "fake-databricks-refresh-3",
        expiresInS: 3600,
        scopes: ["all-apis", "offline_access"],
      },
    },
    {
      name: "otherwise a refresh leaves the refresh token as it is",
      phase: "refresh",
      given: { status: 200, body: { ...answered, access_token: "eyJ.fake4.sig" } },
      means: { accessToken: "eyJ.fake4.sig", expiresInS: 3600, scopes: ["all-apis", "offline_access"] },
    },
    {
      name: "a dead refresh token is a dead grant, told as a bad request at 401",
      phase: "refresh",
      given: {
        status: 401,
        body: { error: "invalid_request", error_description: "Refresh token is invalid" },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_request" },
    },
    {
      name: "a dead refresh token may be told by the standard's code",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a request that is really bad is no dead grant",
      phase: "refresh",
      given: {
        status: 400,
        body: { error: "invalid_request", error_description: "The refresh token is missing" },
      },
      means: { refusal: "invalid_request", providerError: "invalid_request" },
    },
    {
      name: "a wrong secret is the client's fault, at 401 as well",
      phase: "refresh",
      given: { status: 401, body: { error: "invalid_client", error_description: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: { status: 429, headers: { "retry-after": "10" }, body: { error_code: "<not published>" } },
      means: { refusal: "rate_limited" },
    },
  ],
})
