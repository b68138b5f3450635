/**
 * GitHub, for OAuth Apps (tokens that last) and for user tokens of GitHub Apps (tokens that expire).
 * https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps
 */
import { defineConnector } from "../define.ts"
import type { RefusalRule } from "../define.ts"
import type { Dialect } from "../dialect.ts"
import type { TokenSample } from "../sample.ts"

const publicApi = "https://api.github.com"

/**
 * The API of github.com has a host of its own; GitHub Enterprise Cloud with data residency puts `api.` before the
 * company's host, and an Enterprise Server has it below a path:
 * https://docs.github.com/enterprise-server@latest/rest/using-the-rest-api/getting-started-with-the-rest-api
 */
const dialect: Dialect = {
  endpointTemplate: (template, { hostname = "github.com" }) => {
    if (hostname === "github.com" || !template.startsWith(publicApi)) return template
    const own = hostname.endsWith(".ghe.com") ? "https://api.{hostname}" : "https://{hostname}/api/v3"
    return own + template.slice(publicApi.length)
  },
}

// The API answers 403 to requests without a User-Agent.
const apiHeaders = {
  Accept: "application/vnd.github+json",
  "User-Agent": "grantry",
  "X-GitHub-Api-Version": "2022-11-28",
}

/** All of them come at 200: https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors */
const refusals: readonly RefusalRule[] = [
  { error: "bad_verification_code", means: "invalid_grant" },
  { error: "bad_refresh_token", means: "invalid_grant" },
  { error: "incorrect_client_credentials", means: "invalid_client" },
  // A client id that does not exist (seen, not documented).
  { status: 404, means: "invalid_client" },
  { error: "redirect_uri_mismatch", means: "invalid_request" },
  { error: "unverified_user_email", means: "interaction_required" },
  { error: "application_suspended", means: "unauthorized_client" },
]

const refused = (
  phase: TokenSample["phase"],
  error: string,
  refusal: RefusalRule["means"],
  name: string,
): TokenSample => ({
  name,
  phase,
  given: {
    status: 200,
    body: { error, error_description: "<not published>", error_uri: "https://docs.github.com/" },
  },
  means: { refusal, providerError: error },
})

