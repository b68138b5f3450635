/** What one process does while it holds a connection's refresh lease: one provider call, one compare-and-set. */
import { ConfigValueError } from "@grantry/catalog"
import { GrantryError } from "../errors.ts"
import type { OAuthClient } from "../oauth/oauth-client.ts"
import type { TokenOutcome, TokenTrouble } from "../oauth/outcome.ts"
import { refreshGrant } from "../oauth/request-token.ts"
import { newId } from "../random.ts"
import type { Services } from "../services.ts"
import { StorageUnavailable } from "../storage/storage.ts"
import type { Connection } from "../storage/stores/connections.ts"
import { CredentialUnreadable } from "../vault/vault.ts"
import type { Circuits } from "./circuits.ts"
import { credentialUnreadable } from "./errors.ts"
import { keepGrant } from "./keep-grant.ts"
import { circuitKey } from "./oauth-client-key.ts"
import { redirectUri } from "./oauth-clients.ts"
import { recordTrouble, type RefreshTrouble } from "./record-trouble.ts"
import type { RefreshResult } from "./refresh.ts"
import { openToken, sealToken } from "./sealed-tokens.ts"
import { untilStored } from "./until-stored.ts"

export type LeasedRefreshDependencies = Pick<
  Services,
  | "config"
  | "catalog"
  | "clock"
  | "storage"
  | "quarantine"
  | "vault"
  | "protocol"
  | "clients"
  | "audit"
  | "metrics"
  | "refreshOutcomes"
  | "log"
> & { readonly circuits: Circuits }

/** What a flight may leave behind when it has its result. */
export interface FlightAids {
  /** Keeps the flight joinable until this work has ended. */
  readonly hold: (work: Promise<unknown>) => void
  /** The server stops and can wait no longer. */
  readonly stopping: AbortSignal
}

export interface Lease {
  readonly owner: string
  readonly leaseMs: number
  readonly connection: Connection
}

/** A lease and until when, by the monotonic clock, a call under it may begin: it must have ended when the lease does. */
export interface HeldLease extends Lease {
  readonly callBefore: number
}

/** Counted from before the lease is asked for. */
export function newLease(
  config: Pick<LeasedRefreshDependencies["config"], "providerTimeoutMs">,
): Omit<HeldLease, "connection"> {
  const { providerTimeoutMs } = config
  return {
    owner: newId("lease"),
    leaseMs: providerTimeoutMs * 1.5,
    callBefore: performance.now() + providerTimeoutMs * 0.4,
  }
}

/**
 * @returns `not_leased` when another process holds the lease or the connection has moved; undefined when it has moved
 * since
 */
export async function performLeasedRefresh(
  deps: LeasedRefreshDependencies,
  connection: Connection,
  aids: FlightAids,
): Promise<RefreshResult | "not_leased" | undefined> {
  const lease: HeldLease = { ...newLease(deps.config), connection }
  if (!(await takeLease(deps, lease, aids))) return "not_leased"
  return refreshUnderLease(deps, lease, aids)
}

/** @returns undefined when the connection has moved, or when it has become too late for a call under this lease */
export async function refreshUnderLease(
  deps: LeasedRefreshDependencies,
  lease: HeldLease,
  aids: FlightAids,
): Promise<RefreshResult | undefined> {
  const { connection } = lease
  const ready = await prepare(deps, lease)
  if ("trouble" in ready) return recordTrouble(deps, lease, ready.trouble, aids)
  if (performance.now() > lease.callBefore) {
    await giveLeaseBack(deps, lease)
    return undefined
  }
  const sentAt = deps.clock.now()
  const outcome = await measured(deps, connection, () => askProvider(deps, connection, ready))
  noteOutcome(deps, connection, outcome)
  if (outcome.kind !== "ok") return recordTrouble(deps, lease, outcome, aids)
  return keepGrant(deps, { connection, client: ready.client, grant: outcome.grant, sentAt }, aids)
}

function noteOutcome(deps: LeasedRefreshDependencies, connection: Connection, outcome: TokenOutcome): void {
  const now = deps.clock.now()
  deps.refreshOutcomes.count(connection.workspaceId, connection.type, outcome.kind)
  const failed = outcome.kind === "ok" ? null : outcome
  deps.circuits.record(
    circuitKey(deps.catalog, connection),
    {
      connectionId: connection.id,
      kind: outcome.kind,
      trouble: failed && { kind: failed.kind, code: failed.code, message: failed.message, at: now },
      retryAfterMs: failed?.retryAfterMs ?? null,
    },
    now,
  )
}

