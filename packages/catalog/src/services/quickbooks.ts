/** QuickBooks Online: https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0 */
import { defineConnector } from "../define.ts"

const answered = { token_type: "bearer", expires_in: 3600, x_refresh_token_expires_in: 8_726_400 }

export const quickbooks = defineConnector({
  type: "quickbooks",
  displayName: "QuickBooks Online",
  category: "finance",
  description: "Invoices, customers, payments and accounts of a small business.",
  authorize: {
    url: "https://appcenter.intuit.com/connect/oauth2",
    pkce: "ignored",
    defaultScopes: ["com.intuit.quickbooks.accounting"],
  },
  token: {
    url: "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",
    clientAuth: "basic",
    headers: { Accept: "application/json" },
    lifetimeS: 3600,
  },
  // The value changes about once a day and the one before goes stale; in between, answers repeat it.
  refresh: { rotates: "sometimes", reuseGraceS: null, idleLifetimeS: 100 * 86_400 },
  revocation: {
    url: "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
    body: "json",
    tokens: ["refresh_token", "access_token"],
    auth: "basic",
    headers: { Accept: "application/json" },
    // The app loses the whole company.
    ends: "grant",
    alreadyDead: [
      { status: 400, error: "invalid_grant" },
      { status: 400, error: "invalid_token" },
    ],
  },
  identity: {
    request: {
      method: "GET",
      url: "https://quickbooks.api.intuit.com/v3/company/{realmId}/companyinfo/{realmId}",
      headers: { Accept: "application/json" },
      // A company's own Id is 1 in every company; what names it is the realm, which only the callback brings. Sandbox
      // companies have another host, which leaves the realm as their name.
      id: ["{config.realmId}"],
      label: ["{CompanyInfo.CompanyName}", "QuickBooks company {config.realmId}"],
    },
  },
  config: { fromCallback: [{ name: "realmId", param: "realmId" }] },
  api: {
    baseUrls: [
      "https://quickbooks.api.intuit.com/v3/company/{realmId}",
      "https://sandbox-quickbooks.api.intuit.com/v3/company/{realmId}",
    ],
    headers: { Accept: "application/json" },
  },
  scopes: [
    { scope: "com.intuit.quickbooks.accounting", meaning: "See and change your company's books" },
    { scope: "com.intuit.quickbooks.payment", meaning: "Take and manage payments" },
    { scope: "openid", meaning: "Sign you in with Intuit" },
    { scope: "profile", meaning: "See your name" },
    { scope: "email", meaning: "See your email address" },
    { scope: "phone", meaning: "See your phone number" },
    { scope: "address", meaning: "See your postal address" },
  ],
  setup: {
    registerUrl: "https://developer.intuit.com/dashboard",
    documentationUrl:
      "https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0",
    pitfalls: [
      "Every API address holds the company's realmId: read it from the connection's config, next to the token.",
      "Development keys reach sandbox companies only, whose API is at sandbox-quickbooks.api.intuit.com.",
      "Refresh nowhere but here: two refreshes at once can end the whole connection.",
      "A company that is not refreshed for 100 days has to be connected again, and every company after five years.",
      "Intuit's error page says the same for every mistake: check redirect URI, keys and scopes one by one.",
      "The API answers XML unless the header Accept asks for JSON.",
      "Disconnecting takes the company away from the app altogether, other connections to it included.",
    ],
  },
  samples: [
    {
      name: "an exchange names its lifetime and no scopes",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "eyJlbmMi..fake1", refresh_token: "AB11fake1" },
      },
      means: { accessToken: "eyJlbmMi..fake1", refreshToken: "AB11fake1", expiresInS: 3600 },
    },
    {
      name: "a refresh answers with a refresh token, new or the same",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "eyJlbmMi..fake2", refresh_token: "AB11fake2" },
      },
      means: { accessToken: "eyJlbmMi..fake2", refreshToken: "AB11fake2", expiresInS: 3600 },
    },
    {
      name: "yesterday's refresh token is a dead grant",
      phase: "refresh",
      given: {
        status: 400,
        body: { error: "invalid_grant", error_description: "Incorrect or invalid refresh token" },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "an older answer gives no description",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "an old code is a dead grant",
      phase: "exchange",
      given: {
        status: 400,
        body: { error: "invalid_grant", error_description: "Invalid authorization code" },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 401, body: { error: "invalid_client" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: { status: 429, body: { error: "<not published>" } },
      means: { refusal: "rate_limited", providerError: "<not published>" },
    },
  ],
})
