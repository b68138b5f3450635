/** What one process does while it holds a connection's refresh lease: one provider call, one compare-and-set. */
import { setTimeout as sleep } from "node:timers/promises"
import { configFromToken } from "@grantry/catalog"
import type { OAuthClient } from "../oauth/oauth-client.ts"
import type { IssuedGrant, TokenTrouble } from "../oauth/outcome.ts"
import { refreshGrant } from "../oauth/request-token.ts"
import { newId } from "../random.ts"
import type { Services } from "../services.ts"
import { type Connection, type ProviderTrouble, type RefreshWrite, StorageUnavailable } from "../storage/stores.ts"
import { CredentialUnreadable } from "../vault/vault.ts"
import { retryDelayMs } from "./backoff.ts"
import { credentialUnreadable } from "./errors.ts"
import { tokenTimes } from "./freshness.ts"
import { redirectUri } from "./oauth-clients.ts"
import { queueRevocation } from "./queue-revocation.ts"
import type { RefreshResult } from "./refresh.ts"
import { openToken, sealToken } from "./sealed-tokens.ts"

export type LeasedRefreshDependencies = Pick<
  Services,
  "config" | "clock" | "storage" | "vault" | "protocol" | "clients" | "audit" | "log"
>

/** A process that lost its lease must not hold on to the database: commits are tried again at this pace. */
const commitRetryMs = 250

interface Lease {
  readonly owner: string
  readonly connection: Connection
}

/**
 * @param hold keeps the flight joinable until this work has ended
 * @returns undefined when another process holds the lease or the connection has moved
 */
export async function performLeasedRefresh(
  deps: LeasedRefreshDependencies,
  connection: Connection,
  hold: (work: Promise<unknown>) => void,
): Promise<RefreshResult | undefined> {
  const lease = { owner: newId("lease"), connection }
  // Committed before the call: if this write fails, the provider hears nothing.
  const taken = await deps.storage.connections.acquireLease(connection, lease.owner, deps.config.providerTimeoutMs * 1.5)
  if (!taken) return undefined
  try {
    return await refreshUnderLease(deps, lease, hold)
  } catch (error) {
    await deps.storage.connections.releaseLease(connection.workspaceId, connection.id, lease.owner)
    throw error
  }
}

async function refreshUnderLease(
  deps: LeasedRefreshDependencies,
  lease: Lease,
  hold: (work: Promise<unknown>) => void,
): Promise<RefreshResult | undefined> {
  const { connection } = lease
  const refreshToken = await openRefreshToken(deps, connection)
  if (refreshToken === null) return endGrant(deps, lease, noRefreshToken)
  const client = await deps.clients.forReference(connection)
  const context = {
    client,
    redirectUri: redirectUri(deps.config.publicUrl, client),
    scopes: connection.requestedScopes,
    config: connection.config,
  }
  const sentAt = deps.clock.now()
  const outcome = await refreshGrant(deps.protocol, context, refreshToken)
  switch (outcome.kind) {
    case "ok":
      return commitGrant(deps, lease, await sealedWrite(deps, client, connection, outcome.grant, sentAt), outcome.grant, hold)
    case "grant_dead":
    case "interaction_required":
      return endGrant(deps, lease, outcome)
    case "client_misconfigured":
    case "rate_limited":
    case "transient":
    case "malformed":
      return recordTrouble(deps, lease, outcome)
  }
}

const noRefreshToken: TokenTrouble = {
  kind: "grant_dead",
  code: "no_refresh_token",
  message: "the access token expired and the provider never gave a refresh token",
  retryAfterMs: null,
}

async function openRefreshToken(deps: LeasedRefreshDependencies, connection: Connection): Promise<string | null> {
  if (connection.sealedRefreshToken === null) return null
  try {
    return await openToken(deps.vault, connection, "refresh_token", connection.sealedRefreshToken)
  } catch (error) {
    throw error instanceof CredentialUnreadable ? credentialUnreadable(error) : error
  }
}

async function sealedWrite(
  deps: LeasedRefreshDependencies,
  client: OAuthClient,
  connection: Connection,
  grant: IssuedGrant,
  sentAt: number,
): Promise<RefreshWrite> {
  const { definition } = client
  return {
    sealedAccessToken: await sealToken(deps.vault, connection, "access_token", grant.accessToken),
    // An answer without a refresh token keeps the old one (RFC 6749 section 6).
    ...(grant.refreshToken !== null && {
      sealedRefreshToken: await sealToken(deps.vault, connection, "refresh_token", grant.refreshToken),
    }),
    ...(grant.scopes !== null && { grantedScopes: grant.scopes }),
    config: { ...connection.config, ...configFromToken(definition, grant.json) },
    ...tokenTimes(definition, sentAt, grant.expiresInS, true),
    now: deps.clock.now(),
  }
}

