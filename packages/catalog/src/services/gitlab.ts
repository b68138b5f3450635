/** GitLab, at gitlab.com or on a server that somebody runs: https://docs.gitlab.com/api/oauth2/ */
import { defineConnector } from "../define.ts"

const answered = { token_type: "Bearer", expires_in: 7200, created_at: 1_767_225_600 }

export const gitlab = defineConnector({
  type: "gitlab",
  displayName: "GitLab",
  category: "development",
  description: "Code hosting: repositories, issues, merge requests and pipelines.",
  authorize: {
    url: "https://{hostname}/oauth/authorize",
    pkce: "supported",
    alwaysScopes: ["read_user"],
    defaultScopes: ["read_user"],
  },
  token: {
    url: "https://{hostname}/oauth/token",
    clientAuth: "post",
    // Old self-managed servers answered 401 for a dead grant too; the code tells the two apart.
    lifetimeS: 7200,
  },
  // A refresh ends the refresh token and the access token before at once, and must name the redirect URI of the consent.
  refresh: { rotates: true, reuseGraceS: 0, sendRedirectUri: true },
  revocation: {
    url: "https://{hostname}/oauth/revoke",
    tokens: ["refresh_token", "access_token"],
    auth: "post",
    ends: "token",
  },
  identity: {
    request: {
      method: "GET",
      url: "https://{hostname}/api/v4/user",
      headers: {},
      // Two servers number their people alike.
      id: ["{config.hostname}:{id}"],
      label: ["{username}", "{email}"],
    },
  },
  config: {
    asked: [
      {
        name: "hostname",
        displayName: "GitLab host",
        description: "Name of the GitLab server at which the application is registered.",
        placeholder: "gitlab.example.com",
        required: false,
        default: "gitlab.com",
        // A whole host name whose last part is letters: no port, no address, no single label.
        pattern: "^(?:[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$",
        patternError:
          "Give the server's full host name without https:// and without a port, such as gitlab.example.com.",
        selfHosted: true,
      },
    ],
  },
  api: { baseUrls: ["https://{hostname}/api/v4", "https://{hostname}/api/graphql"] },
  scopes: [
    { scope: "read_user", meaning: "See your profile" },
    { scope: "read_api", meaning: "Read everything that you can see in GitLab" },
    { scope: "api", meaning: "Read and change everything that you can in GitLab" },
    { scope: "read_repository", meaning: "Read the code of your private repositories" },
    { scope: "write_repository", meaning: "Read and change the code of your repositories" },
    { scope: "read_registry", meaning: "Download container images" },
    { scope: "write_registry", meaning: "Upload container images" },
    { scope: "create_runner", meaning: "Register runners" },
    { scope: "k8s_proxy", meaning: "Reach your Kubernetes clusters through GitLab's agent" },
    { scope: "openid", meaning: "Sign you in with GitLab" },
    { scope: "profile", meaning: "See your profile when you sign in" },
    { scope: "email", meaning: "See your email address when you sign in" },
  ],
  scopeImplies: { api: ["read_api", "read_user"], read_api: ["read_user"] },
  setup: {
    registerUrl: "https://gitlab.com/-/user_settings/applications",
    documentationUrl: "https://docs.gitlab.com/integration/oauth_provider/",
    pitfalls: [
      "Tick every scope on the application as well: one that is not ticked there fails at consent.",
      "The secret is shown once and cannot be read again.",
      "A self-managed server has applications of its own: register one there and set the connector's hostname to that server.",
      "The server must be reachable at port 443 with a certificate that this machine trusts; one in a private network must be on the operator's list of allowed private hosts.",
      "A refresh spends the refresh token and ends the access token before it, so never refresh beside Grantry.",
    ],
  },
  samples: [
    {
      name: "an exchange names lifetime and scopes",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "fake-a1", refresh_token: "fake-r1", scope: "read_user api" },
      },
      means: {
        accessToken: "fake-a1",
        refreshToken: "fake-r1",
        expiresInS: 7200,
        scopes: ["read_user", "api"],
      },
    },
    {
      name: "a refresh brings a new refresh token, and perhaps no scopes",
      phase: "refresh",
      given: { status: 200, body: { ...answered, access_token: "fake-a2", refresh_token: "fake-r2" } },
      means: { accessToken: "fake-a2", refreshToken: "fake-r2", expiresInS: 7200 },
    },
    {
      name: "a used refresh token is a dead grant",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a dead grant of an old server is one too, told at 401",
      phase: "refresh",
      given: { status: 401, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 401, body: { error: "invalid_client", error_description: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "too many calls pass, told in plain text",
      phase: "refresh",
      given: { status: 429, headers: { "retry-after": "60" }, body: "Retry later\n" },
      means: { refusal: "rate_limited" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: { status: 429, headers: { "retry-after": "60" }, body: { message: "<not published>" } },
      means: { refusal: "rate_limited" },
    },
  ],
})
