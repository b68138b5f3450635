/** Splitwise: https://dev.splitwise.com/ */
import { defineConnector } from "../define.ts"

export const splitwise = defineConnector({
  type: "splitwise",
  displayName: "Splitwise",
  category: "finance",
  description: "Shared expenses: groups, friends and who owes whom.",
  authorize: {
    url: "https://secure.splitwise.com/oauth/authorize",
    // A token may do everything that the person may.
    scopeParam: null,
    pkce: "ignored",
  },
  token: {
    url: "https://secure.splitwise.com/oauth/token",
    clientAuth: "post",
    // The words of an error are not published.
    errorDescriptionPaths: ["error_description", "message"],
    // Neither expiry nor refresh token is known.
    lifetimeS: null,
  },
  refresh: null,
  revocation: null,
  identity: {
    request: {
      method: "GET",
      url: "https://secure.splitwise.com/api/v3.0/get_current_user",
      headers: {},
      id: ["{user.id}"],
      label: ["{user.email}", "{user.first_name} {user.last_name}", "{user.first_name}"],
    },
  },
  api: { baseUrls: ["https://secure.splitwise.com/api/v3.0"] },
  scopes: [],
  setup: {
    registerUrl: "https://secure.splitwise.com/apps",
    documentationUrl: "https://dev.splitwise.com/",
    pitfalls: [
      "What Splitwise calls consumer key and consumer secret are the client id and the client secret.",
      "There are no scopes: a connection may do everything that the person may do.",
      "A write that failed can answer HTTP 200: look for errors in the body.",
      "A token lasts until it is taken back, and when the API answers 401 the person has to connect again.",
    ],
  },
  samples: [
    {
      name: "the exchange brings a token and nothing else",
      phase: "exchange",
      given: { status: 200, body: { access_token: "fakeSplitwiseAccessToken1", token_type: "bearer" } },
      means: { accessToken: "fakeSplitwiseAccessToken1" },
    },
    {
      name: "a wrong or old code is a dead grant, told at 401",
      phase: "exchange",
      given: { status: 401, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong or old code is a dead grant at 400 as well",
      phase: "exchange",
      given: { status: 400, body: { error: "invalid_grant" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "exchange",
      given: { status: 401, body: { error: "invalid_client", error_description: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "too many calls pass",
      phase: "exchange",
      given: { status: 429, body: "" },
      means: { refusal: "rate_limited" },
    },
  ],
})
