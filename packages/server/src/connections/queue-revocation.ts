/** Puts tokens into the revocation outbox: the provider will be told to forget them, now or when it answers again. */
import type { TokensToRevoke } from "../oauth/revoke-token.ts"
import { newId } from "../random.ts"
import type { Services } from "../services.ts"
import type { Connection, Revocation, Stores } from "../storage/stores.ts"
import type { SealContext } from "../vault/vault.ts"

export type RevocationSource = Pick<
  Connection,
  "workspaceId" | "appId" | "id" | "type" | "connectorId" | "credentialSource" | "config"
>

export function revocationContext(revocation: Pick<Revocation, "workspaceId" | "id" | "connectionId" | "type">): SealContext {
  return {
    workspaceId: revocation.workspaceId,
    record: "revocation",
    recordId: revocation.id,
    field: "tokens",
    bound: [revocation.connectionId, revocation.type],
  }
}

/** Seals first: sealing may read the database, which a transaction must not wait for. */
export async function sealedRevocation(
  deps: Pick<Services, "vault" | "clock">,
  source: RevocationSource,
  tokens: TokensToRevoke,
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
    nextTryAt: now,
    detail: null,
    createdAt: now,
  }
  return { ...revocation, sealedTokens: await deps.vault.seal(revocationContext(revocation), JSON.stringify(tokens)) }
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