/** Committed before the call: if this write fails, the provider hears nothing. */
async function takeLease(deps: LeasedRefreshDependencies, lease: Lease, aids: FlightAids): Promise<boolean> {
  try {
    return await deps.storage.connections.acquireLease(lease.connection, lease.owner, lease.leaseMs)
  } catch (error) {
    // It may have been taken all the same, and would keep everybody waiting for a process that is not at work.
    if (error instanceof StorageUnavailable && error.outcome === "unknown") {
      const patience = { signal: aids.stopping, forMs: lease.leaseMs }
      aids.hold(untilStored(() => releaseLease(deps, lease), patience))
    }
    throw error
  }
}

function releaseLease(deps: LeasedRefreshDependencies, { connection, owner }: Lease): Promise<void> {
  return deps.storage.connections.releaseLease(connection.workspaceId, connection.id, owner)
}

/** A lease that is not given back ends by itself. */
export async function giveLeaseBack(deps: LeasedRefreshDependencies, lease: Lease): Promise<void> {
  try {
    await releaseLease(deps, lease)
  } catch (error) {
    deps.log.warn(
      { connectionId: lease.connection.id, err: error },
      "a refresh lease could not be given back",
    )
  }
}

interface Ready {
  readonly client: OAuthClient
  readonly refreshToken: string
}

async function prepare(
  deps: LeasedRefreshDependencies,
  lease: Lease,
): Promise<Ready | { readonly trouble: RefreshTrouble }> {
  const { connection } = lease
  try {
    const refreshToken = await openRefreshToken(deps, connection)
    if (refreshToken === null) return { trouble: noRefreshToken }
    const client = await deps.clients.forReference(connection)
    // The key that seals the answer is in memory from here on, should the database go away meanwhile.
    await sealToken(deps.vault, connection, "refresh_token", refreshToken)
    return { client, refreshToken }
  } catch (error) {
    if (error instanceof GrantryError) return { trouble: notAsked(error) }
    await giveLeaseBack(deps, lease)
    throw error
  }
}

const noRefreshToken: TokenTrouble = {
  kind: "grant_dead",
  code: "no_refresh_token",
  message: "the access token expired and the provider never gave a refresh token",
  retryAfterMs: null,
}

/** Something of ours is missing. It rests like other trouble, so that reads do not cost a lease each. */
function notAsked({ code, message }: GrantryError): RefreshTrouble {
  return { kind: "not_asked", code, message, retryAfterMs: null }
}

async function openRefreshToken(
  deps: LeasedRefreshDependencies,
  connection: Connection,
): Promise<string | null> {
  if (connection.sealedRefreshToken === null) return null
  try {
    return await openToken(deps.vault, connection, "refresh_token", connection.sealedRefreshToken)
  } catch (error) {
    throw error instanceof CredentialUnreadable ? credentialUnreadable(error) : error
  }
}

async function measured(
  { clock, metrics }: LeasedRefreshDependencies,
  { refreshDueAt, type }: Connection,
  ask: () => Promise<TokenOutcome>,
): Promise<TokenOutcome> {
  const lagMs = Math.max(0, refreshDueAt === null ? 0 : clock.now() - refreshDueAt)
  const startedAt = performance.now()
  const outcome = await ask()
  metrics.refreshEnded({ type, outcome: outcome.kind, durationMs: performance.now() - startedAt, lagMs })
  return outcome
}

/** Never throws: whatever comes of the call, it must not be repeated at once. */
async function askProvider(
  deps: LeasedRefreshDependencies,
  connection: Connection,
  { client, refreshToken }: Ready,
): Promise<TokenOutcome> {
  const { config, grantedScopes, requestedScopes: scopes } = connection
  try {
    const context = {
      client,
      redirectUri: redirectUri(deps.config.publicUrl, client),
      scopes,
      grantedScopes,
      config,
    }
    return await refreshGrant(deps.protocol, context, refreshToken)
  } catch (error) {
    deps.log.error(
      { connectionId: connection.id, err: error },
      "a refresh could not be carried out or its answer not be read",
    )
    const message = error instanceof ConfigValueError ? error.message : "the answer could not be read"
    return { kind: "malformed", code: "internal_error", message, retryAfterMs: null }
  }
}