async function commitGrant(
  deps: LeasedRefreshDependencies,
  lease: Lease,
  write: RefreshWrite,
  grant: IssuedGrant,
  hold: (work: Promise<unknown>) => void,
): Promise<RefreshResult | undefined> {
  try {
    return await commitOnce(deps, lease, write, grant)
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error
    // The provider has spent the old refresh token: the new one lives in memory, sealed, until the database is back.
    deps.log.error({ connectionId: lease.connection.id, err: error }, "holding a refreshed grant until the database is back")
    hold(commitUntilDone(deps, lease, write, grant))
    return { kind: "usable", connection: withWrite(lease.connection, write) }
  }
}

async function commitUntilDone(
  deps: LeasedRefreshDependencies,
  lease: Lease,
  write: RefreshWrite,
  grant: IssuedGrant,
): Promise<void> {
  for (;;) {
    await sleep(commitRetryMs)
    try {
      await commitOnce(deps, lease, write, grant)
      return
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error
    }
  }
}

async function commitOnce(
  deps: LeasedRefreshDependencies,
  lease: Lease,
  write: RefreshWrite,
  grant: IssuedGrant,
): Promise<RefreshResult | undefined> {
  const { connection } = lease
  const committed = await deps.storage.connections.commitRefresh(connection, lease.owner, write)
  const current = await deps.storage.connections.findById(connection.workspaceId, connection.id)
  if (committed) {
    await clearClientProblem(deps, connection)
    return current ? { kind: "usable", connection: current } : { kind: "gone" }
  }
  if (current && current.generation === connection.generation) return undefined
  // Disconnected or connected anew meanwhile: what came back belongs to nobody.
  await queueRevocation(deps, deps.storage, connection, { accessToken: grant.accessToken, refreshToken: grant.refreshToken })
  return { kind: "gone" }
}

async function clearClientProblem(deps: LeasedRefreshDependencies, connection: Connection): Promise<void> {
  if (connection.connectorId === null || connection.lastRefreshError?.kind !== "client_misconfigured") return
  await deps.storage.connectors.setClientProblem(connection.workspaceId, connection.connectorId, null)
}

/** Compare-and-set: if the connection has moved, somebody knows better than this answer. */
async function endGrant(deps: LeasedRefreshDependencies, lease: Lease, outcome: TokenTrouble): Promise<RefreshResult | undefined> {
  const { connection } = lease
  const trouble = troubleNow(deps, outcome)
  const ended = await deps.storage.connections.markExpired(connection, lease.owner, trouble)
  if (!ended) return undefined
  deps.audit.record({
    workspaceId: connection.workspaceId,
    appId: connection.appId,
    actor: "system",
    action: "connection.reconnect_required",
    target: connection.id,
    outcome: trouble.code,
  })
  const current = await deps.storage.connections.findById(connection.workspaceId, connection.id)
  return current ? { kind: "dead", connection: current } : { kind: "gone" }
}

async function recordTrouble(deps: LeasedRefreshDependencies, lease: Lease, outcome: TokenTrouble): Promise<RefreshResult | undefined> {
  const { connection } = lease
  const trouble = troubleNow(deps, outcome)
  const retryAt = trouble.at + retryDelayMs(outcome, connection.failures, Math.random())
  const recorded = await deps.storage.connections.recordRefreshFailure(connection, lease.owner, trouble, retryAt)
  if (!recorded) return undefined
  if (outcome.kind === "client_misconfigured" && connection.connectorId !== null) {
    await deps.storage.connectors.setClientProblem(connection.workspaceId, connection.connectorId, trouble.message)
  }
  deps.log.warn({ connectionId: connection.id, kind: trouble.kind, code: trouble.code }, "a refresh failed")
  return { kind: "trouble", connection, trouble, retryAt }
}

function troubleNow(deps: LeasedRefreshDependencies, outcome: TokenTrouble): ProviderTrouble {
  return { kind: outcome.kind, code: outcome.code, message: outcome.message, at: deps.clock.now() }
}

function withWrite(connection: Connection, write: RefreshWrite): Connection {
  return {
    ...connection,
    sealedAccessToken: write.sealedAccessToken,
    sealedRefreshToken: write.sealedRefreshToken ?? connection.sealedRefreshToken,
    grantedScopes: write.grantedScopes ?? connection.grantedScopes,
    config: write.config,
    issuedAt: write.issuedAt,
    expiresAt: write.expiresAt,
    refreshDueAt: write.refreshDueAt,
    version: connection.version + 1,
    lastRefreshError: null,
    failures: 0,
  }
}

