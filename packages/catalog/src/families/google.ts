/**
 * What every Google service shares: one authorization server, one account, one identity endpoint.
 * https://developers.google.com/identity/protocols/oauth2/web-server
 */
import type { ConnectorInput, ScopeFact } from "../define.ts"
import type { TokenSample } from "../sample.ts"

/** What differs between two Google services as far as OAuth goes. */
export interface GoogleService {
  /** Scopes of the service itself; those that name the account are added. */
  readonly scopes: readonly ScopeFact[]
  /** What most apps need of it; asked for when a connector names no scopes. */
  readonly defaultScopes: readonly string[]
  readonly documentationUrl: string
  /** What goes wrong with this service besides what goes wrong with all of them. */
  readonly pitfalls: readonly string[]
}

const email = "https://www.googleapis.com/auth/userinfo.email"
const profile = "https://www.googleapis.com/auth/userinfo.profile"

/** Files of any kind live in Drive: the services for one kind list, share and delete theirs through its API. */
export const googleDriveScopes: readonly ScopeFact[] = [
  {
    scope: "https://www.googleapis.com/auth/drive.file",
    meaning: "See and change only the Drive files that this app made or that you opened with it",
  },
  {
    scope: "https://www.googleapis.com/auth/drive.readonly",
    meaning: "See and download all your Drive files",
  },
  {
    scope: "https://www.googleapis.com/auth/drive",
    meaning: "See, change, create and delete all your Drive files",
  },
]

/** The part of an entry that is the same for every Google service. */
export function google(
  service: GoogleService,
): Pick<
  ConnectorInput,
  | "family"
  | "authorize"
  | "token"
  | "refresh"
  | "revocation"
  | "identity"
  | "scopes"
  | "scopeAliases"
  | "setup"
  | "samples"
> {
  return {
    family: "google",
    authorize: { ...authorize, defaultScopes: service.defaultScopes },
    token,
    // A refresh token is used again and again; the answer to a refresh never holds a new one.
    // Six months without use end it.
    refresh: { rotates: false, reuseGraceS: null, idleLifetimeS: 180 * 86_400 },
    revocation,
    identity,
    scopes: [...service.scopes, ...identityScopes],
    // Asked for by their short names, they come back by their long ones.
    scopeAliases: { email, profile },
    setup: {
      registerUrl: "https://console.cloud.google.com/auth/clients",
      documentationUrl: service.documentationUrl,
      pitfalls: [...service.pitfalls, ...pitfalls],
    },
    samples: googleSamples(service.scopes[0]?.scope ?? email),
  }
}

const authorize: ConnectorInput["authorize"] = {
  url: "https://accounts.google.com/o/oauth2/v2/auth",
  // Without access_type=offline there is no refresh token; without prompt=consent there is none on a reconnect.
  // include_granted_scopes stays away: a combined token holds more than was asked, and revoking it ends its siblings.
  extraParams: { access_type: "offline", prompt: "consent" },
  pkce: "supported",
  alwaysScopes: ["openid", email],
  issuer: "https://accounts.google.com",
  loginHintParam: "login_hint",
}

const token: ConnectorInput["token"] = {
  url: "https://oauth2.googleapis.com/token",
  clientAuth: "post",
  lifetimeS: 3599,
  errorPaths: ["error", "error.status"],
  errorDescriptionPaths: ["error_description", "error.message"],
  refusals: [
    // The organisation's session length ran out: consent stands, the person has to sign in again.
    { error: "invalid_grant", subtype: "invalid_rapt", means: "interaction_required" },
    { error: "invalid_grant", subtype: "rapt_required", means: "interaction_required" },
    { error: "invalid_grant", descriptionIncludes: "invalid_rapt", means: "interaction_required" },
    { error: "admin_policy_enforced", means: "interaction_required" },
    { error: "deleted_client", means: "invalid_client" },
    { error: "disabled_client", means: "invalid_client" },
    { error: "rate_limit_exceeded", means: "rate_limited" },
    { error: "RESOURCE_EXHAUSTED", means: "rate_limited" },
    { error: "internal_failure", means: "temporarily_unavailable" },
  ],
}

const revocation: ConnectorInput["revocation"] = {
  url: "https://oauth2.googleapis.com/revoke",
  tokens: ["refresh_token", "access_token"],
  auth: "none",
  // The whole grant of this account at this project goes, whichever token is presented.
  ends: "grant",
  alreadyDead: [{ status: 400, error: "invalid_token" }],
}

const identity: ConnectorInput["identity"] = {
  request: {
    method: "GET",
    url: "https://openidconnect.googleapis.com/v1/userinfo",
    headers: {},
    id: ["{sub}"],
    label: ["{email}", "{name}"],
  },
}

const identityScopes: readonly ScopeFact[] = [
  { scope: "openid", meaning: "Know which Google account you connected" },
  { scope: email, meaning: "See the email address of your Google account" },
  { scope: profile, meaning: "See your name and picture" },
]

