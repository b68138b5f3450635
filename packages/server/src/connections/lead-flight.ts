/** One flight: looks at the connection, takes the lease and refreshes, or waits for whoever holds it. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Connection, ProviderTrouble } from "../storage/stores.ts"
import { judgeFreshness } from "./freshness.ts"
import { type FlightAids, type LeasedRefreshDependencies, performLeasedRefresh } from "./leased-refresh.ts"
import type { RefreshResult } from "./refresh.ts"
import { isSameSeal } from "./sealed-tokens.ts"

export interface LeadAids extends FlightAids {
  /** The server stops: nobody waits for the answer of another process any more. */
  readonly closing: AbortSignal
}

/** Between two looks at a connection that another process refreshes. */
const pollMs = 50
/** Looks after which the lease is tried although it seems to be held: only the database's clock knows when it ends. */
const looksPerTry = 10

/** No provider call before the time that the last failure set. */
export function rests(
  connection: Connection,
  now: number,
): connection is Connection & { readonly retryAt: number } {
  return connection.retryAt !== null && connection.retryAt > now
}

export async function leadFlight(
  deps: LeasedRefreshDependencies,
  first: Connection,
  aids: LeadAids,
): Promise<RefreshResult> {
  const giveUpAt = performance.now() + deps.config.providerTimeoutMs * 1.5 + 5_000
  let connection: Connection | undefined = first
  for (let looks = 0; ; looks += 1) {
    if (!connection || connection.status === "disconnected") return { kind: "gone" }
    const settled = await settledBefore(deps, first, connection)
    if (settled) return settled
    if (aids.closing.aborted || performance.now() > giveUpAt) return busy(connection, deps.clock.now())
    const isFree = connection.leaseOwner === null || looks % looksPerTry === looksPerTry - 1
    const result = isFree ? await performLeasedRefresh(deps, connection, aids) : undefined
    if (result) return result
    // A lease that was not to be had: a call of our own takes longer than this.
    await sleep(pollMs)
    connection = await deps.storage.connections.findById(first.workspaceId, first.id)
  }
}

/** What stands is a result already: somebody else refreshed, or found out why that does not work. */
async function settledBefore(
  deps: LeasedRefreshDependencies,
  first: Connection,
  connection: Connection,
): Promise<RefreshResult | undefined> {
  if (connection.status === "expired") return { kind: "dead", connection }
  const now = deps.clock.now()
  if (!isSameSeal(connection.sealedAccessToken, first.sealedAccessToken)) {
    const freshness = judgeFreshness(connection, now)
    if (freshness === "fresh" || freshness === "due") return { kind: "usable", connection }
  }
  if (!rests(connection, now) || (await isClientMended(deps, connection))) return undefined
  return { kind: "trouble", connection, trouble: troubleOf(connection, now), retryAt: connection.retryAt }
}

/** Whoever corrects the secret takes the flag off the connector, and need not wait for the pause to end. */
async function isClientMended(
  deps: LeasedRefreshDependencies,
  { connectorId, lastRefreshError, workspaceId }: Connection,
): Promise<boolean> {
  if (lastRefreshError?.kind !== "client_misconfigured" || connectorId === null) return false
  const connector = await deps.storage.connectors.find(workspaceId, connectorId)
  return connector !== undefined && connector.clientProblem === null
}

function busy(connection: Connection, now: number): RefreshResult {
  return { kind: "trouble", connection, trouble: troubleOf(connection, now), retryAt: now + 5_000 }
}

function troubleOf(connection: Connection, now: number): ProviderTrouble {
  return (
    connection.lastRefreshError ?? {
      kind: "transient",
      code: "busy",
      message: "another refresh is under way",
      at: now,
    }
  )
}