export const github = defineConnector({
  type: "github",
  displayName: "GitHub",
  category: "development",
  description: "Code hosting: repositories, issues and pull requests.",
  authorize: {
    url: "https://{hostname}/login/oauth/authorize",
    // S256 only, since July 2025: https://github.blog/changelog/2025-07-14-pkce-support-for-oauth-and-github-app-authentication
    pkce: "supported",
    // An absent scope parameter silently repeats every scope that this person once gave to the app.
    defaultScopes: ["read:user"],
    loginHintParam: "login",
  },
  token: {
    url: "https://{hostname}/login/oauth/access_token",
    clientAuth: "post",
    // The default answer is form-encoded.
    headers: { Accept: "application/json" },
    // Asked for with spaces, answered with commas.
    answerScopeSeparators: [",", " "],
    refusals,
    // Those of an OAuth App; a GitHub App's live 8 hours and say so.
    lifetimeS: null,
  },
  // For GitHub Apps with expiring tokens: a refresh ends the old refresh token and the old access token at once.
  refresh: { rotates: true, reuseGraceS: 0, optional: true },
  revocation: {
    // …/token ends this token; …/grant would end every token of this person at this app, siblings included.
    url: "https://api.github.com/applications/{client_id}/token",
    method: "DELETE",
    body: "json",
    tokenField: "access_token",
    tokens: ["access_token"],
    auth: "basic",
    headers: apiHeaders,
    ends: "token",
    alreadyDead: [{ status: 404 }],
  },
  identity: {
    request: {
      method: "GET",
      url: "https://api.github.com/user",
      headers: apiHeaders,
      // A login may be renamed and taken by somebody else; the number stays.
      id: ["{id}"],
      label: ["{login}"],
    },
  },
  config: {
    asked: [
      {
        name: "hostname",
        displayName: "GitHub host",
        description: "github.com, or the host of the GitHub Enterprise at which the app is registered.",
        placeholder: "github.example.com",
        required: false,
        default: "github.com",
        pattern: "^(?:[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$",
        patternError:
          "Give the full host name without https:// and without a port, such as github.example.com or acme.ghe.com.",
        selfHosted: true,
      },
    ],
    // Only when a GitHub App is authorized while it is being installed.
    fromCallback: [
      { name: "installation_id", param: "installation_id" },
      { name: "setup_action", param: "setup_action" },
    ],
  },
  api: { baseUrls: ["https://api.github.com", "https://uploads.github.com"], headers: apiHeaders },
  scopes: [
    { scope: "read:user", meaning: "See your profile" },
    { scope: "user:email", meaning: "See your email addresses" },
    { scope: "user", meaning: "See and change your profile" },
    { scope: "repo", meaning: "Read and change all your repositories, private ones included" },
    { scope: "public_repo", meaning: "Read and change your public repositories" },
    { scope: "repo:status", meaning: "Set the status of commits" },
    { scope: "read:org", meaning: "See your organisations and teams" },
    { scope: "write:org", meaning: "See and change your membership of organisations" },
    { scope: "admin:org", meaning: "Manage your organisations, their teams and members" },
    { scope: "workflow", meaning: "Change the workflows of GitHub Actions" },
    { scope: "gist", meaning: "Create and change gists" },
    { scope: "notifications", meaning: "Read your notifications and mark them as read" },
    { scope: "read:repo_hook", meaning: "See the webhooks of your repositories" },
    { scope: "write:repo_hook", meaning: "See and change the webhooks of your repositories" },
    { scope: "admin:repo_hook", meaning: "Manage and delete the webhooks of your repositories" },
    { scope: "read:packages", meaning: "Download packages" },
    { scope: "write:packages", meaning: "Upload packages" },
    { scope: "read:project", meaning: "See your projects" },
    { scope: "project", meaning: "See and change your projects" },
  ],
  // The answer leaves out what a wider scope contains: https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps#normalized-scopes
  scopeImplies: {
    repo: ["public_repo", "repo:status", "repo_deployment", "repo:invite", "security_events"],
    user: ["read:user", "user:email", "user:follow"],
    "admin:org": ["write:org"],
    "write:org": ["read:org"],
    "admin:repo_hook": ["write:repo_hook"],
    "write:repo_hook": ["read:repo_hook"],
    "write:packages": ["read:packages"],
    project: ["read:project"],
  },
  setup: {
    registerUrl: "https://github.com/settings/developers",
    documentationUrl: "https://docs.github.com/apps/oauth-apps/building-oauth-apps/creating-an-oauth-app",
    pitfalls: [
      "An organisation may restrict OAuth Apps: its repositories stay invisible until an owner approves the app.",
      "GitHub Apps ignore scopes; what they may do is set in the app's permissions.",
      "A person holds at most ten tokens per app and set of scopes; an eleventh silently ends the oldest.",
      "A token that nobody uses for a year is removed.",
      "An OAuth App takes one callback URL: register one app per connector.",
      "For GitHub Enterprise register the app there and set the connector's hostname to that host; its API is at https://HOST/api/v3, or at https://api.HOST for hosts below ghe.com.",
      "An Enterprise Server must be reachable at port 443 with a certificate that this machine trusts; one in a private network must be on the operator's list of allowed private hosts.",
    ],
  },
  dialect,
  samples: [
    {
      name: "an OAuth App's token lasts and its scopes are joined by commas",
      phase: "exchange",
      given: { status: 200, body: { access_token: "gho_fake1", token_type: "bearer", scope: "repo,gist" } },
      means: { accessToken: "gho_fake1", scopes: ["repo", "gist"] },
    },
    {
      name: "a form-encoded answer is read like JSON",
      phase: "exchange",
      given: { status: 200, body: "access_token=gho_fake2&scope=repo%2Cgist&token_type=bearer" },
      means: { accessToken: "gho_fake2", scopes: ["repo", "gist"] },
    },
    {
      name: "a GitHub App's token expires, has a refresh token and no scopes",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          access_token: "ghu_fake1",
          expires_in: 28_800,
          refresh_token: "ghr_fake1",
          refresh_token_expires_in: 15_897_600,
          scope: "",
          token_type: "bearer",
        },
      },
      means: { accessToken: "ghu_fake1", refreshToken: "ghr_fake1", expiresInS: 28_800 },
    },
    {
      name: "a refresh brings a new refresh token, and numbers as text when it is form-encoded",
      phase: "refresh",
      given: {
        status: 200,
        body: "access_token=ghu_fake2&expires_in=28800&refresh_token=ghr_fake2&refresh_token_expires_in=15897600&scope=&token_type=bearer",
      },
      means: { accessToken: "ghu_fake2", refreshToken: "ghr_fake2", expiresInS: 28_800 },
    },
    refused(
      "exchange",
      "bad_verification_code",
      "invalid_grant",
      "a wrong or old code is a dead grant, told at 200",
    ),
    refused(
      "refresh",
      "bad_refresh_token",
      "invalid_grant",
      "a used refresh token is a dead grant, told at 200",
    ),
    refused(
      "refresh",
      "incorrect_client_credentials",
      "invalid_client",
      "a wrong secret is the client's fault, told at 200",
    ),
    refused(
      "exchange",
      "redirect_uri_mismatch",
      "invalid_request",
      "another redirect URI is a bad request, told at 200",
    ),
    refused(
      "exchange",
      "unverified_user_email",
      "interaction_required",
      "an unverified address asks for the person",
    ),
    {
      name: "a form-encoded refusal is read like JSON",
      phase: "exchange",
      given: {
        status: 200,
        body: "error=bad_verification_code&error_description=The+code+passed+is+incorrect+or+expired.",
      },
      means: { refusal: "invalid_grant", providerError: "bad_verification_code" },
    },
    {
      name: "an unknown client id is the client's fault, told at 404",
      phase: "exchange",
      given: { status: 404, body: { error: "Not Found" } },
      means: { refusal: "invalid_client", providerError: "Not Found" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: { status: 429, headers: { "retry-after": "60" }, body: { message: "<not published>" } },
      means: { refusal: "rate_limited" },
    },
    {
      name: "a page of HTML during an outage is neither a token nor a verdict on the grant",
      phase: "refresh",
      given: { status: 502, body: "<html><body>Bad gateway</body></html>" },
      means: { refusal: "temporarily_unavailable" },
    },
  ],
})
