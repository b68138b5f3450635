/** Salesforce: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm */
import { defineConnector } from "../define.ts"

// Login hosts and My Domains lie under salesforce.com, Experience Cloud sites under my.site.com. Salesforce owns both,
// so a value that ends in one of them cannot lead a code or a secret elsewhere.
const hosts = ["salesforce.com", "my.site.com"]

const answered = {
  signature: "SSSbLOfake=",
  scope: "refresh_token api openid",
  instance_url: "https://acme.my.salesforce.com",
  id: "https://login.salesforce.com/id/00Dx0000000FAKEEAU/005x0000000FAKEAAQ",
  token_type: "Bearer",
  issued_at: "1767225600000",
}

const scopes = ["refresh_token", "api", "openid"]
const learned = { instance_url: answered.instance_url, id: answered.id }

export const salesforce = defineConnector({
  type: "salesforce",
  displayName: "Salesforce",
  category: "sales",
  description: "Customer records, deals and cases of a Salesforce organisation.",
  authorize: {
    url: "https://{hostname}/services/oauth2/authorize",
    // Apps made today require it by default, and those that do not take it all the same.
    pkce: "supported",
    // Without refresh_token no refresh token comes; openid opens the endpoint that names the account.
    alwaysScopes: ["refresh_token", "openid"],
    defaultScopes: ["api"],
    loginHintParam: "login_hint",
  },
  token: {
    url: "https://{hostname}/services/oauth2/token",
    clientAuth: "post",
    headers: { Accept: "application/json" },
    refusals: [
      // Salesforce refuses a second refresh while the first is under way, and forgets about it afterwards:
      // https://help.salesforce.com/s/articleView?id=release-notes.rn_security_refresh_token_requests.htm
      { descriptionIncludes: "already being processed", means: "temporarily_unavailable" },
      // These pass, or are mended by an administrator; consenting again would not help.
      { descriptionIncludes: "login rate exceeded", means: "rate_limited" },
      { descriptionIncludes: "ip restricted", means: "temporarily_unavailable" },
      { descriptionIncludes: "login hours", means: "temporarily_unavailable" },
      { error: "inactive_user", means: "invalid_grant" },
      { error: "inactive_org", means: "invalid_grant" },
      { error: "invalid_client_id", means: "invalid_client" },
      { error: "invalid_client_credentials", means: "invalid_client" },
      { error: "OAUTH_APP_BLOCKED", means: "unauthorized_client" },
      { error: "redirect_uri_mismatch", means: "invalid_request" },
      { error: "rate_limit_exceeded", means: "rate_limited" },
      { descriptionIncludes: "retry your request", means: "temporarily_unavailable" },
    ],
    // No answer names a time: a token lives as long as the organisation's session timeout, two hours unless it is
    // set otherwise and never under fifteen minutes, so that is when one is refreshed.
    lifetimeS: 7200,
    assumedLifetimeS: 900,
  },
  // The app's policy decides; with rotation on, the old refresh token dies at once.
  refresh: { rotates: "sometimes", reuseGraceS: 0 },
  revocation: {
    url: "https://{hostname}/services/oauth2/revoke",
    tokens: ["refresh_token", "access_token"],
    auth: "none",
    // The presented refresh token and the access tokens that came of it; other approvals of the person stay.
    ends: "token",
    alreadyDead: [
      { status: 400, error: "unsupported_token_type" },
      { status: 400, error: "invalid_token" },
    ],
  },
  identity: {
    request: {
      method: "GET",
      url: "{instance_url}/services/oauth2/userinfo",
      headers: {},
      id: ["{organization_id}:{user_id}", "{sub}"],
      label: ["{preferred_username}", "{email}"],
    },
  },
  config: {
    asked: [
      {
        name: "hostname",
        displayName: "Login host",
        description:
          "Where people of this organisation sign in. login.salesforce.com suits most; test.salesforce.com is for sandboxes, and some organisations demand their own My Domain.",
        placeholder: "acme.my.salesforce.com",
        required: false,
        default: "login.salesforce.com",
        // Lightning hosts show pages and answer no OAuth requests.
        pattern:
          "^(?!(?:[a-z0-9\\-]+\\.)*lightning\\.)(?:[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?\\.)+(?:salesforce\\.com|my\\.site\\.com)$",
        patternError:
          "Give a Salesforce host without https://, such as login.salesforce.com or acme.my.salesforce.com; a lightning host does not work.",
        hostSuffixes: hosts,
      },
    ],
    fromToken: [
      { name: "instance_url", path: "instance_url", hostSuffixes: hosts },
      { name: "id", path: "id" },
    ],
  },
  api: { baseUrls: ["{instance_url}/services/data"] },
  scopes: [
    { scope: "api", meaning: "Read and change the data that you may read and change in Salesforce" },
    { scope: "refresh_token", meaning: "Stay connected while you are away" },
    { scope: "openid", meaning: "Know which Salesforce account you connected" },
    { scope: "id", meaning: "See your name, email address and organisation" },
    { scope: "profile", meaning: "See your profile" },
    { scope: "email", meaning: "See your email address" },
    { scope: "full", meaning: "Do everything that you may do in Salesforce" },
    { scope: "web", meaning: "Open Salesforce pages in your name" },
    { scope: "chatter_api", meaning: "Read and post in Chatter" },
    { scope: "visualforce", meaning: "Open custom Visualforce pages" },
    { scope: "cdp_query_api", meaning: "Query Data Cloud" },
  ],
  scopeAliases: { offline_access: "refresh_token" },
  // `full` holds everything but the refresh token.
  scopeImplies: {
    full: ["api", "openid", "id", "profile", "email", "web", "chatter_api", "visualforce"],
    id: ["profile", "email"],
    web: ["visualforce"],
  },
  setup: {
    registerUrl: "https://login.salesforce.com/lightning/setup/ManageExternalClientApplication/home",
    documentationUrl: "https://help.salesforce.com/s/articleView?id=xcloud.external_client_apps.htm",
    pitfalls: [
      "The login host matters: the wrong one of login, test and My Domain fails with invalid_grant.",
      "A person holds five approvals per app: a sixth consent silently ends the oldest refresh token.",
      "A new app takes some minutes until Salesforce knows it everywhere.",
      "The API lies at the instance_url that comes with the token and may change with a refresh.",
      "The organisation's session timeout decides how long a token lives; no answer says it.",
    ],
  },
  samples: [
    {
      name: "the exchange tells where the API is, and no time",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "00Dfake!access1", refresh_token: "5Aepfake-refresh1" },
      },
      means: {
        accessToken: "00Dfake!access1",
        refreshToken: "5Aepfake-refresh1",
        scopes,
        config: learned,
      },
    },
    {
      name: "a refresh without a refresh token may move the API",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "00Dfake!access2",
          instance_url: "https://acme2.my.salesforce.com",
        },
      },
      means: {
        accessToken: "00Dfake!access2",
        scopes,
        config: { instance_url: "https://acme2.my.salesforce.com", id: answered.id },
      },
    },
    {
      name: "with rotation on a refresh brings a new refresh token",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "00Dfake!access3", refresh_token: "5Aepfake-refresh3" },
      },
      means: { accessToken: "00Dfake!access3", refreshToken: "5Aepfake-refresh3", scopes, config: learned },
    },
    {
      name: "an address of the API outside Salesforce is not learned",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "00Dfake!access4",
          instance_url: "https://salesforce.com.evil.example",
        },
      },
      means: { accessToken: "00Dfake!access4", scopes, config: { id: answered.id } },
    },
    {
      name: "an expired or revoked refresh token is a dead grant",
      phase: "refresh",
      given: {
        status: 400,
        body: { error: "invalid_grant", error_description: "expired access/refresh token" },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "an old code is a dead grant",
      phase: "exchange",
      given: {
        status: 400,
        body: { error: "invalid_grant", error_description: "expired authorization code" },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a deactivated person is a dead grant",
      phase: "refresh",
      given: { status: 400, body: { error: "inactive_user", error_description: "user is inactive" } },
      means: { refusal: "invalid_grant", providerError: "inactive_user" },
    },
    {
      name: "a deactivated organisation is a dead grant",
      phase: "refresh",
      given: { status: 400, body: { error: "inactive_org" } },
      means: { refusal: "invalid_grant", providerError: "inactive_org" },
    },
    {
      name: "a refresh beside another refresh passes",
      phase: "refresh",
      given: {
        status: 400,
        body: { error: "invalid_grant", error_description: "token request is already being processed" },
      },
      means: { refusal: "temporarily_unavailable", providerError: "invalid_grant" },
    },
    {
      name: "a refresh outside the hours or networks that an administrator allows passes",
      phase: "refresh",
      given: {
        status: 400,
        body: { error: "invalid_grant", error_description: "ip restricted or invalid login hours" },
      },
      means: { refusal: "temporarily_unavailable", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: {
        status: 400,
        body: { error: "invalid_client", error_description: "invalid client credentials" },
      },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "an unknown client id is the client's fault",
      phase: "exchange",
      given: {
        status: 400,
        body: { error: "invalid_client_id", error_description: "client identifier invalid" },
      },
      means: { refusal: "invalid_client", providerError: "invalid_client_id" },
    },
    {
      name: "too many logins pass",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant", error_description: "login rate exceeded" } },
      means: { refusal: "rate_limited", providerError: "invalid_grant" },
    },
    {
      name: "an error in the shape of the data API is neither a token nor a verdict on the grant",
      phase: "refresh",
      given: { status: 403, body: [{ message: "<not published>", errorCode: "REQUEST_LIMIT_EXCEEDED" }] },
      means: { unreadable: true },
    },
  ],
})
