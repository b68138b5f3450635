/** One try to have a provider forget a token, and what is written down of it. */
import { type RevocationResult, revokeToken, type TokensToRevoke } from "../oauth/revoke-token.ts"
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import type { Revocation, RevocationOutcome } from "../storage/stores.ts"
import { CredentialUnreadable } from "../vault/vault.ts"
import { retryDelayMs } from "./backoff.ts"
import { revocationContext } from "./queue-revocation.ts"

type Dependencies = Pick<Services, "storage" | "vault" | "clock" | "clients" | "protocol" | "log">

/** About a day of tries with growing pauses; after that an operator has to look. */
const maxTries = 300

/** @returns `pending` when the outbox will try again */
export async function settleRevocation(deps: Dependencies, revocation: Revocation): Promise<RevocationOutcome> {
  const result = await tryRevocation(deps, revocation)
  if (result.outcome !== "retry") {
    await deps.storage.revocations.settle(revocation.id, result.outcome, result.detail)
    return result.outcome
  }
  if (revocation.tries + 1 >= maxTries) {
    await deps.storage.revocations.settle(revocation.id, "failed", result.detail)
    return "failed"
  }
  const delayMs = retryDelayMs({ kind: "transient", retryAfterMs: null }, revocation.tries, Math.random())
  await deps.storage.revocations.retryLater(revocation.id, deps.clock.now() + delayMs, result.detail)
  return "pending"
}

async function tryRevocation(deps: Dependencies, revocation: Revocation): Promise<RevocationResult> {
  if (revocation.sealedTokens === null) return { outcome: "failed", detail: "no token is stored" }
  try {
    const tokens = parseTokens(await deps.vault.open(revocationContext(revocation), revocation.sealedTokens))
    const client = await deps.clients.forReference(revocation)
    return await revokeToken(deps.protocol, client, tokens, revocation.config)
  } catch (error) {
    if (error instanceof CredentialUnreadable) return { outcome: "failed", detail: "the stored token cannot be opened" }
    if (error instanceof GrantryError) return { outcome: "failed", detail: error.message }
    throw error
  }
}

function parseTokens(json: string): TokensToRevoke {
  const value = JSON.parse(json) as TokensToRevoke
  return { accessToken: value.accessToken, refreshToken: value.refreshToken }
}
