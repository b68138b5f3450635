/** A refresh token for tokens (RFC 6749 section 6), with the provider's rotation and grace. */
import { authenticateClient } from "./client-authentication.ts"
import { sameConfig } from "./exchange-code.ts"
import type { Grant, Token } from "./grants.ts"
import { endGrant, grantOf, tokensOf } from "./grants.ts"
import type { IssueOrder } from "./issue-tokens.ts"
import { issueTokens } from "./issue-tokens.ts"
import type { OauthClient } from "./oauth-client.ts"
import type { Problem } from "./problems.ts"
import { problem } from "./problems.ts"
import type { Sandbox } from "./sandbox.ts"
import type { IssuedTokens } from "./service-profile.ts"
import type { Service } from "./service.ts"
import { testAccount } from "./test-accounts.ts"
import type { TokenOutcome, TokenRequest } from "./token-outcome.ts"
import { refusedToken } from "./token-outcome.ts"

interface Presented {
  readonly client: OauthClient
  readonly token: Token
  readonly grant: Grant
}

export function refreshTokens(sandbox: Sandbox, service: Service, request: TokenRequest): TokenOutcome {
  const { params, call } = request
  const value = params.get("refresh_token")
  const token = value === undefined ? null : (sandbox.store.tokens.get(value) ?? null)
  const check = { params, withPkce: token?.withPkce === true, ways: service.profile.clientAuth }
  const authenticated = authenticateClient(sandbox, service, call, check)
  if (authenticated.kind === "refused") return refusedToken(authenticated.problem)
  if (value === undefined)
    return refusedToken(problem("missing_parameter", "refresh_token is missing.", "refresh_token"))
  const grant = token && grantOf(sandbox.store, token)
  const account = grant && testAccount(grant.email)
  if (!token || !grant || !account || token.kind !== "refresh" || grant.realm !== service.realm) return dead()
  const presented = { client: authenticated.client, token, grant }
  const wrong =
    refreshProblem(sandbox, service, presented, request) ??
    service.profile.checkRefresh(params, presented.client)
  if (wrong) return refusedToken(wrong)
  const scopes = narrowed(token, params.get("scope"))
  if (!scopes) return refusedToken(problem("invalid_scope", "scope names more than was granted.", "scope"))
  const issued = [renewed(sandbox, service, presented, scopes, request)]
  const { definition } = service
  const facts = {
    phase: "refresh",
    definition,
    client: presented.client,
    account,
    config: token.config,
    issued,
    call,
  } as const
  return { kind: "granted", facts: { ...facts, nowMs: sandbox.clock.now() } }
}

function dead(): TokenOutcome {
  return refusedToken(problem("refresh_token_dead", "The refresh token has expired or was revoked."))
}

function refreshProblem(
  sandbox: Sandbox,
  service: Service,
  { client, token, grant }: Presented,
  { fault, call }: TokenRequest,
): Problem | null {
  if (grant.clientId !== client.clientId) {
    return problem("refresh_token_of_other_client", "The refresh token was given to another client.")
  }
  const now = sandbox.clock.now()
  const expired = (token.expiresAtMs !== null && now >= token.expiresAtMs) || hasLapsed(service, token, now)
  if (token.revoked || expired || fault?.name === "invalid_grant" || !sameConfig(token.config, call.config)) {
    return problem("refresh_token_dead", "The refresh token has expired or was revoked.")
  }
  const graceMs = service.profile.reuseGraceS(client) * 1000
  const reused = token.usedAtMs !== null && now >= token.usedAtMs + graceMs
  if (!reused && fault?.name !== "refresh_reuse") return null
  // RFC 9700 section 4.14.2: a provider that cannot tell thief from owner ends the grant.
  if (fault?.name === "refresh_reuse" || service.profile.reuseEndsGrant(client))
    endGrant(sandbox.store, grant)
  return problem("refresh_token_reused", "The refresh token was used before.")
}

/** Nobody has used it for as long as the provider keeps an idle one. */
function hasLapsed({ definition }: Service, token: Token, nowMs: number): boolean {
  const idleLifetimeS = definition.refresh?.idleLifetimeS ?? null
  return idleLifetimeS !== null && nowMs >= (token.presentedAtMs ?? token.issuedAtMs) + idleLifetimeS * 1000
}

/** RFC 6749 section 6: no scope that was not granted. */
function narrowed(token: Token, scope: string | undefined): readonly string[] | null {
  if (scope === undefined) return token.scopes
  const asked = scope.split(/[ ,]+/).filter((part) => part !== "")
  return asked.every((part) => token.scopes.includes(part)) ? asked : null
}

function renewed(
  sandbox: Sandbox,
  service: Service,
  { client, token, grant }: Presented,
  scopes: readonly string[],
  { fault }: TokenRequest,
): IssuedTokens {
  const { profile } = service
  if (fault?.name === "same_token_on_refresh") {
    const same = sameTokenAgain(sandbox, service, client, token, grant)
    if (same) return same
  }
  if (profile.reuseRepeats && token.usedAtMs !== null) {
    const before = givenBefore(sandbox, service, client, token, grant)
    if (before) return before
  }
  token.presentedAtMs = sandbox.clock.now()
  const rotates = profile.rotates(client, token, sandbox.clock.now()) && fault?.name !== "no_refresh_token"
  if (profile.refreshEndsAccess) endAccessTokens(sandbox, token, grant)
  if (rotates) token.usedAtMs ??= sandbox.clock.now()
  const repeated = profile.echoesRefreshToken && fault?.name !== "no_refresh_token" ? token : null
  const { chain, config, withPkce } = token
  const order: IssueOrder = {
    client,
    grant,
    chain,
    scopes,
    config,
    withPkce,
    refresh: rotates ? "new" : repeated,
  }
  return issueTokens(sandbox, service, order)
}

/** The provider hands out the access token that it gave before, with a new term. */
function sameTokenAgain(
  sandbox: Sandbox,
  service: Service,
  client: OauthClient,
  refresh: Token,
  grant: Grant,
): IssuedTokens | null {
  const access = tokensOf(sandbox.store, grant).findLast(
    (token) => token.kind === "access" && token.chain === refresh.chain && !token.revoked,
  )
  if (!access) return null
  const lifetimeS = service.profile.accessLifetimeS(client)
  access.expiresAtMs = lifetimeS === null ? null : sandbox.clock.now() + lifetimeS * 1000
  sandbox.store.changed()
  const { profile } = service
  const repeats = profile.rotates(client, refresh, sandbox.clock.now()) || profile.echoesRefreshToken
  const answered = repeats ? refresh : null
  return { grant, access, refresh: answered, expiresInS: service.profile.tellsLifetime ? lifetimeS : null }
}

function endAccessTokens(sandbox: Sandbox, refresh: Token, grant: Grant): void {
  for (const token of tokensOf(sandbox.store, grant)) {
    if (token.kind === "access" && token.chain === refresh.chain) token.revoked = true
  }
}

/** The newest pair of the chain, as the first presentation got it. */
function givenBefore(
  sandbox: Sandbox,
  service: Service,
  client: OauthClient,
  presented: Token,
  grant: Grant,
): IssuedTokens | null {
  const chain = tokensOf(sandbox.store, grant).filter(
    (token) =>
      token.chain === presented.chain && !token.revoked && token.issuedAtMs >= (presented.usedAtMs ?? 0),
  )
  const access = chain.findLast((token) => token.kind === "access")
  const refresh = chain.findLast((token) => token.kind === "refresh" && token.value !== presented.value)
  if (!access || !refresh) return null
  return { grant, access, refresh, expiresInS: service.profile.accessLifetimeS(client) }
}
