/** Calendly: https://developer.calendly.com/docs/authentication/ */
import { defineConnector } from "../define.ts"

const owner = "https://api.calendly.com/users/FAKEUSER00000001"
const organization = "https://api.calendly.com/organizations/FAKEORG000000001"
const answered = {
  token_type: "Bearer",
  created_at: 1_767_225_600,
  expires_in: 7200,
  owner,
  organization,
}
const told = { expiresInS: 7200, config: { owner, organization } } as const

/** A scope to write holds the one to read. */
const families = ["organizations", "event_types", "scheduled_events", "availability", "contacts"] as const
const writeHoldsRead = Object.fromEntries(families.map((name) => [`${name}:write`, [`${name}:read`]]))

const scopes = [
  { scope: "users:read", meaning: "See your profile" },
  { scope: "organizations:read", meaning: "See your organisation, its members and invitations" },
  { scope: "organizations:write", meaning: "Invite and remove members of your organisation" },
  { scope: "event_types:read", meaning: "See your event types and when they can be booked" },
  { scope: "event_types:write", meaning: "Create and change event types" },
  { scope: "scheduled_events:read", meaning: "See booked events and who is invited" },
  { scope: "scheduled_events:write", meaning: "Book and cancel events, and mark people who did not come" },
  { scope: "availability:read", meaning: "See your schedules and when you are busy" },
  { scope: "availability:write", meaning: "Change when you can be booked" },
  { scope: "locations:read", meaning: "See the meeting places that you set up" },
  { scope: "scheduling_links:write", meaning: "Make booking links that work once" },
  { scope: "webhooks:write", meaning: "See, create and delete webhook subscriptions" },
  { scope: "contacts:read", meaning: "See your contacts" },
  { scope: "contacts:write", meaning: "Create, change and delete contacts" },
]

export const calendly = defineConnector({
  type: "calendly",
  displayName: "Calendly",
  category: "calendar",
  description: "Booking pages and scheduled meetings.",
  authorize: {
    url: "https://auth.calendly.com/oauth/authorize",
    pkce: "supported",
    // Not always asked for: apps from before March 2026 know no scope but `default`, and the token names the account.
    defaultScopes: ["users:read", "event_types:read", "scheduled_events:read"],
  },
  token: {
    url: "https://auth.calendly.com/oauth/token",
    clientAuth: "basic",
    lifetimeS: 7200,
  },
  // https://developer.calendly.com/refresh-token-rotation-guide: used once, gone at once.
  refresh: { rotates: true, reuseGraceS: 0 },
  revocation: {
    url: "https://auth.calendly.com/oauth/revoke",
    tokens: ["refresh_token", "access_token"],
    auth: "post",
    ends: "token",
  },
  identity: {
    request: {
      method: "GET",
      url: "https://api.calendly.com/users/me",
      headers: {},
      // The token names the person too, for apps that may not read the profile.
      id: ["{resource.uri}", "{config.owner}"],
      label: ["{resource.email}", "{resource.name}"],
    },
  },
  config: {
    fromToken: [
      { name: "owner", path: "owner" },
      { name: "organization", path: "organization" },
    ],
    fromIdentity: [
      { name: "owner", path: "resource.uri" },
      { name: "organization", path: "resource.current_organization" },
    ],
  },
  api: { baseUrls: ["https://api.calendly.com"] },
  scopes: [
    ...scopes,
    {
      scope: "default",
      meaning: "Do everything that you can do in Calendly, for apps from before March 2026",
    },
  ],
  scopeImplies: { ...writeHoldsRead, default: scopes.map(({ scope }) => scope) },
  setup: {
    registerUrl: "https://developer.calendly.com/console/apps",
    documentationUrl: "https://developer.calendly.com/docs/authentication/scopes",
    pitfalls: [
      "An app made since March 2026 may do nothing without scopes: choose them in the app and in the connector.",
      "An app from before March 2026 has no such scopes: give its connector the one scope default.",
      "Calendly names people and organisations by whole URLs: pass owner and organization of connectionConfig as they are.",
      "Webhook subscriptions need the read scope of what they tell of besides webhooks:write.",
      "Sandbox and production are separate apps, and production takes https redirect URIs only.",
      "A person gets eight tokens a minute at most, refreshes included.",
    ],
  },
  samples: [
    {
      name: "an exchange names the person and the organisation by their URLs",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "eyJ.fake1.sig",
          refresh_token: "fake-refresh-1",
          scope: "users:read event_types:read",
        },
      },
      means: {
        accessToken: "eyJ.fake1.sig",
        refreshToken: "fake-refresh-1",
        scopes: ["users:read", "event_types:read"],
        ...told,
      },
    },
    {
      name: "an old app gets the one scope that it knows",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...answered,
          access_token: "eyJ.fake2.sig",
          refresh_token: "fake-refresh-2",
          scope: "default",
        },
      },
      means: { accessToken: "eyJ.fake2.sig", refreshToken: "fake-refresh-2", scopes: ["default"], ...told },
    },
    {
      name: "a refresh rotates, and may leave out the scopes",
      phase: "refresh",
      given: {
        status: 200,
        body: { ...answered, access_token: "eyJ.fake3.sig", refresh_token: "fake-refresh-3" },
      },
      means: { accessToken: "eyJ.fake3.sig", refreshToken: "fake-refresh-3", ...told },
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
      name: "a scope that the app does not have is a bad request",
      phase: "exchange",
      given: { status: 400, body: { error: "invalid_scope", error_description: "<not published>" } },
      means: { refusal: "invalid_scope", providerError: "invalid_scope" },
    },
    {
      name: "more than eight tokens a minute pass",
      phase: "refresh",
      given: {
        status: 429,
        headers: { "x-ratelimit-reset": "60" },
        body: { title: "<not published>", message: "<not published>" },
      },
      means: { refusal: "rate_limited" },
    },
  ],
})
