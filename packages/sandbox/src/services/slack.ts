/** Slack: https://docs.slack.dev/authentication/installing-with-oauth and /using-token-rotation */
import { randomBytes, randomInt } from "node:crypto"
import type { ConnectorDefinition } from "@grantry/catalog"
import type { OauthClient } from "../oauth-client.ts"
import { settingNumber, switchedOn } from "../oauth-client.ts"
import type { Parameters } from "../parameters.ts"
import type { Problem, ProblemKind } from "../problems.ts"
import { problem } from "../problems.ts"
import type { Reply } from "../reply.ts"
import { jsonReply } from "../reply.ts"
import type {
  AskedPart,
  AuthorizationRefusal,
  Bearer,
  IssuedTokens,
  ServiceProfile,
  TokenAnswerFacts,
} from "../service-profile.ts"
import { apiFacts } from "../standard-answers.ts"
import { splitScopes } from "../standard-profile.ts"
import type { TestAccount } from "../test-accounts.ts"
import { paddedNumber } from "../test-accounts.ts"

export function slackProfile(standard: ServiceProfile, definition: ConnectorDefinition): ServiceProfile {
  const lifetimeS = definition.token.lifetimeS ?? 43_200
  return {
    ...standard,
    clientAuth: ["basic", "post"],
    secretOptionalWithPkce: (client) => switchedOn(client, "pkce"),
    grantTypeOptional: true,
    responseTypeOptional: true,
    pkce: (client) => (switchedOn(client, "pkce") ? "supported" : "rejected"),
    settings: { ...standard.settings, ...settings(lifetimeS) },
    plausibleScope: (scope) => /^[a-z_]+([.:][a-z_]+)+$/.test(scope),
    scopesAccumulate: true,
    askedParts,
    checkAuthorization,
    authorizationRefusal,
    callbackParams: () => ({}),
    mint,
    subject,
    accessLifetimeS: (client) =>
      switchedOn(client, "rotation") ? settingNumber(client, "access_token_lifetime_s") : null,
    // Refresh tokens of a client that opted in to PKCE live 30 days.
    refreshLifetimeS: (client) =>
      settingNumber(client, "refresh_token_lifetime_s") ?? (switchedOn(client, "pkce") ? 2_592_000 : null),
    givesRefreshToken: ({ client }) => switchedOn(client, "rotation"),
    // With rotation an installation has two live access tokens at most.
    maxAccessTokens: (client) => (switchedOn(client, "rotation") ? 2 : null),
    tokenAnswer,
    tokenProblem,
    revocationEnds,
    revocationAnswer: () => jsonReply(200, { ok: true, revoked: true }),
    revocationProblem: apiProblem,
    bearerCaseSensitive: true,
    identityMethods: ["GET", "POST"],
    identity,
    apiAnswer: (bearer, call) =>
      jsonReply(200, { ok: true, ...apiFacts(bearer, call.url.pathname) }, "ok", scopesHeader(bearer)),
    apiProblem,
  }
}

function settings(lifetimeS: number): ServiceProfile["settings"] {
  return {
    access_token_lifetime_s: {
      initial: lifetimeS,
      kind: "seconds",
      meaning: "life of an access token with rotation",
    },
    rotation: {
      initial: true,
      kind: "switch",
      meaning: "token rotation: tokens expire and come with refresh tokens",
    },
    pkce: { initial: false, kind: "switch", meaning: "the app opted in to PKCE, which cannot be undone" },
  }
}

/** `scope` asks for a bot, `user_scope` for the person; one request may ask for both. */
function askedParts(params: Parameters): AskedPart[] {
  const parts = [
    { part: "bot", scopes: splitScopes(params.get("scope") ?? "", ",") },
    { part: "user", scopes: splitScopes(params.get("user_scope") ?? "", ",") },
  ]
  return parts.filter((part) => part.scopes.length > 0)
}

function checkAuthorization(params: Parameters): Problem | null {
  return askedParts(params).length > 0 ? null : problem("invalid_scope", "No scopes requested.", "scope")
}

const pageErrors: { readonly [kind in ProblemKind]?: string } = {
  unknown_client: "invalid_client_id",
  missing_parameter: "invalid_client_id",
  redirect_uri_missing: "bad_redirect_uri",
  redirect_uri_invalid: "bad_redirect_uri",
  redirect_uri_mismatch: "bad_redirect_uri",
  invalid_scope: "invalid_scope",
  pkce_not_allowed: "pkce_not_allowed",
}

function authorizationRefusal(found: Problem): AuthorizationRefusal {
  if (found.kind === "access_denied")
    return { shownOn: "callback", error: "access_denied", description: null }
  return { shownOn: "page", error: pageErrors[found.kind] ?? "invalid_arguments", description: found.detail }
}

function mint(kind: "code" | "access" | "refresh", part: string, client: OauthClient): string {
  const secret = randomBytes(24).toString("hex")
  if (kind === "code") return `${randomInt(1e12)}.${randomInt(1e12)}.${secret}`
  if (kind === "refresh") return `xoxe-1-${secret}`
  const prefix = part === "bot" ? "xoxb" : "xoxp"
  return switchedOn(client, "rotation") ? `xoxe.${prefix}-1-${secret}` : `${prefix}-${secret}`
}

