/** HubSpot: https://developers.hubspot.com/docs/api-reference/2026-03/authentication/oauth-tokens */
import { defineConnector } from "../define.ts"

const answered = {
  token_type: "bearer",
  hub_id: 62_515,
  user_id: 9_586_504,
  scopes: ["oauth", "crm.objects.contacts.read"],
  expires_in: 1800,
}

const told = {
  expiresInS: 1800,
  scopes: ["oauth", "crm.objects.contacts.read"],
  config: { hub_id: "62515", user_id: "9586504" },
  account: { id: "62515:9586504", label: "HubSpot account 62515, user 9586504" },
} as const

export const hubspot = defineConnector({
  type: "hubspot",
  displayName: "HubSpot",
  category: "sales",
  description: "Contacts, companies, deals and marketing of a HubSpot account.",
  authorize: {
    url: "https://app.hubspot.com/oauth/authorize",
    pkce: "supported",
    alwaysScopes: ["oauth"],
    defaultScopes: ["oauth"],
  },
  token: {
    // The v1 endpoint ends on 16 February 2027: https://developers.hubspot.com/changelog/v1-oauth-api-deprecation
    url: "https://api.hubapi.com/oauth/2026-03/token",
    clientAuth: "post",
    answer: { scope: ["scopes", "scope"] },
    // Answers hold OAuth's words, HubSpot's own, or both: `status` names the trouble, or says "error" and `category` does.
    errorPaths: ["error", "category", "status"],
    errorDescriptionPaths: ["error_description", "message"],
    refusals: [
      { error: "BAD_REFRESH_TOKEN", means: "invalid_grant" },
      { error: "BAD_AUTH_CODE", means: "invalid_grant" },
      { error: "BAD_CLIENT_ID", means: "invalid_client" },
      { error: "BAD_CLIENT_SECRET", means: "invalid_client" },
      { error: "BAD_REDIRECT_URI", means: "invalid_request" },
      { error: "MISMATCH_REDIRECT_URI_AUTH_CODE", means: "invalid_request" },
      { error: "RATE_LIMITS", means: "rate_limited" },
    ],
    lifetimeS: 1800,
  },
  // Answers repeat the refresh token.
  refresh: { rotates: false, reuseGraceS: null },
  revocation: {
    url: "https://api.hubapi.com/oauth/2026-03/token/revoke",
    tokens: ["refresh_token", "access_token"],
    auth: "post",
    // One refresh token stands for a person, an account and an app, however often they connected.
    ends: "grant",
    alreadyDead: [
      { status: 400, error: "invalid_grant" },
      { status: 400, error: "invalid_token" },
      { status: 400, error: "BAD_REFRESH_TOKEN" },
      { status: 404 },
    ],
  },
  identity: {
    fromToken: {
      id: ["{hub_id}:{user_id}", "{hub_id}"],
      label: ["HubSpot account {hub_id}, user {user_id}", "HubSpot account {hub_id}"],
    },
  },
  config: {
    fromToken: [
      { name: "hub_id", path: "hub_id" },
      { name: "user_id", path: "user_id" },
    ],
  },
  api: { baseUrls: ["https://api.hubapi.com"] },
  scopes: [
    { scope: "oauth", meaning: "Know which HubSpot account you connected" },
    { scope: "crm.objects.contacts.read", meaning: "See your contacts" },
    { scope: "crm.objects.contacts.write", meaning: "Create, change and delete your contacts" },
    { scope: "crm.objects.companies.read", meaning: "See your companies" },
    { scope: "crm.objects.companies.write", meaning: "Create, change and delete your companies" },
    { scope: "crm.objects.deals.read", meaning: "See your deals" },
    { scope: "crm.objects.deals.write", meaning: "Create, change and delete your deals" },
    { scope: "crm.schemas.contacts.read", meaning: "See which properties contacts have" },
    { scope: "crm.lists.read", meaning: "See your lists" },
    { scope: "tickets", meaning: "See and change your tickets" },
    { scope: "automation", meaning: "See and change your workflows" },
    { scope: "files", meaning: "See, upload and delete files" },
  ],
  setup: {
    registerUrl: "https://app.hubspot.com/l/developer-overview",
    documentationUrl:
      "https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/oauth-quickstart-guide",
    pitfalls: [
      "The connector's scopes must be exactly those that the app requires: one too few or too many fails on HubSpot's page.",
      "Scopes that the app lists as optional cannot be asked for; make them required ones.",
      "Access tokens live half an hour and may be 300 characters long.",
      "Connecting twice as the same person in the same account gives the same refresh token, so disconnecting one connection ends the other.",
      "Ending the tokens does not uninstall the app: that is done in the account's settings.",
    ],
  },
  samples: [
    {
      name: "scopes come as an array under the plural, and the account with the token",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "CFake1", refresh_token: "na1-fake-ab12" },
      },
      means: { accessToken: "CFake1", refreshToken: "na1-fake-ab12", ...told },
    },
    {
      name: "a refresh repeats the refresh token",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "CFake2", refresh_token: "na1-fake-ab12" },
      },
      means: { accessToken: "CFake2", refreshToken: "na1-fake-ab12", ...told },
    },
    {
      name: "a dead refresh token is told in both vocabularies",
      phase: "refresh",
      given: {
        status: 400,
        body: {
          error: "invalid_grant",
          error_description: "<not published>",
          status: "BAD_REFRESH_TOKEN",
          message: "<not published>",
        },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a dead refresh token is told in HubSpot's words alone",
      phase: "refresh",
      given: {
        status: 400,
        body: { status: "BAD_REFRESH_TOKEN", message: "<not published>", correlationId: "1" },
      },
      means: { refusal: "invalid_grant", providerError: "BAD_REFRESH_TOKEN" },
    },
    {
      name: "an old code is told in HubSpot's words alone",
      phase: "exchange",
      given: {
        status: 400,
        body: { status: "BAD_AUTH_CODE", message: "<not published>", correlationId: "1" },
      },
      means: { refusal: "invalid_grant", providerError: "BAD_AUTH_CODE" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 400, body: { status: "BAD_CLIENT_SECRET", message: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "BAD_CLIENT_SECRET" },
    },
    {
      name: "a wrong secret in OAuth's words is the client's fault",
      phase: "refresh",
      given: { status: 401, body: { error: "invalid_client", status: "BAD_CLIENT_ID" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: {
        status: 429,
        body: {
          status: "error",
          message: "<not published>",
          category: "RATE_LIMITS",
          policyName: "SECONDLY",
        },
      },
      means: { refusal: "rate_limited", providerError: "RATE_LIMITS" },
    },
    {
      name: "another failure says nothing of the grant",
      phase: "refresh",
      given: {
        status: 400,
        body: { status: "error", message: "<not published>", category: "VALIDATION_ERROR" },
      },
      means: { refusal: null, providerError: "VALIDATION_ERROR" },
    },
  ],
})
