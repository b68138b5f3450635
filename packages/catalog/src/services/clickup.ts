/** ClickUp: https://developer.clickup.com/docs/authentication */
import { defineConnector } from "../define.ts"
import type { Dialect } from "../dialect.ts"

type Fields = Readonly<Record<string, string>>

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)))
}

/** The authorization page knows the client, where to return to, and the state; the token request the client and the code. */
const dialect: Dialect = {
  authorizationParams: (params) => without(params, ["response_type"]),
  tokenRequest(request) {
    if (request.body?.kind !== "form") return request
    return {
      ...request,
      body: { kind: "form", fields: without(request.body.fields, ["grant_type", "redirect_uri"]) },
    }
  },
}

export const clickup = defineConnector({
  type: "clickup",
  displayName: "ClickUp",
  category: "projects",
  description: "Tasks, lists and docs of a team.",
  authorize: {
    url: "https://app.clickup.com/api",
    // No scopes: the person picks workspaces.
    scopeParam: null,
    pkce: "ignored",
  },
  token: {
    url: "https://api.clickup.com/api/v2/oauth/token",
    // The reference shows a query; a form keeps the secret out of logs and is taken as well.
    clientAuth: "post",
    errorPaths: ["ECODE", "error"],
    errorDescriptionPaths: ["err", "error_description"],
    refusals: [
      { error: "OAUTH_013", means: "invalid_grant" },
      { error: "OAUTH_014", means: "invalid_grant" },
      // https://developer.clickup.com/docs/common_errors
      { error: "OAUTH_010", means: "invalid_client" },
      { error: "OAUTH_007", means: "invalid_request" },
      { error: "OAUTH_017", means: "invalid_request" },
      // The client's are the only credentials that a token request presents; the code of a wrong secret is not published.
      { status: 401, means: "invalid_client" },
    ],
    lifetimeS: null,
  },
  refresh: null,
  revocation: null,
  identity: {
    request: {
      method: "GET",
      url: "https://api.clickup.com/api/v2/user",
      headers: {},
      id: ["{user.id}"],
      label: ["{user.email}", "{user.username}"],
    },
  },
  config: {
    fromApi: [
      {
        url: "https://api.clickup.com/api/v2/team",
        values: [
          { name: "team_id", path: "teams.0.id" },
          { name: "team_name", path: "teams.0.name" },
        ],
      },
    ],
  },
  api: { baseUrls: ["https://api.clickup.com/api/v2", "https://api.clickup.com/api/v3"] },
  scopes: [],
  setup: {
    registerUrl: "https://developer.clickup.com/docs/authentication",
    documentationUrl: "https://developer.clickup.com/docs/authentication",
    pitfalls: [
      "Only an owner or administrator of a workspace can make an app, in the settings under Apps, ClickUp API.",
      "There are no scopes: in the workspaces that a person picks, the app may do all that the person may.",
      "A workspace is called team in the API; team_id of connectionConfig is the first that was picked.",
      "Picking more workspaces in a later consent may widen the token that exists, instead of giving another.",
      "Redirect URLs must be https.",
      "Tokens do not expire, nor can they be revoked by a call: the person removes the app in ClickUp's settings, and calls then fail with status 401 and a code that begins with OAUTH_.",
      "A personal token goes into the Authorization header bare, an OAuth token with Bearer before it.",
    ],
  },
  dialect,
  samples: [
    {
      name: "the answer is a token and nothing else",
      phase: "exchange",
      given: { status: 200, body: { access_token: "12345678_fake1" } },
      means: { accessToken: "12345678_fake1" },
    },
    {
      name: "a token type besides changes nothing",
      phase: "exchange",
      given: { status: 200, body: { access_token: "12345678_fake2", token_type: "Bearer" } },
      means: { accessToken: "12345678_fake2" },
    },
    {
      name: "a used code is a dead grant",
      phase: "exchange",
      given: { status: 400, body: { err: "Code already used", ECODE: "OAUTH_014" } },
      means: { refusal: "invalid_grant", providerError: "OAUTH_014" },
    },
    {
      name: "a used code is a dead grant under whatever status",
      phase: "exchange",
      given: { status: 200, body: { err: "Code already used", ECODE: "OAUTH_014" } },
      means: { refusal: "invalid_grant", providerError: "OAUTH_014" },
    },
    {
      name: "an old or unknown code is a dead grant",
      phase: "exchange",
      given: { status: 400, body: { err: "<not published>", ECODE: "OAUTH_013" } },
      means: { refusal: "invalid_grant", providerError: "OAUTH_013" },
    },
    {
      name: "a client that ClickUp does not know is the client's fault",
      phase: "exchange",
      given: { status: 400, body: { err: "<not published>", ECODE: "OAUTH_010" } },
      means: { refusal: "invalid_client", providerError: "OAUTH_010" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "exchange",
      given: { status: 401, body: { err: "<not published>", ECODE: "OAUTH_000" } },
      means: { refusal: "invalid_client", providerError: "OAUTH_000" },
    },
    {
      name: "another code of ClickUp's says nothing of the grant",
      phase: "exchange",
      given: { status: 400, body: { err: "<not published>", ECODE: "ITEM_015" } },
      means: { refusal: null, providerError: "ITEM_015" },
    },
    {
      name: "too many calls pass",
      phase: "exchange",
      given: { status: 429, body: { err: "<not published>", ECODE: "APP_002" } },
      means: { refusal: "rate_limited", providerError: "APP_002" },
    },
  ],
})