const pitfalls: readonly string[] = [
  "While the consent screen is External and in Testing, refresh tokens die after 7 days: publish it, or make it Internal.",
  "Enable the API in the Cloud project that owns the client, or every call fails with 403 although the connection works.",
  "The redirect URI must match to the letter: scheme, case and trailing slash included.",
  "One account holds at most 100 live refresh tokens per client; each further consent silently ends the oldest.",
  "A client that asks for no token during six months is deleted by Google, and every connection on it with it.",
  "An unverified app that asks for sensitive scopes shows a warning and stops at 100 users.",
  "People can untick single scopes and are connected all the same: missing_scopes names what a call will lack.",
  "Several APIs answer 403 with the reason rateLimitExceeded or userRateLimitExceeded where others answer 429, and no header tells how long to wait.",
  "Revoking ends everything that an account granted to the Cloud project, so disconnecting keeps the grant while another Google connection of that account uses the same client.",
]

/** Token answers as Google sends them, with one scope of the service. */
function googleSamples(scope: string): readonly TokenSample[] {
  // Google answers in its own order, and with the long names.
  const granted = `${scope} ${email} openid`
  const scopes = [scope, email, "openid"]
  const token = { token_type: "Bearer", expires_in: 3599 }
  return [
    {
      name: "the first consent brings a refresh token and says what was granted",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...token,
          access_token: "ya29.fake-access-1",
          refresh_token: "1//0gfake-refresh-1",
          scope: granted,
        },
      },
      means: {
        accessToken: "ya29.fake-access-1",
        refreshToken: "1//0gfake-refresh-1",
        expiresInS: 3599,
        scopes,
      },
    },
    {
      name: "a person who unticked the service's scope is still connected, without it",
      phase: "exchange",
      given: {
        status: 200,
        body: {
          ...token,
          access_token: "ya29.fake-access-2",
          refresh_token: "1//0gfake-refresh-2",
          scope: `openid ${email}`,
        },
      },
      means: {
        accessToken: "ya29.fake-access-2",
        refreshToken: "1//0gfake-refresh-2",
        expiresInS: 3599,
        scopes: ["openid", email],
      },
    },
    {
      name: "a refresh brings no refresh token",
      phase: "refresh",
      given: { status: 200, body: { ...token, access_token: "ya29.fake-access-3", scope: granted } },
      means: { accessToken: "ya29.fake-access-3", expiresInS: 3599, scopes },
    },
    ...googleRefusals,
  ]
}

const googleRefusals: readonly TokenSample[] = [
  {
    name: "a revoked or expired refresh token is a dead grant",
    phase: "refresh",
    given: {
      status: 400,
      body: { error: "invalid_grant", error_description: "Token has been expired or revoked." },
    },
    means: { refusal: "invalid_grant", providerError: "invalid_grant" },
  },
  {
    name: "a code that was used before is a dead grant",
    phase: "exchange",
    given: { status: 400, body: { error: "invalid_grant", error_description: "Bad Request" } },
    means: { refusal: "invalid_grant", providerError: "invalid_grant" },
  },
  {
    name: "the end of an organisation's session asks for a new sign-in, told by the subtype alone",
    phase: "refresh",
    given: {
      status: 400,
      body: {
        error: "invalid_grant",
        error_description: "reauth related error (invalid_rapt)",
        error_subtype: "invalid_rapt",
      },
    },
    means: { refusal: "interaction_required", providerError: "invalid_grant" },
  },
  {
    name: "an administrator's ban asks for interaction",
    phase: "refresh",
    given: { status: 400, body: { error: "admin_policy_enforced" } },
    means: { refusal: "interaction_required", providerError: "admin_policy_enforced" },
  },
  {
    name: "an unknown client or a wrong secret is the client's fault",
    phase: "refresh",
    given: {
      status: 401,
      body: { error: "invalid_client", error_description: "The OAuth client was not found." },
    },
    means: { refusal: "invalid_client", providerError: "invalid_client" },
  },
  {
    name: "a deleted client is the client's fault",
    phase: "refresh",
    given: {
      status: 401,
      body: { error: "deleted_client", error_description: "The OAuth client was deleted." },
    },
    means: { refusal: "invalid_client", providerError: "deleted_client" },
  },
  {
    name: "too many calls are told at 403 as well",
    phase: "refresh",
    given: { status: 403, body: { error: "rate_limit_exceeded" } },
    means: { refusal: "rate_limited", providerError: "rate_limit_exceeded" },
  },
  {
    name: "an error in the shape of Google's APIs is read too",
    phase: "refresh",
    given: {
      status: 429,
      body: { error: { code: 429, message: "Quota exceeded.", status: "RESOURCE_EXHAUSTED" } },
    },
    means: { refusal: "rate_limited", providerError: "RESOURCE_EXHAUSTED" },
  },
  {
    name: "an internal failure passes",
    phase: "refresh",
    given: { status: 500, body: { error: "internal_failure" } },
    means: { refusal: "temporarily_unavailable", providerError: "internal_failure" },
  },
]
