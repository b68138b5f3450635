/** A code for tokens (RFC 6749 section 4.1.3), once. */
import { authenticateClient } from "./client-authentication.ts"
import type { Code, CodePart } from "./grants.ts"
import { endChain, giveGrant, newId } from "./grants.ts"
import { issueTokens } from "./issue-tokens.ts"
import type { OauthClient } from "./oauth-client.ts"
import type { Parameters } from "./parameters.ts"
import type { Problem } from "./problems.ts"
import { problem } from "./problems.ts"
import type { Sandbox } from "./sandbox.ts"
import type { IssuedTokens } from "./service-profile.ts"
import type { Service } from "./service.ts"
import { testAccount } from "./test-accounts.ts"
import type { TestAccount } from "./test-accounts.ts"
import type { TokenOutcome, TokenRequest } from "./token-outcome.ts"
import { refusedToken } from "./token-outcome.ts"

export function exchangeCode(sandbox: Sandbox, service: Service, request: TokenRequest): TokenOutcome {
  const { params, call } = request
  const code = knownCode(sandbox, service, params.get("code"))
  const check = {
    params,
    withPkce: code?.challenge !== null && code !== null,
    ways: service.profile.clientAuth,
  }
  const authenticated = authenticateClient(sandbox, service, call, check)
  if (authenticated.kind === "refused") return refusedToken(authenticated.problem)
  const { client } = authenticated
  if (!params.has("code")) return refusedToken(problem("missing_parameter", "code is missing.", "code"))
  const account = code && testAccount(code.email)
  if (!code || !account) return refusedToken(problem("code_unknown", "The code is not known."))
  const wrong = codeProblem(sandbox, service, client, code, request) ?? verifierProblem(code, params, service)
  if (wrong) return refusedToken(wrong)
  const issued = spendCode(sandbox, service, { client, code, account, request })
  const { definition } = service
  const facts = { phase: "exchange", definition, client, account, config: code.config, issued, call } as const
  return { kind: "granted", facts: { ...facts, nowMs: sandbox.clock.now() } }
}

function knownCode(sandbox: Sandbox, service: Service, value: string | undefined): Code | null {
  const code = value === undefined ? undefined : sandbox.store.codes.get(value)
  return code?.realm === service.realm ? code : null
}

function codeProblem(
  sandbox: Sandbox,
  service: Service,
  client: OauthClient,
  code: Code,
  { params, call }: TokenRequest,
): Problem | null {
  if (code.clientId !== client.clientId)
    return problem("code_of_other_client", "The code was given to another client.")
  if (code.usedFor !== null) {
    if (service.profile.codeReuseRevokes) revokeWhatItGave(sandbox, code, code.usedFor)
    return problem("code_used", "The code was used before.")
  }
  if (sandbox.clock.now() >= code.expiresAtMs) return problem("code_expired", "The code has expired.")
  const redirectUri = params.get("redirect_uri")
  const leftOut = redirectUri === undefined && service.profile.redirectUriOptional
  if (redirectUri !== code.redirectUri && !leftOut) {
    return problem(
      "redirect_uri_mismatch",
      "redirect_uri differs from the one of the authorization request.",
      "redirect_uri",
    )
  }
  return sameConfig(code.config, call.config)
    ? null
    : problem("code_unknown", "The code was given at another host.")
}

/** RFC 6749 section 4.1.2: tokens based on a code that comes twice should be revoked. */
function revokeWhatItGave(sandbox: Sandbox, code: Code, chain: string): void {
  for (const grant of sandbox.store.grants.values()) {
    if (grant.clientId === code.clientId) endChain(sandbox.store, grant, chain)
  }
}

export function sameConfig(
  one: Readonly<Record<string, string>>,
  other: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(one).every(([name, value]) => !Object.hasOwn(other, name) || other[name] === value)
}

/** RFC 7636 section 4.6; a verifier without a challenge is a downgrade (RFC 9700 section 4.8.2). */
function verifierProblem(code: Code, params: Parameters, service: Service): Problem | null {
  const verifier = params.get("code_verifier")
  if (!code.challenge) {
    const sent = verifier !== undefined && service.definition.authorize.pkce !== "ignored"
    return sent
      ? problem("pkce_verifier_unexpected", "code_verifier was sent without a code_challenge before.")
      : null
  }
  if (verifier === undefined)
    return problem("pkce_verifier_missing", "code_verifier is missing.", "code_verifier")
  const digest = service.profile.pkceDigest(verifier)
  const wellFormed = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier)
  const fits = (code.challenge.method === "plain" ? verifier : digest) === code.challenge.value
  return wellFormed && fits
    ? null
    : problem("pkce_verifier_wrong", "code_verifier does not fit the code_challenge.")
}

interface Spending {
  readonly client: OauthClient
  readonly code: Code
  readonly account: TestAccount
  readonly request: TokenRequest
}

function spendCode(sandbox: Sandbox, service: Service, spending: Spending): IssuedTokens[] {
  const chain = newId("chain")
  spending.code.usedFor = chain
  return spending.code.parts.map((part) => spendPart(sandbox, service, spending, part, chain))
}

function spendPart(
  sandbox: Sandbox,
  service: Service,
  spending: Spending,
  part: CodePart,
  chain: string,
): IssuedTokens {
  const { client, code, account, request } = spending
  const subject = service.profile.subject(account, part.part)
  const owner = { ...code, clientId: client.clientId, part: part.part, subject }
  const given = request.fault?.name === "partial_scopes" ? firstHalf(part.scopes) : part.scopes
  const grant = giveGrant(sandbox.store, owner, given, sandbox.clock.now())
  const scopes = service.profile.scopesAccumulate ? grant.scopes : given
  const withRefresh = part.withRefreshToken && request.fault?.name !== "no_refresh_token"
  const refresh = withRefresh ? "new" : null
  const { config } = code
  return issueTokens(sandbox, service, {
    client,
    grant,
    chain,
    scopes,
    config,
    withPkce: code.challenge !== null,
    refresh,
  })
}

function firstHalf(scopes: readonly string[]): readonly string[] {
  return scopes.slice(0, Math.ceil(scopes.length / 2))
}
