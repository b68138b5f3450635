/** Wrike: https://developers.wrike.com/oauth-20-authorization/ */
import { defineConnector } from "../define.ts"

const answered = { token_type: "bearer", host: "app-eu.wrike.com", expires_in: 3600 }
const learned = { host: "app-eu.wrike.com" }

export const wrike = defineConnector({
  type: "wrike",
  displayName: "Wrike",
  category: "projects",
  description: "Tasks, folders and projects of a team.",
  authorize: {
    url: "https://login.wrike.com/oauth2/authorize/v4",
    scopeSeparator: ",",
    pkce: "ignored",
    defaultScopes: ["Default", "wsReadWrite"],
  },
  token: {
    url: "https://login.wrike.com/oauth2/token",
    clientAuth: "post",
    // The API's own errors hold errorDescription.
    errorDescriptionPaths: ["error_description", "errorDescription"],
    answerScopeSeparators: [",", " "],
    refusals: [{ error: "rate_limit_exceeded", means: "rate_limited" }],
    lifetimeS: 3600,
  },
  // A refresh ends the old refresh token and the old access token at once.
  refresh: { rotates: true, reuseGraceS: 0 },
  revocation: null,
  identity: {
    request: {
      method: "GET",
      url: "https://{host}/api/v4/contacts?me=true",
      headers: {},
      id: ["{data.0.id}"],
      label: [
        "{data.0.profiles.0.email}",
        "{data.0.primaryEmail}",
        "{data.0.firstName} {data.0.lastName}",
        "{data.0.firstName}",
      ],
    },
  },
  config: {
    // Every account lives in one data centre, and only the token answer says in which.
    fromToken: [{ name: "host", path: "host", isHost: true, hostSuffixes: ["wrike.com"] }],
  },
  api: { baseUrls: ["https://{host}/api/v4"] },
  scopes: [
    { scope: "Default", meaning: "Do what the app is set up for in Wrike" },
    { scope: "wsReadOnly", meaning: "See your tasks, folders and projects" },
    { scope: "wsReadWrite", meaning: "See and change your tasks, folders and projects" },
    { scope: "amReadOnlyUser", meaning: "See the users of your account" },
    { scope: "amReadWriteUser", meaning: "See and change the users of your account" },
    { scope: "amReadOnlyGroup", meaning: "See the groups of your account" },
    { scope: "amReadWriteGroup", meaning: "See and change the groups of your account" },
    { scope: "amReadOnlyInvitation", meaning: "See the invitations to your account" },
    { scope: "amReadWriteInvitation", meaning: "See and change the invitations to your account" },
    { scope: "amReadOnlyWorkflow", meaning: "See the workflows of your account" },
    { scope: "amReadWriteWorkflow", meaning: "See and change the workflows of your account" },
    { scope: "dataExportFull", meaning: "Export the data of your whole account" },
  ],
  scopeImplies: {
    wsReadWrite: ["wsReadOnly"],
    amReadWriteUser: ["amReadOnlyUser"],
    amReadWriteGroup: ["amReadOnlyGroup"],
    amReadWriteInvitation: ["amReadOnlyInvitation"],
    amReadWriteWorkflow: ["amReadOnlyWorkflow"],
  },
  setup: {
    registerUrl: "https://developers.wrike.com/getting-started/",
    documentationUrl: "https://developers.wrike.com/oauth-20-authorization/",
    pitfalls: [
      "The API lies at the host that comes with the token, one per data centre: read it from the connection's config, since calls elsewhere fail and it can change with a refresh.",
      "Scopes are case sensitive and joined by commas; what was granted is never reported back.",
      "A refresh ends the old access token at once: fetch the token for every piece of work instead of keeping it.",
      "Refresh nowhere but here: a used refresh token ends the connection.",
      "The body of an API call that changes something is form-encoded.",
    ],
  },
  samples: [
    {
      name: "the exchange tells the account's host, and no scopes",
      phase: "exchange",
      given: {
        status: 200,
        body: { ...answered, access_token: "eyJ.fake1.access", refresh_token: "fakeWrikeRefresh1-N" },
      },
      means: {
        accessToken: "eyJ.fake1.access",
        refreshToken: "fakeWrikeRefresh1-N",
        expiresInS: 3600,
        config: learned,
      },
    },
    {
      name: "a lifetime may come as text",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          expires_in: "3600",
          access_token: "eyJ.fake2.access",
          refresh_token: "fakeWrikeRefresh2-N",
        },
      },
      means: {
        accessToken: "eyJ.fake2.access",
        refreshToken: "fakeWrikeRefresh2-N",
        expiresInS: 3600,
        config: learned,
      },
    },
    {
      name: "a refresh rotates, and tells when the account has moved to another data centre",
      phase: "refresh",
      given: {
        status: 200,
        body: {
          ...answered,
          host: "app-us2.wrike.com",
          access_token: "eyJ.fake3.access",
          refresh_token: "fakeWrikeRefresh3-N",
        },
      },
      means: {
        accessToken: "eyJ.fake3.access",
        refreshToken: "fakeWrikeRefresh3-N",
        expiresInS: 3600,
        config: { host: "app-us2.wrike.com" },
      },
    },
    {
      name: "a host outside Wrike is not learned",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          host: "wrike.com.evil.example",
          access_token: "eyJ.fake4.access",
          refresh_token: "fakeWrikeRefresh4-N",
        },
      },
      means: { accessToken: "eyJ.fake4.access", refreshToken: "fakeWrikeRefresh4-N", expiresInS: 3600 },
    },
    {
      name: "a used refresh token is a dead grant",
      phase: "refresh",
      given: { status: 400, body: { error: "invalid_grant", error_description: "<not published>" } },
      means: { refusal: "invalid_grant", providerError: "invalid_grant" },
    },
    {
      name: "a wrong secret is the client's fault",
      phase: "refresh",
      given: { status: 401, body: { error: "invalid_client", error_description: "<not published>" } },
      means: { refusal: "invalid_client", providerError: "invalid_client" },
    },
    {
      name: "too many calls pass, at whatever status",
      phase: "refresh",
      given: { status: 400, body: { errorDescription: "<not published>", error: "rate_limit_exceeded" } },
      means: { refusal: "rate_limited", providerError: "rate_limit_exceeded" },
    },
    {
      name: "too many calls pass, told at 429",
      phase: "refresh",
      given: { status: 429, body: "" },
      means: { refusal: "rate_limited" },
    },
  ],
})
