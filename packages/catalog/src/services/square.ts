/** Square: https://developer.squareup.com/docs/oauth-api/overview */
import { defineConnector } from "../define.ts"
import type { Dialect } from "../dialect.ts"

const answered = {
  token_type: "bearer",
  expires_at: "2026-12-21T17:59:14Z",
  merchant_id: "MLFAKE0000000",
  short_lived: false,
}

const told = { expiresAt: "2026-12-21T17:59:14.000Z", config: { merchant_id: "MLFAKE0000000" } }

const dialect: Dialect = {
  // An authentication scheme of Square's own: https://developer.squareup.com/reference/square/o-auth-api/revoke-token
  revocationRequest: (request, { clientId, clientSecret }) => ({
    ...request,
    headers: { ...request.headers, authorization: `Client ${clientSecret}` },
    body: {
      kind: "json",
      value: { ...(request.body?.kind === "json" ? request.body.value : {}), client_id: clientId },
    },
  }),
}

export const square = defineConnector({
  type: "square",
  displayName: "Square",
  category: "finance",
  description: "Payments, orders, customers and stock of a shop.",
  authorize: {
    url: "https://connect.squareup.com/oauth2/authorize",
    // Makes the seller sign in, rather than connect whoever is signed in to this browser.
    extraParams: { session: "false" },
    // PKCE makes a public client of an application: no secret, and refresh tokens that work once and for 90 days.
    pkce: "rejected",
    alwaysScopes: ["MERCHANT_PROFILE_READ"],
    defaultScopes: ["MERCHANT_PROFILE_READ"],
  },
  token: {
    url: "https://connect.squareup.com/oauth2/token",
    body: "json",
    clientAuth: "post",
    answer: { expiresIn: [], expiresAt: ["expires_at"] },
    // The OAuth endpoints say {message, type}, the rest of the API a list of errors.
    errorPaths: ["errors.0.code", "type", "error"],
    errorDescriptionPaths: ["message", "errors.0.detail", "error_description"],
    refusals: [
      // One type for a dead grant and a wrong client: the sentence tells them apart.
      { descriptionIncludes: "refresh token", means: "invalid_grant" },
      { descriptionIncludes: "authorization code", means: "invalid_grant" },
      { error: "ACCESS_TOKEN_REVOKED", means: "invalid_grant" },
      { error: "service.not_authorized", means: "invalid_client" },
      { error: "UNAUTHORIZED", means: "invalid_client" },
      { error: "RATE_LIMITED", means: "rate_limited" },
      { error: "bad_request", means: "invalid_request" },
      { error: "BAD_REQUEST", means: "invalid_request" },
    ],
    lifetimeS: 2_592_000,
    // Only where an answer came without its date.
    assumedLifetimeS: 604_800,
  },
  // A token lives 30 days; Square asks to refresh every seven: https://developer.squareup.com/docs/oauth-api/refresh-revoke-limit-scope
  refresh: { rotates: false, reuseGraceS: null, dueAfterS: 604_800 },
  revocation: {
    url: "https://connect.squareup.com/oauth2/revoke",
    body: "json",
    tokenField: "access_token",
    tokens: ["access_token"],
    auth: "none",
    // Every token of the application for that seller.
    ends: "grant",
    alreadyDead: [
      { status: 404 },
      { status: 401, error: "ACCESS_TOKEN_REVOKED" },
      { status: 401, error: "ACCESS_TOKEN_EXPIRED" },
    ],
  },
  identity: {
    request: {
      method: "GET",
      url: "https://connect.squareup.com/v2/merchants/me",
      headers: {},
      id: ["{merchant.id}", "{config.merchant_id}"],
      label: ["{merchant.business_name}"],
    },
  },
  config: { fromToken: [{ name: "merchant_id", path: "merchant_id" }] },
  api: { baseUrls: ["https://connect.squareup.com/v2"] },
  scopes: [
    { scope: "MERCHANT_PROFILE_READ", meaning: "See your business and its locations" },
    { scope: "PAYMENTS_READ", meaning: "See payments and refunds" },
    { scope: "PAYMENTS_WRITE", meaning: "Take payments and refund them" },
    { scope: "ORDERS_READ", meaning: "See orders" },
    { scope: "ORDERS_WRITE", meaning: "Create and change orders" },
    { scope: "CUSTOMERS_READ", meaning: "See your customers" },
    { scope: "CUSTOMERS_WRITE", meaning: "Create, change and delete customers" },
    { scope: "ITEMS_READ", meaning: "See what you sell" },
    { scope: "ITEMS_WRITE", meaning: "Change what you sell" },
    { scope: "INVENTORY_READ", meaning: "See your stock" },
    { scope: "INVENTORY_WRITE", meaning: "Change your stock" },
    { scope: "INVOICES_WRITE", meaning: "Create and send invoices" },
  ],
  setup: {
    registerUrl: "https://developer.squareup.com/apps",
    documentationUrl: "https://developer.squareup.com/docs/oauth-api/overview",
    pitfalls: [
      "Use the production application id and secret: those of Square's own sandbox (sandbox-sq0…) belong to another host.",
      "Leave PKCE off in the application: it changes the rules for secrets and refresh tokens.",
      "Tokens live 30 days and are renewed every seven, as Square asks.",
      "Disconnecting ends every token that the application has for that seller, other connections included.",
      "Send the header Square-Version with the API version that your code was written for.",
    ],
  },
  dialect,
  samples: [
    {
      name: "the answer names a date instead of a lifetime, and no scopes",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "EAAAEfake1", refresh_token: "EQAAEfake1" },
      },
      means: { accessToken: "EAAAEfake1", refreshToken: "EQAAEfake1", ...told },
    },
    {
      name: "a refresh repeats the refresh token",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "EAAAEfake2", refresh_token: "EQAAEfake1" },
      },
      means: { accessToken: "EAAAEfake2", refreshToken: "EQAAEfake1", ...told },
    },
    {
      name: "a dead refresh token is a dead grant, told at 401",
      phase: "refresh",
      given: { status: 401, body: { message: "Invalid refresh token", type: "service.not_authorized" } },
      means: { refusal: "invalid_grant", providerError: "service.not_authorized" },
    },
    {
      name: "an old code is a dead grant, told at 401",
      phase: "exchange",
      given: {
        status: 401,
        body: {
          message: "Authorization code not found for app [sq0idp-fake]",
          type: "service.not_authorized",
        },
      },
      means: { refusal: "invalid_grant", providerError: "service.not_authorized" },
    },
    {
      name: "a wrong secret is the client's fault, told by the same type",
      phase: "refresh",
      given: { status: 401, body: { message: "Not authorized", type: "service.not_authorized" } },
      means: { refusal: "invalid_client", providerError: "service.not_authorized" },
    },
    {
      name: "a wrong secret in the API's words is the client's fault",
      phase: "refresh",
      given: {
        status: 401,
        body: {
          errors: [{ category: "AUTHENTICATION_ERROR", code: "UNAUTHORIZED", detail: "<not published>" }],
        },
      },
      means: { refusal: "invalid_client", providerError: "UNAUTHORIZED" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: {
        status: 429,
        body: { errors: [{ category: "RATE_LIMIT_ERROR", code: "RATE_LIMITED", detail: "<not published>" }] },
      },
      means: { refusal: "rate_limited", providerError: "RATE_LIMITED" },
    },
  ],
})