interface Team {
  readonly id: string
  readonly name: string
  readonly domain: string
}

/** Ada and Grace share a workspace, so that a second person can meet the bot that the first installed. */
function teamOf(account: TestAccount): Team {
  return account.number <= 2
    ? { id: "T0SANDBOX1", name: "Example Workspace", domain: "example-workspace" }
    : { id: "T0SANDBOX2", name: "Other Workspace", domain: "other-workspace" }
}

function userId(account: TestAccount): string {
  return `U0SANDBOX${paddedNumber(account, 2)}`
}

function botUserId(account: TestAccount): string {
  return `U0${teamOf(account).id.slice(2)}BOT`
}

/** A bot belongs to its workspace, whoever installed it. */
function subject(account: TestAccount, part: string): string {
  return part === "bot" ? teamOf(account).id : `${teamOf(account).id}/${userId(account)}`
}

const application = { app_id: "A0SANDBOX1", enterprise: null, is_enterprise_install: false } as const

/** Nested on exchange; flat on refresh, where one token is renewed at a time. */
function tokenAnswer(facts: TokenAnswerFacts): Reply {
  const { account, issued } = facts
  const team = { id: teamOf(account).id, name: teamOf(account).name }
  const bot = issued.find(({ grant }) => grant.part === "bot")
  const user = issued.find(({ grant }) => grant.part === "user")
  const botFields = bot ? { ...tokenFields(bot, "bot"), bot_user_id: botUserId(account) } : {}
  if (facts.phase === "refresh") {
    const userFields = user ? { ...tokenFields(user, "user"), user_id: userId(account) } : {}
    return jsonReply(200, { ok: true, ...application, ...botFields, ...userFields, team })
  }
  const authedUser = { id: userId(account), ...(user ? tokenFields(user, "user") : {}) }
  return jsonReply(200, { ok: true, ...application, authed_user: authedUser, ...botFields, team })
}

function tokenFields(issued: IssuedTokens, tokenType: "bot" | "user"): Readonly<Record<string, unknown>> {
  const { access, refresh, expiresInS } = issued
  return {
    access_token: access.value,
    ...(expiresInS === null ? {} : { expires_in: expiresInS }),
    ...(refresh ? { refresh_token: refresh.value } : {}),
    token_type: tokenType,
    scope: access.scopes.join(","),
  }
}

const tokenErrors: { readonly [kind in ProblemKind]?: string } = {
  unknown_client: "invalid_client_id",
  wrong_client_authentication: "invalid_client_id",
  wrong_secret: "bad_client_secret",
  code_unknown: "invalid_code",
  code_expired: "invalid_code",
  code_used: "invalid_code",
  code_of_other_client: "invalid_code",
  redirect_uri_mismatch: "bad_redirect_uri",
  unsupported_grant_type: "invalid_grant_type",
  refresh_token_dead: "invalid_refresh_token",
  refresh_token_reused: "invalid_refresh_token",
  refresh_token_of_other_client: "invalid_refresh_token",
  invalid_scope: "invalid_scope",
  pkce_verifier_missing: "invalid_code_verifier",
  pkce_verifier_wrong: "invalid_code_verifier",
  pkce_verifier_unexpected: "pkce_not_allowed",
}

function tokenProblem(found: Problem): Reply {
  const told = statusProblem(found)
  return (
    told ?? jsonReply(200, { ok: false, error: tokenErrors[found.kind] ?? "invalid_arguments" }, found.kind)
  )
}

/** Failures come with status 200, except for these. */
function statusProblem(found: Problem): Reply | null {
  if (found.kind === "rate_limited") {
    return jsonReply(429, { ok: false, error: "ratelimited" }, found.kind, { "retry-after": "30" })
  }
  return found.kind === "server_error"
    ? jsonReply(503, { ok: false, error: "service_unavailable" }, found.kind)
    : null
}

/** With rotation one token ends; without it the authorization does. */
function revocationEnds(client: OauthClient): "grant" | "presented" {
  return switchedOn(client, "rotation") ? "presented" : "grant"
}

const apiErrors: { readonly [kind in ProblemKind]?: string } = {
  token_missing: "not_authed",
  token_unknown: "invalid_auth",
  token_expired: "token_expired",
  token_revoked: "token_revoked",
}

function apiProblem(found: Problem): Reply {
  return (
    statusProblem(found) ??
    jsonReply(200, { ok: false, error: apiErrors[found.kind] ?? "invalid_arguments" }, found.kind)
  )
}

function identity(bearer: Bearer): Reply {
  const { account, grant } = bearer
  const team = teamOf(account)
  const whose =
    grant.part === "bot"
      ? { user: "sandboxbot", user_id: botUserId(account), bot_id: `B0${team.id.slice(2)}` }
      : { user: account.givenName.toLowerCase(), user_id: userId(account) }
  const body = {
    ok: true,
    url: `https://${team.domain}.slack.com/`,
    team: team.name,
    team_id: team.id,
    ...whose,
  }
  return jsonReply(200, body, "ok", scopesHeader(bearer))
}

function scopesHeader(bearer: Bearer): Record<string, string> {
  return { "x-oauth-scopes": bearer.token.scopes.join(",") }
}
