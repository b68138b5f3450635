/** Typeform, in its three data centres: https://www.typeform.com/developers/get-started/applications/ */
import { defineConnector } from "../define.ts"
import type { Dialect, WireAnswer } from "../dialect.ts"
import { isJsonObject } from "../json.ts"

const answered = { expires_in: 604_800, scope: "offline accounts:read forms:read", token_type: "bearer" }
const scopes = ["offline", "accounts:read", "forms:read"]

/** Thirty years in seconds: above it the number counts from 1970. */
const longestLifeS = 1e9

/** `expires_in` has been called a moment: https://github.com/Typeform/js-api-client/issues/53 */
function expiryAsMoment(answer: WireAnswer): WireAnswer {
  if (!isJsonObject(answer.body)) return answer
  const { expires_in: value, ...body } = answer.body
  return Number(value) > longestLifeS ? { ...answer, body: { ...body, expires_at: value } } : answer
}

const dialect: Dialect = { tokenAnswer: (answer) => expiryAsMoment(answer) }

export const typeform = defineConnector({
  type: "typeform",
  displayName: "Typeform",
  category: "marketing",
  description: "Online forms and their answers.",
  authorize: {
    url: "https://{auth_host}/oauth/authorize",
    pkce: "ignored",
    // Without offline no refresh token comes; accounts:read names the account.
    alwaysScopes: ["offline", "accounts:read"],
    defaultScopes: ["forms:read", "responses:read"],
  },
  token: {
    url: "https://{auth_host}/oauth/token",
    clientAuth: "post",
    answer: { expiresAt: ["expires_at"] },
    // The rest of the API names its errors in `code` and `description`; which of the two comes is not published.
    errorPaths: ["error", "code"],
    errorDescriptionPaths: ["error_description", "description"],
    refusals: [{ error: "TOO_MANY_REQUESTS", means: "rate_limited" }],
    // A week unless the app says otherwise.
    lifetimeS: 604_800,
  },
  refresh: { rotates: true, reuseGraceS: 0, sendScopes: true },
  revocation: null,
  identity: {
    request: {
      method: "GET",
      url: "https://{api_host}/me",
      headers: {},
      id: ["{user_id}", "{email}", "{alias}"],
      label: ["{email}", "{alias}"],
    },
  },
  config: {
    asked: [
      {
        name: "api_host",
        displayName: "Data centre",
        description:
          "Where the account keeps its forms: api.typeform.com suits most, api.eu.typeform.com and api.typeform.eu are for accounts in Europe.",
        placeholder: "api.typeform.com",
        required: false,
        default: "api.typeform.com",
        pattern: "^api\\.(?:typeform\\.com|eu\\.typeform\\.com|typeform\\.eu)$",
        patternError: "Give api.typeform.com, api.eu.typeform.com or api.typeform.eu.",
        hostSuffixes: ["api.typeform.com", "api.eu.typeform.com", "api.typeform.eu"],
      },
      {
        name: "auth_host",
        displayName: "Sign-in server",
        description:
          "Where people of this account sign in: api.typeform.eu if that is the data centre, else api.typeform.com.",
        placeholder: "api.typeform.com",
        required: false,
        default: "api.typeform.com",
        pattern: "^api\\.typeform\\.(?:com|eu)$",
        patternError: "Give api.typeform.com or api.typeform.eu.",
        hostSuffixes: ["api.typeform.com", "api.typeform.eu"],
      },
    ],
  },
  api: { baseUrls: ["https://{api_host}"] },
  scopes: [
    { scope: "offline", meaning: "Stay connected while you are away" },
    { scope: "accounts:read", meaning: "See your name and email address" },
    { scope: "forms:read", meaning: "Read your forms" },
    { scope: "forms:write", meaning: "Create, change and delete forms" },
    { scope: "responses:read", meaning: "Read the answers to your forms" },
    { scope: "responses:write", meaning: "Delete answers to your forms" },
    { scope: "webhooks:read", meaning: "See the webhooks of your forms" },
    { scope: "webhooks:write", meaning: "Create, change and delete webhooks" },
    { scope: "workspaces:read", meaning: "See your workspaces" },
    { scope: "workspaces:write", meaning: "Create, change and delete workspaces" },
    { scope: "themes:read", meaning: "See your themes" },
    { scope: "images:read", meaning: "See your images" },
  ],
  setup: {
    registerUrl: "https://www.typeform.com/developers/get-started/applications/",
    documentationUrl: "https://www.typeform.com/developers/get-started/applications/",
    pitfalls: [
      "The client secret is shown once, when the app is made.",
      "An account in Europe needs its own host: the wrong one fails to sign in or shows no forms.",
      "api.typeform.eu has apps and tokens of its own: register one there and set both api_host and auth_host.",
      "Two requests a second for a whole account, however many tokens it has.",
      "There is no way to revoke a token by a call: people remove the app in their account's settings.",
    ],
  },
  dialect,
  samples: [
    {
      name: "an exchange with offline brings a refresh token",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "tfp_fake1", refresh_token: "fake-refresh-1" },
      },
      means: { accessToken: "tfp_fake1", refreshToken: "fake-refresh-1", expiresInS: 604_800, scopes },
    },
    {
      name: "a lifetime that could only be a moment is one",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "tfp_fake2",
          refresh_token: "fake-refresh-2",
          expires_in: 1_767_830_400,
        },
      },
      means: {
        accessToken: "tfp_fake2",
        refreshToken: "fake-refresh-2",
        expiresAt: "2026-01-08T00:00:00.000Z",
        scopes,
      },
    },
    {
      name: "a refresh rotates",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "tfp_fake3", refresh_token: "fake-refresh-3" },
      },
      means: { accessToken: "tfp_fake3", refreshToken: "fake-refresh-3", expiresInS: 604_800, scopes },
    },
    {
      name: "a used refresh token is a dead grant",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a dead grant in the envelope of the API is a dead grant",
      phase: "refresh",
      given: { status: 400, body: { code: "invalid_grant", description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret, or one of another data centre, is the client's fault",
      phase: "refresh",
      given: { status: 401, body: { error: "invalid_client", error_description: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "an error of the API says nothing of the grant",
      phase: "refresh",
      given: { status: 403, body: { code: "AUTHENTICATION_FAILED", description: "<not published>" } },
      means: { refusal: null, providerError: "AUTHENTICATION_FAILED" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: { status: 429, body: { code: "TOO_MANY_REQUESTS", description: "<not published>" } },
      means: { refusal: "rate_limited", providerError: "TOO_MANY_REQUESTS" },
    },
  ],
})
