/** Disconnecting: the tokens are destroyed here at once, and the provider is told to forget them. */
import type { TokensToRevoke } from "../oauth/revoke-token.ts"
import type { Connection } from "../storage/stores/connections.ts"
import type { Revocation } from "../storage/stores/revocations.ts"
import { queueEvents } from "../events/webhooks/queue-events.ts"
import { CredentialUnreadable } from "../vault/vault.ts"
import { sealedRevocation } from "./queue-revocation.ts"
import { openToken, type TokenField } from "./sealed-tokens.ts"
import {
  type RevocationDependencies,
  revocationHoldMs,
  settleRevocation,
  type SettledOutcome,
} from "./settle-revocation.ts"

/** What became of the grant at the provider. `kept_shared`: another live connection hangs on it. */
export type DisconnectResult = SettledOutcome

/** A refresh that lands in between moves the version; each try then starts from what stands. */
const maxTries = 20

/**
 * After this returns no replica hands out the token: generation and version have moved, so a refresh in flight
 * cannot commit and what it got is revoked.
 *
 * @param forget also deletes the connection's record
 */
export async function disconnect(
  deps: RevocationDependencies,
  connection: Connection,
  forget: boolean,
): Promise<DisconnectResult> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const current = await deps.storage.connections.findById(connection.workspaceId, connection.id)
    if (!current) return "unsupported"
    const plan = await planRevocation(deps, current)
    if (await destroyTokens(deps, current, plan.revocation, forget)) {
      return plan.revocation ? firstTry(deps, plan.revocation) : plan.result
    }
  }
  throw new Error("the connection moved with every try to disconnect it")
}

interface RevocationPlan {
  readonly revocation: Revocation | null
  readonly result: DisconnectResult
}

async function planRevocation(deps: RevocationDependencies, connection: Connection): Promise<RevocationPlan> {
  const { sealedAccessToken, sealedRefreshToken, type } = connection
  const facts = deps.catalog.byType(type)?.revocation
  if (!facts || (sealedAccessToken === null && sealedRefreshToken === null))
    return { revocation: null, result: "unsupported" }
  const tokens = await openTokens(deps, connection)
  // Nobody can present a token that does not open; destroying it is all that is left.
  if (tokens.accessToken === null && tokens.refreshToken === null)
    return { revocation: null, result: "failed" }
  return {
    revocation: await sealedRevocation(deps, connection, tokens, revocationHoldMs(deps.config)),
    result: "pending",
  }
}

async function openTokens(deps: RevocationDependencies, connection: Connection): Promise<TokensToRevoke> {
  const { expiresAt, sealedAccessToken, sealedRefreshToken } = connection
  return {
    accessToken: await openIfReadable(deps, connection, "access_token", sealedAccessToken),
    refreshToken: await openIfReadable(deps, connection, "refresh_token", sealedRefreshToken),
    accessExpiresAt: expiresAt,
  }
}

async function openIfReadable(
  deps: RevocationDependencies,
  connection: Connection,
  field: TokenField,
  sealed: Uint8Array | null,
): Promise<string | null> {
  if (sealed === null) return null
  try {
    return await openToken(deps.vault, connection, field, sealed)
  } catch (error) {
    if (!(error instanceof CredentialUnreadable)) throw error
    deps.log.warn(
      { connectionId: connection.id, field, err: error },
      "a token that cannot be opened is destroyed without revoking it",
    )
    return null
  }
}

/** The connection has ended whatever comes of this: trouble leaves the rest to the outbox. */
async function firstTry(deps: RevocationDependencies, revocation: Revocation): Promise<DisconnectResult> {
  try {
    return await settleRevocation(deps, revocation)
  } catch (error) {
    deps.log.error(
      { err: error, revocationId: revocation.id, type: revocation.type },
      "a revocation is left to the outbox",
    )
    return "pending"
  }
}

class Moved extends Error {}

/** One transaction; false when the connection has moved since it was read. */
async function destroyTokens(
  deps: RevocationDependencies,
  seen: Connection,
  revocation: Revocation | null,
  forget: boolean,
): Promise<boolean> {
  try {
    await deps.storage.transaction(async (stores) => {
      // The update comes first: it locks the row, so that what is read after it stays.
      await stores.connections.disconnect(seen.workspaceId, seen.id, deps.clock.now())
      const after = await stores.connections.findById(seen.workspaceId, seen.id)
      if (after?.version !== seen.version + 1) throw new Moved()
      if (revocation) await stores.revocations.insert(revocation)
      if (seen.status !== "disconnected")
        await queueEvents(deps, stores, seen, [{ type: "connection.disconnected" }])
      if (forget) await stores.connections.remove(seen.workspaceId, seen.id)
    })
    return true
  } catch (error) {
    if (error instanceof Moved) return false
    throw error
  }
}
