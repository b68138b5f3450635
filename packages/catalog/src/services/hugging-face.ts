/** Hugging Face: https://huggingface.co/docs/hub/oauth */
import { defineConnector } from "../define.ts"

const answered = {
  token_type: "bearer",
  expires_in: 28_800,
  id_token: "eyJ.fake.sig",
  scope: "openid profile",
}
const told = { expiresInS: 28_800, scopes: ["openid", "profile"] }

export const huggingFace = defineConnector({
  type: "hugging_face",
  displayName: "Hugging Face",
  category: "development",
  description: "Models, datasets, Spaces and hosted inference.",
  authorize: {
    url: "https://huggingface.co/oauth/authorize",
    pkce: "supported",
    // Both for the endpoint that names the account.
    alwaysScopes: ["openid", "profile"],
    defaultScopes: ["openid", "profile"],
  },
  token: {
    url: "https://huggingface.co/oauth/token",
    clientAuth: "basic",
    // Eight hours unless the app says otherwise.
    lifetimeS: 28_800,
  },
  // The discovery document lists the grant; no page of the documentation does, so it may well bring no refresh token.
  refresh: { rotates: "sometimes", reuseGraceS: null, optional: true },
  revocation: null,
  identity: {
    request: {
      method: "GET",
      url: "https://huggingface.co/oauth/userinfo",
      headers: {},
      id: ["{sub}"],
      label: ["{preferred_username}", "{name}"],
    },
  },
  api: { baseUrls: ["https://huggingface.co/api", "https://router.huggingface.co/v1"] },
  scopes: [
    { scope: "openid", meaning: "Sign you in with Hugging Face" },
    { scope: "profile", meaning: "See your user name and avatar" },
    { scope: "email", meaning: "See your email address" },
    { scope: "read-repos", meaning: "Read your repositories" },
    { scope: "write-repos", meaning: "Read and change your repositories" },
    { scope: "manage-repos", meaning: "Read, change, create and delete your repositories" },
    { scope: "contribute-repos", meaning: "Create repositories and use those that the app created" },
    { scope: "inference-api", meaning: "Run inference in your name, at your cost" },
    { scope: "write-discussions", meaning: "Open discussions and pull requests in your name" },
    { scope: "read-billing", meaning: "See whether you have set up a payment method" },
    { scope: "jobs", meaning: "Run jobs in your name" },
    { scope: "read-mcp", meaning: "Use the MCP server in your name" },
  ],
  scopeImplies: { "manage-repos": ["write-repos"], "write-repos": ["read-repos"] },
  setup: {
    registerUrl: "https://huggingface.co/settings/applications/new",
    documentationUrl: "https://huggingface.co/docs/hub/oauth",
    pitfalls: [
      "A refresh token may never come: people then connect again when the token ends, after eight hours unless the app says otherwise.",
      "Give the app as long a token life as you can live with, in its settings.",
      "Make a confidential app with a secret; a public one cannot be used here.",
      "People pick the organisations while they consent; what is not picked stays invisible.",
      "An organisation with single sign-on or multi-factor sign-in is listed as pending until the person has passed it.",
      "There is no way to revoke a token by a call: people remove the app in their account's settings.",
    ],
  },
  samples: [
    {
      name: "an exchange brings an id token, and perhaps a refresh token",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "hf_oauth_fake1", refresh_token: "hf_oauth_fakeR1" },
      },
      means: { accessToken: "hf_oauth_fake1", refreshToken: "hf_oauth_fakeR1", ...told },
    },
    {
      name: "an exchange without a refresh token is a grant all the same",
      phase: "exchange",
      given: { status: 200, body: { ...answered, access_token: "hf_oauth_fake2" } },
      means: { accessToken: "hf_oauth_fake2", ...told },
    },
    {
      name: "a refresh may rotate",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "hf_oauth_fake3", refresh_token: "hf_oauth_fakeR3" },
      },
      means: { accessToken: "hf_oauth_fake3", refreshToken: "hf_oauth_fakeR3", ...told },
    },
    {
      name: "a refresh may bring no refresh token",
      phase: "refresh",
      given: { status: 200, body: { ...answered, access_token: "hf_oauth_fake4" } },
      means: { accessToken: "hf_oauth_fake4", ...told },
    },
    {
      name: "a dead refresh token is a dead grant",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_client", error_description: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: {
        status: 429,
        headers: { ratelimit: '"api";r=0;t=120' },
        body: { error: "<not published>" },
      },
      means: { refusal: "rate_limited", providerError: "<not published>" },
    },
  ],
})
