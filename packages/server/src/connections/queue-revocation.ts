/** Puts tokens into the revocation outbox: the provider will be told to forget them, now or when it answers again. */
import type { TokensToRevoke } from "../oauth/revoke-token.ts"
import { newId } from "../random.ts"
import type { Services } from "../services.ts"
import type { Stores } from "../storage/storage.ts"
import type { Connection } from "../storage/stores/connections.ts"
import type { Revocation } from "../storage/stores/revocations.ts"
import type { SealContext } from "../vault/vault.ts"

export type RevocationSource = Pick<
  Connection,
  "workspaceId" | "appId" | "id" | "type" | "connectorId" | "credentialSource" | "config"
> & {
  /** Whose grant it is at the provider; absent or null: not known. */
  readonly accountId?: string | null
}

/** What a revocation seals: all that its tries need and nobody may read. */
export interface SealedRevocation extends TokensToRevoke {
  readonly accountId: string | null
}

export function revocationContext(
  revocation: Pick<Revocation, "workspaceId" | "id" | "connectionId" | "type">,
): SealContext {
  return {
    workspaceId: revocation.workspaceId,
    record: "revocation",
    recordId: revocation.id,
    field: "tokens",
    bound: [revocation.connectionId, revocation.type],
  }
}

export function sealRevocation(
  deps: Pick<Services, "vault">,
  revocation: Pick<Revocation, "workspaceId" | "id" | "connectionId" | "type">,
  content: SealedRevocation,
): Promise<Uint8Array> {
  return deps.vault.seal(revocationContext(revocation), JSON.stringify(content))
}

/** @throws CredentialUnreadable */
export async function openRevocation(
  deps: Pick<Services, "vault">,
  revocation: Revocation,
  sealed: Uint8Array,
): Promise<SealedRevocation> {
  const value = JSON.parse(await deps.vault.open(revocationContext(revocation), sealed)) as SealedRevocation
  return {
    accessToken: value.accessToken,
    refreshToken: value.refreshToken,
    accessExpiresAt: value.accessExpiresAt ?? null,
    accountId: value.accountId ?? null,
  }
}

/**
 * Seals first: sealing may read the database, which a transaction must not wait for.
 *
 * @param firstTryDelayMs how long the outbox leaves it to whoever queues it
 */
export async function sealedRevocation(
  deps: Pick<Services, "vault" | "clock">,
  source: RevocationSource,
  tokens: TokensToRevoke,
  firstTryDelayMs = 0,
): Promise<Revocation> {
  const now = deps.clock.now()
  const revocation: Revocation = {
    id: newId("rev"),
    workspaceId: source.workspaceId,
    appId: source.appId,
    connectionId: source.id,
    type: source.type,
    connectorId: source.connectorId,
    credentialSource: source.credentialSource,
    config: source.config,
    sealedTokens: null,
    outcome: "pending",
    tries: 0,
    nextTryAt: now + firstTryDelayMs,
    detail: null,
    createdAt: now,
    jobId: null,
  }
  return {
    ...revocation,
    sealedTokens: await sealRevocation(deps, revocation, { ...tokens, accountId: source.accountId ?? null }),
  }
}

export async function queueRevocation(
  deps: Pick<Services, "vault" | "clock">,
  stores: Pick<Stores, "revocations">,
  source: RevocationSource,
  tokens: TokensToRevoke,
): Promise<Revocation> {
  const revocation = await sealedRevocation(deps, source, tokens)
  await stores.revocations.insert(revocation)
  return revocation
}
