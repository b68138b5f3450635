/** One flight: looks at the connection, takes the lease and refreshes, or waits for whoever holds it. */
import type { Connection, ProviderTrouble } from "../storage/stores/connections.ts"
import type { CallSlots, Slot } from "./call-slots.ts"
import type { Pass, Refusal } from "./circuits.ts"
import { judgeFreshness } from "./freshness.ts"
import { type FlightAids, type LeasedRefreshDependencies, performLeasedRefresh } from "./leased-refresh.ts"
import { circuitKey } from "./oauth-client-key.ts"
import type { RefreshResult } from "./refresh.ts"
import { isSameSeal } from "./sealed-tokens.ts"

export interface LeadAids extends FlightAids {
  /** The server stops: nobody waits for the answer of another process any more. */
  readonly closing: AbortSignal
  readonly slots: CallSlots
}

/** Longest time between two looks at a connection that another process refreshes, should all notices fail. */
const patienceMs = 2_000

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
  for (;;) {
    if (!connection || connection.status === "disconnected") return { kind: "gone" }
    const settled = await settledBefore(deps, first, connection)
    if (settled) return settled
    if (deps.quarantine.active) return { kind: "quarantined", connection }
    if (aids.closing.aborted || performance.now() > giveUpAt) return busy(connection, deps.clock.now())
    const result = await refreshOrWait(deps, connection, aids)
    if (result) return result
    connection = await deps.storage.connections.findById(first.workspaceId, first.id)
  }
}

/** @returns undefined when another look is due */
async function refreshOrWait(
  deps: LeasedRefreshDependencies,
  connection: Connection,
  aids: LeadAids,
): Promise<RefreshResult | undefined> {
  const slot = await enterSlot(deps, connection, aids)
  if ("kind" in slot) return slot
  try {
    return await refreshInSlot(deps, connection, { ...aids, slot })
  } finally {
    slot.leave()
  }
}

/** What comes first is cheap: a provider that is known to be down has nobody wait for a place in the queue to it. */
async function enterSlot(
  deps: LeasedRefreshDependencies,
  connection: Connection,
  { closing, slots }: LeadAids,
): Promise<Slot | RefreshResult> {
  const place = { tenant: connection.workspaceId, client: circuitKey(deps.catalog, connection) }
  const free = slots.enterNow(place)
  if (free) return free
  const pass = await enterCircuit(deps, connection)
  if ("openUntil" in pass) return heldOff(connection, pass)
  pass.end()
  return (await slots.enter(place, closing)) ?? crowded(connection, deps.clock.now())
}

async function refreshInSlot(
  deps: LeasedRefreshDependencies,
  connection: Connection,
  aids: LeadAids & { readonly slot: Slot },
): Promise<RefreshResult | undefined> {
  const pass = await enterCircuit(deps, connection)
  if ("openUntil" in pass) return heldOff(connection, pass)
  // Before the lease is tried, so that its end cannot be missed.
  const watch = deps.storage.watch(connection)
  try {
    // Only the database's clock knows whether a lease has ended, so that it is tried with every look.
    const result = await performLeasedRefresh(deps, connection, aids)
    if (result !== "not_leased") return result
    pass.end()
    aids.slot.leave()
    await movedOrLate(watch.moved, aids.closing)
    return undefined
  } finally {
    pass.end()
    watch.end()
  }
}

/** A provider that is known to be down costs its callers nothing: one of them at a time finds out whether it is back. */
async function enterCircuit(
  deps: LeasedRefreshDependencies,
  connection: Connection,
): Promise<Pass | Refusal> {
  const key = circuitKey(deps.catalog, connection)
  const pass = deps.circuits.enter(key, deps.clock.now())
  if (!("openUntil" in pass) || !(await isClientMended(deps, connection, pass.trouble))) return pass
  deps.circuits.reset(key)
  return deps.circuits.enter(key, deps.clock.now())
}

async function movedOrLate(moved: Promise<void>, closing: AbortSignal): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, patienceMs)
  const stop = (): void => late.resolve()
  closing.addEventListener("abort", stop, { once: true })
  await Promise.race([moved, late.promise])
  clearTimeout(timer)
  closing.removeEventListener("abort", stop)
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
  if (!rests(connection, now) || (await isClientMended(deps, connection, connection.lastRefreshError)))
    return undefined
  return { kind: "trouble", connection, trouble: troubleOf(connection, now), retryAt: connection.retryAt }
}

/** Whoever corrects the secret takes the flag off the connector, and need not wait for the pause to end. */
async function isClientMended(
  deps: LeasedRefreshDependencies,
  { connectorId, workspaceId }: Connection,
  trouble: ProviderTrouble | null,
): Promise<boolean> {
  if (trouble?.kind !== "client_misconfigured" || connectorId === null) return false
  const connector = await deps.storage.connectors.find(workspaceId, connectorId)
  return connector !== undefined && connector.clientProblem === null
}

function busy(connection: Connection, now: number): RefreshResult {
  return { kind: "trouble", connection, trouble: troubleOf(connection, now), retryAt: now + 5_000 }
}

function heldOff(connection: Connection, { openUntil, trouble }: Refusal): RefreshResult {
  return { kind: "trouble", connection, trouble, retryAt: openUntil }
}

/** Said of the moment, not written down: the connection has no trouble. */
function crowded(connection: Connection, now: number): RefreshResult {
  const message = "too many refreshes of this workspace wait for their turn"
  const trouble = { kind: "transient", code: "busy", message, at: now } as const
  return { kind: "trouble", connection, trouble, retryAt: now + 5_000 }
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
