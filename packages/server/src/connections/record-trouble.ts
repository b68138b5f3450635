/** Writes down a refresh that brought nothing: the end of a grant, or trouble that passes. */
import { writeTelling } from "../events/webhooks/queue-events.ts"
import { StorageUnavailable } from "../storage/storage.ts"
import type { Connection, ProviderTrouble } from "../storage/stores/connections.ts"
import { type RefreshTroubleKind, retryDelayMs } from "./backoff.ts"
import type { FlightAids, Lease, LeasedRefreshDependencies } from "./leased-refresh.ts"
import type { RefreshResult } from "./refresh.ts"
import { untilStored } from "./until-stored.ts"

export interface RefreshTrouble {
  readonly kind: RefreshTroubleKind
  readonly code: string
  readonly message: string
  readonly retryAfterMs: number | null
}

/** @returns undefined when the connection has moved or the lease is lost: somebody else knows better */
export async function recordTrouble(
  deps: LeasedRefreshDependencies,
  lease: Lease,
  trouble: RefreshTrouble,
  aids: FlightAids,
): Promise<RefreshResult | undefined> {
  const { code, kind, message } = trouble
  const noted: ProviderTrouble = { kind, code, message, at: deps.clock.now() }
  deps.log.warn({ connectionId: lease.connection.id, kind, code }, "a refresh failed")
  const ends = kind === "grant_dead" || kind === "interaction_required"
  return ends
    ? endGrant(deps, lease, noted, aids)
    : restConnection(deps, lease, { noted, retryAfterMs: trouble.retryAfterMs, kind }, aids)
}

/** Compare-and-set: if the connection has moved, somebody knows better than this answer. */
async function endGrant(
  deps: LeasedRefreshDependencies,
  lease: Lease,
  noted: ProviderTrouble,
  aids: FlightAids,
): Promise<RefreshResult | undefined> {
  const { connection, owner } = lease
  const write = async (): Promise<boolean> => {
    const told = [{ type: "connection.reconnect_required" }] as const
    const ended = await writeTelling(deps, connection, told, (stores) =>
      stores.connections.markExpired(connection, owner, noted),
    )
    if (ended) await auditEnd(deps, connection, noted)
    return ended
  }
  if (!(await nowOrLater(deps, lease, write, aids))) return undefined
  return {
    kind: "dead",
    connection: { ...connection, status: "expired", statusChangedAt: noted.at, lastRefreshError: noted },
  }
}

async function auditEnd(
  deps: LeasedRefreshDependencies,
  { appId, id, workspaceId }: Connection,
  { code }: ProviderTrouble,
): Promise<void> {
  await deps.audit.record({
    workspaceId,
    appId,
    actor: "system",
    action: "connection.reconnect_required",
    target: id,
    outcome: code,
  })
}

interface Rest {
  readonly noted: ProviderTrouble
  readonly kind: RefreshTroubleKind
  readonly retryAfterMs: number | null
}

async function restConnection(
  deps: LeasedRefreshDependencies,
  lease: Lease,
  { kind, noted, retryAfterMs }: Rest,
  aids: FlightAids,
): Promise<RefreshResult | undefined> {
  const { connection, owner } = lease
  const retryAt = noted.at + retryDelayMs({ kind, retryAfterMs }, connection.failures, Math.random())
  const write = async (): Promise<boolean> => {
    // The flag first: whoever finds the connection resting looks at it to see whether the client was mended.
    await flagClient(deps, connection, noted)
    return deps.storage.connections.recordRefreshFailure(connection, owner, noted, retryAt)
  }
  if (!(await nowOrLater(deps, lease, write, aids))) return undefined
  return {
    kind: "trouble",
    connection: { ...connection, lastRefreshError: noted, retryAt },
    trouble: noted,
    retryAt,
  }
}

async function flagClient(
  deps: LeasedRefreshDependencies,
  { connectorId, workspaceId }: Connection,
  noted: ProviderTrouble,
): Promise<void> {
  if (noted.kind !== "client_misconfigured" || connectorId === null) return
  await deps.storage.connectors.setClientProblem(workspaceId, connectorId, noted.message)
}

/** While the database is away the callers hear what the provider said; the lease keeps others from asking again. */
async function nowOrLater(
  deps: LeasedRefreshDependencies,
  lease: Lease,
  write: () => Promise<boolean>,
  aids: FlightAids,
): Promise<boolean> {
  try {
    return await write()
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error
    aids.hold(writeLater(deps, lease, write, aids))
    return true
  }
}

async function writeLater(
  deps: LeasedRefreshDependencies,
  lease: Lease,
  write: () => Promise<boolean>,
  aids: FlightAids,
): Promise<void> {
  try {
    await untilStored(write, { signal: aids.stopping, forMs: lease.leaseMs })
  } catch (error) {
    deps.log.error(
      { connectionId: lease.connection.id, err: error },
      "the outcome of a refresh could not be written down",
    )
  }
}
