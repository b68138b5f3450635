/** Token revocation (RFC 7009), in each provider's own form. */
import { firstTextAt, type RevocationFacts, revocationOutcome, type WireAnswer } from "@grantry/catalog"
import { OutboundError } from "../outbound/outbound.ts"
import { hideSecrets } from "./known-secrets.ts"
import type { TokenTrouble } from "./outcome.ts"
import { type ProtocolClient, sendToProvider } from "./protocol-client.ts"
import { scrubProviderText } from "./provider-text.ts"
import { refreshGrant, type TokenRequestContext } from "./request-token.ts"
import { revocationRequest } from "./revocation-request.ts"

export interface TokensToRevoke {
  readonly accessToken: string | null
  readonly refreshToken: string | null
  /** When the access token dies; null or absent: not known. */
  readonly accessExpiresAt?: number | null
}

export type RevocationResult =
  | { readonly outcome: "revoked" | "unsupported"; readonly detail: string | null }
  | { readonly outcome: "failed"; readonly detail: string }
  /** `tokens`: what to present next time, where this try came by others. */
  | { readonly outcome: "retry"; readonly detail: string; readonly tokens?: TokensToRevoke }

/**
 * Presents the tokens that the service wants to see; never throws for what a provider does.
 *
 * @throws ConfigValueError when the connection's config values lead nowhere
 */
export async function revokeToken(
  protocol: ProtocolClient,
  context: TokenRequestContext,
  tokens: TokensToRevoke,
): Promise<RevocationResult> {
  const facts = context.client.definition.revocation
  if (!facts) return { outcome: "unsupported", detail: "the service has no way to revoke a token" }
  try {
    if (!isKnownDead(facts, tokens, protocol.now())) {
      const result = await presentAll(protocol, context, facts, tokens)
      // Its time was not known, or the clocks disagree about it.
      if (result.outcome !== "failed" || !canRefresh(facts, tokens)) return result
    }
    return await refreshThenPresent(protocol, context, facts, tokens)
  } catch (error) {
    if (error instanceof OutboundError) return { outcome: "retry", detail: error.message }
    throw error
  }
}

function canRefresh(facts: RevocationFacts, tokens: TokensToRevoke): boolean {
  return facts.requiresLiveToken && tokens.refreshToken !== null
}

/** The service takes living access tokens only, and the one at hand is none. */
function isKnownDead(facts: RevocationFacts, tokens: TokensToRevoke, now: number): boolean {
  if (!canRefresh(facts, tokens)) return false
  const { accessToken, accessExpiresAt } = tokens
  return accessToken === null || (typeof accessExpiresAt === "number" && accessExpiresAt <= now)
}

/** The connection is gone already, so that nobody else refreshes; what rotated is kept for the next try. */
async function refreshThenPresent(
  protocol: ProtocolClient,
  context: TokenRequestContext,
  facts: RevocationFacts,
  tokens: TokensToRevoke,
): Promise<RevocationResult> {
  const outcome = await refreshGrant(protocol, context, tokens.refreshToken ?? "")
  if (outcome.kind !== "ok") return judgeRefusedRefresh(outcome)
  const { accessToken, expiresInS, refreshToken } = outcome.grant
  const renewed: TokensToRevoke = {
    accessToken,
    refreshToken: refreshToken ?? tokens.refreshToken,
    accessExpiresAt: expiresInS === null ? null : protocol.now() + expiresInS * 1000,
  }
  try {
    const result = await presentAll(protocol, context, facts, renewed)
    return result.outcome === "retry" ? { ...result, tokens: renewed } : result
  } catch (error) {
    if (error instanceof OutboundError) return { outcome: "retry", detail: error.message, tokens: renewed }
    throw error
  }
}

function judgeRefusedRefresh({ kind, message }: TokenTrouble): RevocationResult {
  switch (kind) {
    case "grant_dead":
      return { outcome: "revoked", detail: "the provider had ended the grant already" }
    case "interaction_required":
      return {
        outcome: "failed",
        detail: `the provider wants a living access token and refused to give one (${message})`,
      }
    case "client_misconfigured":
    case "rate_limited":
    case "transient":
    case "malformed":
      return { outcome: "retry", detail: message }
  }
}

function tokensAtHand(facts: RevocationFacts, tokens: TokensToRevoke): readonly string[] {
  const byKind = facts.tokens.map((kind) =>
    kind === "refresh_token" ? tokens.refreshToken : tokens.accessToken,
  )
  return byKind.filter((token) => token !== null)
}

async function presentAll(
  protocol: ProtocolClient,
  context: TokenRequestContext,
  facts: RevocationFacts,
  tokens: TokensToRevoke,
): Promise<RevocationResult> {
  const atHand = tokensAtHand(facts, tokens)
  if (atHand.length === 0)
    return { outcome: "failed", detail: "no token of the kind that the service revokes was stored" }
  const results: Exclude<RevocationResult, { outcome: "retry" }>[] = []
  for (const token of facts.presents === "every" ? atHand : atHand.slice(0, 1)) {
    const result = judge(
      context,
      await sendToProvider(protocol, context.client, revocationRequest(context, facts, token)),
      token,
    )
    if (result.outcome === "retry") return result
    results.push(result)
  }
  return worstOf(results)
}

/** A refusal counts more than an end; that one token died just now more than that another was dead before. */
function worstOf(results: readonly Exclude<RevocationResult, { outcome: "retry" }>[]): RevocationResult {
  const refused = results.find(({ outcome }) => outcome === "failed")
  return (
    refused ?? {
      outcome: "revoked",
      detail: results.some(({ detail }) => detail === null) ? null : alreadyDead,
    }
  )
}

const alreadyDead = "the provider had forgotten it already"

function judge({ client }: TokenRequestContext, answer: WireAnswer, token: string): RevocationResult {
  const { errorDescriptionPaths, errorPaths } = client.definition.token
  const said = [firstTextAt(answer.body, errorPaths), firstTextAt(answer.body, errorDescriptionPaths)]
  const words = [`HTTP ${answer.status}`, ...said.filter((word) => word !== undefined)].join(": ")
  const detail = scrubProviderText(hideSecrets(words, [token, client.clientSecret]), 200)
  switch (revocationOutcome(client.definition, answer)) {
    case "ended":
      return { outcome: "revoked", detail: null }
    case "already_dead":
      return { outcome: "revoked", detail: alreadyDead }
    case "try_later":
      return { outcome: "retry", detail }
    case "refused":
      return { outcome: "failed", detail }
  }
}
