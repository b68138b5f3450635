/**
 * What the user and the bot entry of Slack share: one app, one token endpoint, one way of telling errors.
 * https://docs.slack.dev/authentication/installing-with-oauth, https://docs.slack.dev/authentication/using-token-rotation
 */
import type { ConnectorInput, LearnedValue, RefusalRule } from "../define.ts"
import type { TokenSample } from "../sample.ts"

type TokenInput = ConnectorInput["token"]

/** The authorization request; the two entries differ in the parameter that carries the scopes. */
export function slackAuthorize(
  own: Pick<ConnectorInput["authorize"], "scopeParam" | "defaultScopes">,
): ConnectorInput["authorize"] {
  return {
    url: "https://slack.com/oauth/v2/authorize",
    scopeSeparator: ",",
    // pkce_not_allowed unless the app has opted in, for good, to being a public client.
    pkce: "rejected",
    ...own,
  }
}

/** The token request and how to read its answer. */
export function slackToken(own: Pick<TokenInput, "answer">): TokenInput {
  return {
    url: "https://slack.com/api/oauth.v2.access",
    // Slack recommends HTTP Basic over fields of the body.
    clientAuth: "basic",
    answerScopeSeparators: [","],
    refusals,
    // With token rotation on, the setting under which tokens expire at all; without it no answer names a time.
    lifetimeS: 43_200,
    ...own,
  }
}

/** Refresh tokens exist while the app's token rotation is on; each is good for one use and a short, unstated while. */
export const slackRefresh = { rotates: true, reuseGraceS: null, optional: true } as const

/**
 * `auth.revoke` ends the presented token. With rotation on every token needs its own call. With rotation off there is
 * one token per installation, which all connections of the same account share, so a revocation must count as the end
 * of the grant: ending a sibling connection is worse than leaving a token that we have destroyed on our side.
 */
export const slackRevocation: NonNullable<ConnectorInput["revocation"]> = {
  url: "https://slack.com/api/auth.revoke",
  body: "none",
  tokenField: null,
  tokens: ["refresh_token", "access_token"],
  presents: "every",
  auth: "bearer",
  ends: "grant",
  alreadyDead: [
    { status: 200, error: "token_revoked" },
    { status: 200, error: "token_expired" },
    { status: 200, error: "invalid_auth" },
    { status: 200, error: "account_inactive" },
  ],
}

/** Slack answers 200 to everything but too many calls; `ok` tells. */
export const slackApi: ConnectorInput["api"] = {
  baseUrls: ["https://slack.com/api"],
  successPath: "ok",
}

/** Values that both entries learn with the token; `team` is null for an organisation-wide installation. */
export const slackLearned: readonly LearnedValue[] = [
  { name: "team_id", path: "team.id" },
  { name: "team_name", path: "team.name" },
  { name: "enterprise_id", path: "enterprise.id" },
  { name: "app_id", path: "app_id" },
  { name: "is_enterprise_install", path: "is_enterprise_install" },
]

/** Where to register and what goes wrong, for both entries. */
export function slackSetup(own: readonly string[]): ConnectorInput["setup"] {
  return {
    registerUrl: "https://api.slack.com/apps",
    documentationUrl: "https://docs.slack.dev/authentication/installing-with-oauth",
    pitfalls: [
      ...own,
      "Redirect URIs must be HTTPS, so local development needs a tunnel or the sandbox.",
      "Token rotation cannot be switched off again once it is on; both settings work.",
      "Leave PKCE off in the app's settings: opting in cannot be undone and turns the app into a public client.",
      "Scopes only add up: to narrow a connection, disconnect it and connect again.",
      "A workspace may demand an administrator's approval, and then the first consent ends without a code.",
    ],
  }
}

/** Slack has error strings of its own: https://docs.slack.dev/reference/methods/oauth.v2.access */
const refusals: readonly RefusalRule[] = [
  { error: "invalid_code", means: "invalid_grant" },
  { error: "code_already_used", means: "invalid_grant" },
  { error: "invalid_refresh_token", means: "invalid_grant" },
  { error: "token_revoked", means: "invalid_grant" },
  { error: "token_expired", means: "invalid_grant" },
  { error: "account_inactive", means: "invalid_grant" },
  { error: "user_removed_from_team", means: "invalid_grant" },
  { error: "org_login_required", means: "interaction_required" },
  { error: "bad_client_secret", means: "invalid_client" },
  { error: "invalid_client_id", means: "invalid_client" },
  { error: "cannot_install_an_org_installed_app", means: "unauthorized_client" },
  { error: "invalid_team_for_non_distributed_app", means: "unauthorized_client" },
  { error: "bad_redirect_uri", means: "invalid_request" },
  { error: "oauth_authorization_url_mismatch", means: "invalid_request" },
  { error: "pkce_not_allowed", means: "invalid_request" },
  { error: "invalid_arguments", means: "invalid_request" },
  { error: "invalid_grant_type", means: "unsupported_grant_type" },
  { error: "no_scopes", means: "invalid_scope" },
  { error: "ratelimited", means: "rate_limited" },
  { error: "accesslimited", means: "temporarily_unavailable" },
  { error: "service_unavailable", means: "temporarily_unavailable" },
  { error: "request_timeout", means: "temporarily_unavailable" },
  { error: "internal_error", means: "temporarily_unavailable" },
  { error: "fatal_error", means: "temporarily_unavailable" },
]

/** Refusals that both entries share. */
export const slackRefusals: readonly TokenSample[] = [
  refused(
    "refresh",
    "invalid_refresh_token",
    "invalid_grant",
    "a used or dead refresh token is a dead grant, told at 200",
  ),
  refused(
    "exchange",
    "invalid_code",
    "invalid_grant",
    "an old, used or garbled code is a dead grant, told at 200",
  ),
  refused("refresh", "account_inactive", "invalid_grant", "a deactivated account is a dead grant"),
  refused(
    "refresh",
    "bad_client_secret",
    "invalid_client",
    "a wrong secret is the client's fault, not the grant's",
  ),
  refused("exchange", "invalid_client_id", "invalid_client", "an unknown client id is the client's fault"),
  refused(
    "exchange",
    "bad_redirect_uri",
    "invalid_request",
    "another redirect URI than at consent is a bad request",
  ),
  refused("refresh", "ratelimited", "rate_limited", "too many calls pass, told at 200"),
  refused("refresh", "internal_error", "temporarily_unavailable", "Slack's own trouble passes, told at 200"),
  refused(
    "refresh",
    "an_error_of_tomorrow",
    null,
    "an error string that nobody knows means nothing for the grant",
  ),
  {
    name: "too many calls pass, told at 429",
    phase: "refresh",
    given: { status: 429, headers: { "retry-after": "30" }, body: { ok: false, error: "ratelimited" } },
    means: { refusal: "rate_limited", providerError: "ratelimited" },
  },
  {
    name: "an answer that is not ok is no grant, even with a token in it and without an error",
    phase: "refresh",
    given: {
      status: 200,
      body: { ok: false, access_token: "xoxe.fake-must-not-be-used", token_type: "user" },
    },
    means: { refusal: null },
  },
]

function refused(
  phase: TokenSample["phase"],
  error: string,
  refusal: RefusalRule["means"] | null,
  name: string,
): TokenSample {
  return {
    name,
    phase,
    given: { status: 200, body: { ok: false, error } },
    means: { refusal, providerError: error },
  }
}
