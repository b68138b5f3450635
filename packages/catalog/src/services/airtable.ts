/** Airtable: https://airtable.com/developers/web/api/oauth-reference */
import { defineConnector } from "../define.ts"

const scopes = ["data.records:read", "schema.bases:read", "user.email:read"]
const answered = {
  // The reference shows it with a space at the end.
  token_type: "Bearer ",
  scope: scopes.join(" "),
  expires_in: 3600,
  refresh_expires_in: 5_184_000,
}

export const airtable = defineConnector({
  type: "airtable",
  displayName: "Airtable",
  category: "data",
  description: "Spreadsheet-like databases: bases, tables and records.",
  authorize: {
    url: "https://airtable.com/oauth2/v1/authorize",
    // Also for clients that have a secret.
    pkce: "required",
    // Without it the account has an id and no address.
    alwaysScopes: ["user.email:read"],
    defaultScopes: ["data.records:read", "schema.bases:read"],
  },
  token: {
    url: "https://airtable.com/oauth2/v1/token",
    clientAuth: "basic",
    refusals: [
      // Another refresh of the same token was under way; the body is not published.
      { status: 409, means: "temporarily_unavailable" },
    ],
    lifetimeS: 3600,
  },
  // A refresh ends the refresh token and the access token before it at once; one that nobody uses lives 60 days.
  refresh: { rotates: true, reuseGraceS: 0, idleLifetimeS: 60 * 86_400 },
  revocation: null,
  identity: {
    request: {
      method: "GET",
      url: "https://api.airtable.com/v0/meta/whoami",
      headers: {},
      id: ["{id}"],
      label: ["{email}"],
    },
  },
  api: { baseUrls: ["https://api.airtable.com/v0", "https://content.airtable.com/v0"] },
  scopes: [
    { scope: "data.records:read", meaning: "Read the records of your tables" },
    { scope: "data.records:write", meaning: "Create, change and delete records" },
    { scope: "data.recordComments:read", meaning: "Read the comments on records" },
    { scope: "data.recordComments:write", meaning: "Write, change and delete comments on records" },
    { scope: "schema.bases:read", meaning: "See your bases, their tables and fields" },
    { scope: "schema.bases:write", meaning: "Create bases, and add and change tables and fields" },
    { scope: "user.email:read", meaning: "See your email address" },
    { scope: "webhook:manage", meaning: "See, create and delete webhooks" },
    { scope: "block:manage", meaning: "Manage custom extensions" },
    { scope: "workspacesAndBases:read", meaning: "See every workspace and base of your enterprise" },
  ],
  setup: {
    registerUrl: "https://airtable.com/create/oauth",
    documentationUrl: "https://airtable.com/developers/web/guides/oauth-integrations",
    pitfalls: [
      "Tick every scope on the integration too, user.email:read included: one that is missing there fails at consent.",
      "Generate a client secret: without one Airtable takes no HTTP Basic, which is how Grantry proves itself.",
      "People pick the bases while they consent: a token may work and see no base at all.",
      "A refresh ends the access token before it at once, so ask Grantry for the token right before you use it.",
      "A refresh token that nobody uses for 60 days is gone.",
      "There is no way to revoke a token by a call: people remove the integration in their account's settings.",
      "Five requests a second per base; after a 429 wait half a minute.",
    ],
  },
  samples: [
    {
      name: "an exchange brings both tokens, and a token type that nobody should paste into a header",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "oaaFake1.v1.a.b", refresh_token: "oarFake1.v1.a.b" },
      },
      means: {
        accessToken: "oaaFake1.v1.a.b",
        refreshToken: "oarFake1.v1.a.b",
        expiresInS: 3600,
        scopes,
      },
    },
    {
      name: "a refresh rotates",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "oaaFake2.v1.a.b", refresh_token: "oarFake2.v1.a.b" },
      },
      means: {
        accessToken: "oaaFake2.v1.a.b",
        refreshToken: "oarFake2.v1.a.b",
        expiresInS: 3600,
        scopes,
      },
    },
    {
      name: "a used refresh token is a dead grant",
      phase: "refresh",
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
      name: "a collision is no death either when a body says so",
      phase: "refresh",
      given: { status: 409, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "temporarily_unavailable", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 401, body: { error: "invalid_client", error_description: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "a scope that comes twice or is not ticked is a bad request",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_scope", error_description: "<not published>" } },
      means: { refusal: "invalid_scope", providerError: "invalid_scope" },
    },
    {
      name: "too many calls pass, told in the shape of the API",
      phase: "refresh",
      given: {
        status: 429,
        body: { errors: [{ error: "RATE_LIMIT_REACHED", message: "<not published>" }] },
      },
      means: { refusal: "rate_limited" },
    },
  ],
})
