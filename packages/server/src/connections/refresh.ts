/**
 * One refresh, however many ask: single flight in this process, a lease in the database between processes. The rule
 * is that a refresh token is never presented twice on purpose, and never lost on purpose.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { StorageUnavailable } from "../storage/storage.ts"
import type { Connection, ProviderTrouble } from "../storage/stores/connections.ts"
import { createCallSlots } from "./call-slots.ts"
import { type Circuits, createCircuits } from "./circuits.ts"
import { createFlights } from "./flights.ts"
import { isAway } from "./is-away.ts"
import { judgeFreshness } from "./freshness.ts"
import { leadFlight, rests } from "./lead-flight.ts"
import {
  type FlightAids,
  type HeldLease,
  type LeasedRefreshDependencies,
  refreshUnderLease,
} from "./leased-refresh.ts"
import { circuitKey } from "./oauth-client-key.ts"
import { refusalOf, type RefusalDependencies } from "./refresh-refusal.ts"

/** What a flight came to. */
export type RefreshResult =
  | { readonly kind: "usable"; readonly connection: Connection }
  | { readonly kind: "dead"; readonly connection: Connection }
  | { readonly kind: "gone" }
  | { readonly kind: "quarantined"; readonly connection: Connection }
  | {
      readonly kind: "trouble"
      readonly connection: Connection
      readonly trouble: ProviderTrouble
      readonly retryAt: number
    }

export interface Refresher {
  /** For an expired token: waits for the one refresh that all callers share. @throws GrantryError */
  refresh(connection: Connection): Promise<Connection>
  /** For a token that is probably dead: the stored one is still better than a provider's passing trouble. */
  refreshOrKeep(connection: Connection): Promise<Connection>
  /** For a token that still lives: failures show on the connection, never to the caller. */
  refreshBehind(connection: Connection): void
  /** For a connection whose lease was taken ahead of time. Never throws: what happens shows on the connection. */
  refreshAhead(lease: HeldLease): Promise<void>
  /** Which providers are left alone, and how many calls may begin. */
  readonly circuits: Circuits
  /** Ends what waits, lets provider calls end, and leaves what the database will not take to the rotation journal. */
  close(): Promise<void>
}

export type RefresherDependencies = Omit<LeasedRefreshDependencies, "circuits"> & RefusalDependencies
type Dependencies = LeasedRefreshDependencies & RefusalDependencies

/** How much longer than the provider's deadline a caller waits. */
const waitBeyondMs = 5_000
/** After trouble of our own, with the database for one, reads of a living token start nothing for this long. */
const pauseAfterErrorMs = 1_000

export function createRefresher(given: RefresherDependencies): Refresher {
  const circuits = createCircuits()
  const deps: Dependencies = { ...given, circuits }
  const closing = new AbortController()
  const stopping = new AbortController()
  const slots = createCallSlots()
  const flights = createFlights<RefreshResult>()
  const pausing = new Set<string>()

  function fly(connection: Connection): Promise<RefreshResult> {
    return flights.join(`${connection.id} ${connection.generation}`, (hold) =>
      leadFlight(deps, connection, { hold, closing: closing.signal, stopping: stopping.signal, slots }),
    )
  }

  function startsNothing(connection: Connection): boolean {
    return rests(connection, deps.clock.now()) || pausing.has(connection.id)
  }

  function pauseAfter(connection: Connection, error: unknown): void {
    deps.log.warn(
      { connectionId: connection.id, err: error },
      "a refresh of a token that is still handed out failed",
    )
    pausing.add(connection.id)
    setTimeout(() => pausing.delete(connection.id), pauseAfterErrorMs).unref()
  }

  return {
    async refresh(connection) {
      return usableOrThrow(deps, connection, await withDeadline(deps, connection, fly(connection)))
    },

    async refreshOrKeep(connection) {
      if (startsNothing(connection)) return connection
      try {
        const result = await withDeadline(deps, connection, fly(connection))
        const passes = result.kind === "trouble" || result.kind === "quarantined"
        return passes ? connection : usableOrThrow(deps, connection, result)
      } catch (error) {
        if (!isAway(error)) throw error
        pauseAfter(connection, error)
        return connection
      }
    },

    refreshBehind(connection) {
      if (startsNothing(connection)) return
      fly(connection).catch((error: unknown) => pauseAfter(connection, error))
    },

    async refreshAhead(lease) {
      const { id } = lease.connection
      try {
        // A flight of its own: a caller's would wait for the lease that this one holds.
        await flights.join(lease.owner + id, (hold) =>
          refreshLeased(deps, lease, { hold, stopping: stopping.signal }),
        )
      } catch (error) {
        deps.log.warn({ connectionId: id, err: error }, "a refresh ahead of time failed")
      }
    },

    circuits,

    async close() {
      closing.abort()
      await Promise.race([flights.landed(), waiting(deps.config.providerTimeoutMs + waitBeyondMs)])
      // A database that takes no write in this time is left to the journal.
      await Promise.race([flights.ended(), waiting(pauseAfterErrorMs)])
      stopping.abort()
      await flights.ended()
    },
  }
}

async function refreshLeased(deps: Dependencies, lease: HeldLease, aids: FlightAids): Promise<RefreshResult> {
  const { connection } = lease
  const pass = deps.circuits.enter(circuitKey(deps.catalog, connection), deps.clock.now())
  if ("openUntil" in pass) {
    const { openUntil, trouble } = pass
    await deps.storage.connections.postponeRefresh(connection, lease.owner, openUntil)
    return { kind: "trouble", connection, trouble, retryAt: openUntil }
  }
  try {
    return (await refreshUnderLease(deps, lease, aids)) ?? { kind: "gone" }
  } finally {
    pass.end()
  }
}

function waiting(ms: number): Promise<void> {
  return sleep(ms, undefined, { ref: false })
}

async function withDeadline(
  deps: Dependencies,
  connection: Connection,
  flight: Promise<RefreshResult>,
): Promise<RefreshResult> {
  const timeout = new AbortController()
  const late = sleep(deps.config.providerTimeoutMs + waitBeyondMs, "late" as const, {
    signal: timeout.signal,
    ref: false,
  })
  // The race is over before an aborted timer rejects; its rejection has no reader.
  late.catch((error: unknown) => void error)
  try {
    const result = await Promise.race([flight, late])
    if (result !== "late") return result
    const now = deps.clock.now()
    const trouble = { kind: "transient", code: "timeout", message: "the refresh took too long", at: now }
    return { kind: "trouble", connection, trouble, retryAt: now + 5_000 }
  } finally {
    timeout.abort()
  }
}

function usableOrThrow(deps: Dependencies, asked: Connection, result: RefreshResult): Connection {
  if (result.kind !== "usable") throw refusalOf(deps, asked, result)
  // A grant that has been held in memory for its whole life, because the database takes no writes.
  if (judgeFreshness(result.connection, deps.clock.now()) === "expired") {
    throw new StorageUnavailable("the refreshed token could not be stored before it expired", {
      outcome: "not_applied",
    })
  }
  return result.connection
}
