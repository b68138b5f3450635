/** One try to have a provider forget tokens, and what is written down of it. */
import { ConfigValueError } from "@grantry/catalog"
import { GrantryError } from "../errors.ts"
import { type RevocationResult, revokeToken, type TokensToRevoke } from "../oauth/revoke-token.ts"
import type { OAuthClient } from "../oauth/oauth-client.ts"
import type { Services } from "../services.ts"
import type { Revocation, RevocationOutcome } from "../storage/stores/revocations.ts"
import { CredentialUnreadable } from "../vault/vault.ts"
import { retryDelayMs } from "./backoff.ts"
import { type ClientReference, redirectUri } from "./oauth-clients.ts"
import { openRevocation, sealRevocation, type SealedRevocation } from "./queue-revocation.ts"

export type RevocationDependencies = Pick<
  Services,
  | "storage"
  | "quarantine"
  | "vault"
  | "clock"
  | "clients"
  | "protocol"
  | "log"
  | "catalog"
  | "config"
  | "metrics"
>

/** `kept_shared`: another live connection hangs on the same grant, which therefore stays. */
export type SettledOutcome = RevocationOutcome | "kept_shared"

type TryResult = RevocationResult | { readonly outcome: "kept_shared"; readonly detail: string }

/** About a day of tries with growing pauses; after that an operator has to look. */
const maxTries = 300

/** Longest time that one try takes: a refresh, and a request for each of two tokens; then some for the database. */
export function revocationHoldMs(
  config: Pick<RevocationDependencies["config"], "providerTimeoutMs">,
): number {
  return config.providerTimeoutMs * 3 + 15_000
}

/**
 * @returns `pending` when the outbox will try again
 * @throws StorageUnavailable when the outcome could not be written; the outbox comes back to it
 */
export async function settleRevocation(
  deps: RevocationDependencies,
  revocation: Revocation,
): Promise<SettledOutcome> {
  // What the original may still use must not end.
  if (deps.quarantine.active) return "pending"
  const settled = await settle(deps, revocation, await tryRevocation(deps, revocation))
  deps.metrics.revocationTried(settled)
  return settled
}

async function settle(
  deps: RevocationDependencies,
  revocation: Revocation,
  result: TryResult,
): Promise<SettledOutcome> {
  switch (result.outcome) {
    case "retry":
      return retryLater(deps, revocation, result)
    case "kept_shared":
      await deps.storage.revocations.settle(revocation.id, "unsupported", result.detail)
      return "kept_shared"
    default:
      await deps.storage.revocations.settle(revocation.id, result.outcome, result.detail)
      return result.outcome
  }
}

async function retryLater(
  deps: RevocationDependencies,
  revocation: Revocation,
  { detail, tokens }: Extract<RevocationResult, { outcome: "retry" }>,
): Promise<RevocationOutcome> {
  if (revocation.tries + 1 >= maxTries) {
    await deps.storage.revocations.settle(revocation.id, "failed", detail)
    return "failed"
  }
  const delayMs = retryDelayMs({ kind: "transient", retryAfterMs: null }, revocation.tries, Math.random())
  const renewed = tokens && (await sealRenewed(deps, revocation, tokens))
  await deps.storage.revocations.retryLater(revocation.id, deps.clock.now() + delayMs, detail, renewed)
  return "pending"
}

/** A refresh on the way may have used up the refresh token that was stored. */
async function sealRenewed(
  deps: RevocationDependencies,
  revocation: Revocation,
  tokens: TokensToRevoke,
): Promise<Uint8Array | undefined> {
  if (revocation.sealedTokens === null) return undefined
  const { accountId } = await openRevocation(deps, revocation, revocation.sealedTokens)
  return sealRevocation(deps, revocation, { ...tokens, accountId })
}

async function tryRevocation(deps: RevocationDependencies, revocation: Revocation): Promise<TryResult> {
  if (revocation.sealedTokens === null) return { outcome: "failed", detail: "no token is stored" }
  try {
    const content = await openRevocation(deps, revocation, revocation.sealedTokens)
    if (await isShared(deps, revocation, content)) {
      return { outcome: "kept_shared", detail: "another live connection uses the same grant" }
    }
    const client = await deps.clients.forReference(revocation)
    const context = {
      client,
      redirectUri: redirectUri(deps.config.publicUrl, client),
      scopes: [],
      config: revocation.config,
    }
    return await revokeToken(deps.protocol, context, content)
  } catch (error) {
    if (error instanceof CredentialUnreadable)
      return { outcome: "failed", detail: "the stored token cannot be opened" }
    if (error instanceof GrantryError || error instanceof ConfigValueError)
      return { outcome: "failed", detail: error.message }
    throw error
  }
}

/**
 * Judged at every try: the account may have been connected anew since, by the same connection too, and where one
 * revocation ends the whole grant it would end that as well.
 */
async function isShared(
  deps: RevocationDependencies,
  revocation: Revocation,
  { accountId }: SealedRevocation,
): Promise<boolean> {
  if (deps.catalog.byType(revocation.type)?.revocation?.ends !== "grant") return false
  const { connectionId, connectorId, credentialSource, type, workspaceId } = revocation
  const types = await typesOfClient(deps, revocation)
  // No connection is left out: the one that this was a part of has ended, or lives on with a new grant.
  const anyConnection = { id: "", workspaceId, type, connectorId, credentialSource, accountId }
  if ((await deps.storage.connections.countSharingGrant(anyConnection, types)) > 0) return true
  const own = await deps.storage.connections.findById(workspaceId, connectionId)
  return own?.status === "active" && (accountId === null || own.accountId === null)
}

/** The types of the family that this very OAuth client serves: each type may have a client of its own. */
async function typesOfClient(
  deps: Pick<RevocationDependencies, "catalog" | "clients">,
  revocation: Revocation,
): Promise<readonly string[]> {
  const family = deps.catalog.familyOf(revocation.type)
  if (family === null || revocation.connectorId !== null) return [revocation.type]
  const { clientId } = await deps.clients.forReference(revocation)
  const served: string[] = []
  for (const type of deps.catalog.typesOf(family)) {
    const client = await clientOrNull(deps, { ...revocation, type })
    if (client?.clientId === clientId) served.push(type)
  }
  return served
}

async function clientOrNull(
  { clients }: Pick<RevocationDependencies, "clients">,
  reference: ClientReference,
): Promise<OAuthClient | null> {
  try {
    return await clients.forReference(reference)
  } catch (error) {
    if (error instanceof GrantryError) return null
    throw error
  }
}
