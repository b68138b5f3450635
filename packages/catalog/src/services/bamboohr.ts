/** BambooHR: https://documentation.bamboohr.com/docs/getting-started */
import { defineConnector } from "../define.ts"
import type { WireAnswer } from "../dialect.ts"
import { idTokenClaims } from "../id-token.ts"
import { isJsonObject } from "../json.ts"

// Without it the API answers in XML.
const json = { Accept: "application/json" }

/** Adds the claims of the ID token, which is what names the person: the API's own word takes a further scope. */
function tokenAnswer(answer: WireAnswer): WireAnswer {
  const { body } = answer
  if (!isJsonObject(body)) return answer
  const { sub, email } = idTokenClaims(body["id_token"]) ?? {}
  return { ...answer, body: { ...body, id_token_claims: { sub, email } } }
}

const answered = {
  expires_in: 3600,
  token_type: "Bearer",
  scope: "openid email offline_access employee",
  companyDomain: "acme",
}

const scopes = ["openid", "email", "offline_access", "employee"]
const learned = { companyDomain: "acme" }

/** {"sub":"123","email":"ada@example.com"} */
const idToken = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjMiLCJlbWFpbCI6ImFkYUBleGFtcGxlLmNvbSJ9.fake"

export const bamboohr = defineConnector({
  type: "bamboohr",
  displayName: "BambooHR",
  category: "people",
  description: "HR records of a company: employees, time off and hiring.",
  authorize: {
    url: "https://{subdomain}.bamboohr.com/authorize.php",
    extraParams: { request: "authorize" },
    pkce: "ignored",
    // Without offline_access no refresh token comes; openid and email put the person into the ID token.
    alwaysScopes: ["openid", "email", "offline_access"],
    defaultScopes: ["employee"],
  },
  token: {
    url: "https://{subdomain}.bamboohr.com/token.php?request=token",
    body: "json",
    clientAuth: "post",
    headers: json,
    // The words of an error are not published.
    errorDescriptionPaths: ["error_description", "message"],
    lifetimeS: 3600,
  },
  // Whether it rotates is not published either. The published clients differ on redirect_uri; sending it is safe.
  refresh: { rotates: "sometimes", reuseGraceS: null, sendRedirectUri: true },
  revocation: null,
  identity: {
    fromToken: {
      id: ["{config.subdomain}:{id_token_claims.sub}", "{companyDomain}:{id_token_claims.sub}"],
      label: ["{id_token_claims.email}", "{companyDomain}", "{config.subdomain}"],
    },
    request: {
      method: "GET",
      // Employee 0 is whoever the token belongs to; it takes a scope for employees' fields.
      url: "https://{subdomain}.bamboohr.com/api/v1/employees/0?fields=firstName,lastName,workEmail",
      headers: json,
      id: ["{config.subdomain}:{id}", "{config.subdomain}"],
      label: ["{workEmail}", "{firstName} {lastName}", "{config.subdomain}"],
    },
  },
  config: {
    asked: [
      {
        name: "subdomain",
        displayName: "Company domain",
        description: "The first part of the address at which your company opens BambooHR.",
        placeholder: "acme",
        pattern: "^[a-z0-9](?:[a-z0-9\\-]{0,61}[a-z0-9])?$",
        patternError: 'Give the part before ".bamboohr.com" alone, such as acme.',
        hostSuffixes: ["bamboohr.com"],
      },
    ],
    fromToken: [{ name: "companyDomain", path: "companyDomain" }],
  },
  api: {
    baseUrls: [
      "https://{subdomain}.bamboohr.com/api/v1",
      "https://api.bamboohr.com/api/gateway.php/{subdomain}/v1",
    ],
    headers: json,
  },
  scopes: [
    { scope: "openid", meaning: "Know which BambooHR account you connected" },
    { scope: "email", meaning: "See your email address" },
    { scope: "offline_access", meaning: "Stay connected while you are away" },
    { scope: "employee", meaning: "See the basic fields of employees that you may see" },
    { scope: "employee_directory", meaning: "See the staff directory" },
    { scope: "employee:name", meaning: "See the names of employees" },
    { scope: "employee:contact", meaning: "See the contact details of employees" },
    { scope: "employee:job", meaning: "See the jobs of employees" },
    { scope: "employee:photo", meaning: "See the photos of employees" },
    { scope: "company:info", meaning: "See the details of your company" },
    { scope: "webhooks.write", meaning: "Manage webhooks" },
  ],
  setup: {
    registerUrl: "https://developers.bamboohr.com/",
    documentationUrl: "https://documentation.bamboohr.com/docs/getting-started",
    pitfalls: [
      "Assign every scope to the app in the developer portal before asking for it, offline_access included: without it a connection ends after an hour.",
      "The redirect URI is compared byte for byte: case and a slash at the end count.",
      "The API answers in XML unless the header Accept asks for JSON.",
      "A token sees what the person who connected may see: fields that are missing from an answer are no error.",
      "The developer portal lists some two hundred scopes; those here are the common ones, and any other may be asked for.",
    ],
  },
  dialect: { tokenAnswer },
  samples: [
    {
      name: "the exchange tells the company, and its ID token the person",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "fake-access-1",
          refresh_token: "fake-refresh-1",
          id_token: idToken,
        },
      },
      means: {
        accessToken: "fake-access-1",
        refreshToken: "fake-refresh-1",
        expiresInS: 3600,
        scopes,
        config: learned,
        account: { id: "acme:123", label: "ada@example.com" },
      },
    },
    {
      name: "an ID token that nobody can read is no reason to refuse the grant",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "fake-access-2",
          refresh_token: "fake-refresh-2",
          id_token: "a.b.c",
        },
      },
      means: {
        accessToken: "fake-access-2",
        refreshToken: "fake-refresh-2",
        expiresInS: 3600,
        scopes,
        config: learned,
      },
    },
    {
      name: "without offline_access there is no refresh token",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, scope: "openid email employee", access_token: "fake-access-3" },
      },
      means: {
        accessToken: "fake-access-3",
        expiresInS: 3600,
        scopes: ["openid", "email", "employee"],
        config: learned,
      },
    },
    {
      name: "a refresh may bring a new refresh token",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "fake-access-4", refresh_token: "fake-refresh-4" },
      },
      means: {
        accessToken: "fake-access-4",
        refreshToken: "fake-refresh-4",
        expiresInS: 3600,
        scopes,
        config: learned,
      },
    },
    {
      name: "a refresh may leave the refresh token as it is",
      phase: "refresh",
      given: { status: 200, body: { access_token: "fake-access-5", expires_in: 3600, token_type: "Bearer" } },
      means: { accessToken: "fake-access-5", expiresInS: 3600 },
    },
    {
      name: "a revoked refresh token is a dead grant",
      phase: "refresh",
      given: {
        status: 400,
        body: { error: "invalid_grant", error_description: "Invalid refresh token" },
      },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_client" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "too many calls pass",
      phase: "refresh",
      given: { status: 429, headers: { "retry-after": "30" }, body: "" },
      means: { refusal: "rate_limited" },
    },
    {
      name: "a busy service passes, whatever the body says",
      phase: "refresh",
      given: { status: 503, headers: { "retry-after": "30" }, body: { error: "invalid_grant" } },
      means: { refusal: "temporarily_unavailable", providerError: "invalid_grant" },
    },
  ],
})
