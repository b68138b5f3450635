/** Disconnecting: the tokens are destroyed here at once, and the provider is told to forget them. */
import type { TokensToRevoke } from "../oauth/revoke-token.ts"
import type { Stores } from "../storage/storage.ts"
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
  const ended = await endConnection(deps, connection, { forget, holdMs: revocationHoldMs(deps.config) })
  if (!ended) return "unsupported"
  return ended.revocation ? firstTry(deps, ended.revocation) : ended.result
}

export interface HowToEnd {
  readonly forget?: boolean
  /** How long the outbox leaves the revocation to the caller; 0 unless told. */
  readonly holdMs?: number
  /** Judged by what stands when the tokens are destroyed; false: it is left as it is. */
  readonly applies?: (current: Connection) => boolean
  /** The job that ends it. */
  readonly jobId?: string
  /** Written together with the end. */
  readonly note?: (stores: Stores, ended: EndedConnection) => Promise<void>
}

/**
 * As `disconnect`, but nobody has told the provider yet: the revocation stands in the outbox.
 *
 * @returns undefined when it is gone, or was left as it is
 */
export async function endConnection(
  deps: RevocationDependencies,
  connection: Pick<Connection, "workspaceId" | "id">,
  how: HowToEnd,
): Promise<EndedConnection | undefined> {
  for (let tries = 0; tries < maxTries; tries += 1) {
    const current = await deps.storage.connections.findById(connection.workspaceId, connection.id)
    if (!current || how.applies?.(current) === false) return undefined
    const plan = await planRevocation(deps, current, how)
    if (await destroyTokens(deps, current, plan, how)) return plan
  }
  throw new Error("the connection moved with every try to disconnect it")
}

export interface EndedConnection {
  /** null: there is nothing to revoke, for the reason that `result` gives. */
  readonly revocation: Revocation | null
  readonly result: DisconnectResult
}

async function planRevocation(
  deps: RevocationDependencies,
  connection: Connection,
  { holdMs = 0, jobId = null }: { readonly holdMs?: number; readonly jobId?: string | null },
): Promise<EndedConnection> {
  const { sealedAccessToken, sealedRefreshToken, type } = connection
  const facts = deps.catalog.byType(type)?.revocation
  if (!facts || (sealedAccessToken === null && sealedRefreshToken === null))
    return { revocation: null, result: "unsupported" }
  const tokens = await openTokens(deps, connection)
  // Nobody can present a token that does not open; destroying it is all that is left.
  if (tokens.accessToken === null && tokens.refreshToken === null)
    return { revocation: null, result: "failed" }
  const revocation = await sealedRevocation(deps, connection, tokens, holdMs)
  return { revocation: { ...revocation, jobId }, result: "pending" }
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
  ended: EndedConnection,
  { forget = false, note }: HowToEnd,
): Promise<boolean> {
  try {
    await deps.storage.transaction(async (stores) => {
      // The update comes first: it locks the row, so that what is read after it stays.
      await stores.connections.disconnect(seen.workspaceId, seen.id, deps.clock.now())
      const after = await stores.connections.findById(seen.workspaceId, seen.id)
      if (after?.version !== seen.version + 1) throw new Moved()
      if (ended.revocation) await stores.revocations.insert(ended.revocation)
      if (seen.status !== "disconnected")
        await queueEvents(deps, stores, seen, [{ type: "connection.disconnected" }])
      if (forget) await stores.connections.remove(seen.workspaceId, seen.id)
      await note?.(stores, ended)
    })
    return true
  } catch (error) {
    if (error instanceof Moved) return false
    throw error
  }
}
