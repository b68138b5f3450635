/** Puts a refreshed grant where it belongs, or hands it to the revocation outbox when it belongs to nobody any more. */
import type { TokensToRevoke } from "../oauth/revoke-token.ts"
import type { Services } from "../services.ts"
import {
  type ConnectionEvent,
  scopesChanged,
  writeTelling,
  type WritingDependencies,
} from "../events/webhooks/queue-events.ts"
import type { Stores } from "../storage/storage.ts"
import type { Connection, RefreshWrite } from "../storage/stores/connections.ts"
import { queueRevocation } from "./queue-revocation.ts"
import { isSameSeal, openToken, type TokenRecord } from "./sealed-tokens.ts"

/** The connection as it was when the provider was asked. */
export type RefreshedConnection = TokenRecord &
  Pick<
    Connection,
    | "version"
    | "connectorId"
    | "credentialSource"
    | "accountId"
    | "config"
    | "sealedAccessToken"
    | "expiresAt"
    | "grantedScopes"
  >

export interface RefreshedGrant {
  readonly connection: RefreshedConnection
  readonly write: RefreshWrite
}

/** `superseded`: a grant at least as new is stored, perhaps this very one. */
export type StoreOutcome = "stored" | "superseded" | "discarded"

type Dependencies = Pick<Services, "vault"> & WritingDependencies

/** Failures that other processes recorded meanwhile move the version too. */
const maxTries = 20

/**
 * The provider may have spent the refresh token that is stored, so that this grant is stored over anything but a newer
 * one: also when its lease has run out, and over failures recorded since. Only a disconnect or a new consent wins.
 *
 * @throws StorageUnavailable; it may then be called again
 */
export async function storeGrant(
  deps: Dependencies,
  { connection, write }: RefreshedGrant,
): Promise<StoreOutcome> {
  let version = connection.version
  for (let tries = 0; tries < maxTries; tries += 1) {
    const fence = { ...connection, version }
    const commit = (stores: Pick<Stores, "connections">) =>
      stores.connections.commitRefresh(fence, null, write)
    if (await writeTelling(deps, connection, refreshEvents(connection, write), commit)) return "stored"
    const current = await deps.storage.connections.findById(connection.workspaceId, connection.id)
    if (!current || current.generation !== connection.generation || current.status !== "active") {
      await discard(deps, { connection, write })
      return "discarded"
    }
    if (!isSameSeal(current.sealedAccessToken, connection.sealedAccessToken)) return "superseded"
    version = current.version
  }
  throw new Error("the connection moved with every try to store its refreshed grant")
}

/** Late: the old token had died before the provider was asked for this one. */
function refreshEvents(
  { expiresAt, grantedScopes }: RefreshedConnection,
  write: RefreshWrite,
): readonly ConnectionEvent[] {
  const isLate = expiresAt !== null && write.issuedAt >= expiresAt
  return [
    ...(isLate
      ? [{ type: "connection.refreshed_late", expired_at: new Date(expiresAt).toISOString() } as const]
      : []),
    ...scopesChanged(grantedScopes, write.grantedScopes ?? null),
  ]
}

/** Sealed for the generation that it was asked for, it opens still. */
async function discard(deps: Dependencies, { connection, write }: RefreshedGrant): Promise<void> {
  const { expiresAt, sealedAccessToken, sealedRefreshToken } = write
  const tokens: TokensToRevoke = {
    accessToken: await openToken(deps.vault, connection, "access_token", sealedAccessToken),
    refreshToken: sealedRefreshToken
      ? await openToken(deps.vault, connection, "refresh_token", sealedRefreshToken)
      : null,
    accessExpiresAt: expiresAt,
  }
  await queueRevocation(deps, deps.storage, connection, tokens)
}
