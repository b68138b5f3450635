/**
 * One refresh, however many ask: single flight in this process, a lease in the database between processes. The rule
 * is that a refresh token is never presented twice on purpose, and never lost on purpose.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { GrantryError } from "../errors.ts"
import type { Clock, Services } from "../services.ts"
import type { Connection, ProviderTrouble } from "../storage/stores.ts"
import { notConnected, oauthClientRejected, providerUnavailable, reconnectRequired } from "./errors.ts"
import { judgeFreshness } from "./freshness.ts"
import { definitionOf } from "./oauth-clients.ts"
import { type LeasedRefreshDependencies, performLeasedRefresh } from "./leased-refresh.ts"

/** What a flight came to. */
export type RefreshResult =
  | { readonly kind: "usable"; readonly connection: Connection }
  | { readonly kind: "dead"; readonly connection: Connection }
  | { readonly kind: "gone" }
  | { readonly kind: "trouble"; readonly connection: Connection; readonly trouble: ProviderTrouble; readonly retryAt: number }

export interface Refresher {
  /** For an expired token: waits for the one refresh that all callers share. @throws GrantryError */
  refresh(connection: Connection): Promise<Connection>
  /** For a token that is probably dead: the stored one is still better than a provider's passing trouble. */
  refreshOrKeep(connection: Connection): Promise<Connection>
  /** For a token that still lives: failures show on the connection, never to the caller. */
  refreshBehind(connection: Connection): void
  /** Resolves when no refresh is under way. */
  settled(): Promise<void>
}

/** Between two looks at a lease that another process holds. */
const pollMs = 50

type Dependencies = LeasedRefreshDependencies & Pick<Services, "catalog" | "log"> & { readonly clock: Clock }

export function createRefresher(deps: Dependencies): Refresher {
  const flights = new Map<string, Promise<RefreshResult>>()
  const background = new Set<Promise<unknown>>()

  /** Joins the flight of this connection, or starts it. */
  function fly(connection: Connection): Promise<RefreshResult> {
    const under = flights.get(connection.id)
    if (under) return under
    const flight = leadFlight(deps, connection, (held) => track(connection.id, held))
    flights.set(connection.id, flight)
    track(connection.id, flight)
    return flight
  }

  /** A flight stays joinable until the last thing that it started has ended. */
  const open = new Map<string, number>()
  function track(id: string, work: Promise<unknown>): void {
    open.set(id, (open.get(id) ?? 0) + 1)
    background.add(work)
    const end = (): void => {
      background.delete(work)
      const left = (open.get(id) ?? 1) - 1
      if (left > 0) return void open.set(id, left)
      open.delete(id)
      flights.delete(id)
    }
    work.then(end, end)
  }

  return {
    async refresh(connection) {
      return usableOrThrow(deps, connection, await withDeadline(deps, connection, fly(connection)))
    },
    async refreshOrKeep(connection) {
      if (waits(connection, deps.clock.now())) return connection
      const result = await withDeadline(deps, connection, fly(connection))
      return result.kind === "trouble" ? result.connection : usableOrThrow(deps, connection, result)
    },
    refreshBehind(connection) {
      if (waits(connection, deps.clock.now()) || flights.has(connection.id)) return
      fly(connection).catch((error: unknown) => {
        deps.log.warn({ connectionId: connection.id, err: error }, "a refresh ahead of expiry failed")
      })
    },
    async settled() {
      while (background.size > 0) await Promise.allSettled(background)
    },
  }
}

function waits(connection: Connection, now: number): boolean {
  return connection.retryAt !== null && connection.retryAt > now
}

/** Looks, takes the lease and refreshes, or waits for whoever holds it. */
async function leadFlight(
  deps: Dependencies,
  first: Connection,
  hold: (work: Promise<unknown>) => void,
): Promise<RefreshResult> {
  const giveUpAt = performance.now() + deps.config.providerTimeoutMs * 1.5 + 5_000
  let connection: Connection | undefined = first
  for (;;) {
    const now = deps.clock.now()
    if (!connection || connection.status === "disconnected") return { kind: "gone" }
    if (connection.status === "expired") return { kind: "dead", connection }
    if (connection.version !== first.version && judgeFreshness(connection, now) === "fresh") return { kind: "usable", connection }
    if (connection.retryAt !== null && waits(connection, now)) {
      return { kind: "trouble", connection, trouble: lastTrouble(connection, now), retryAt: connection.retryAt }
    }
    const result = await performLeasedRefresh(deps, connection, hold)
    if (result) return result
    if (performance.now() > giveUpAt) return { kind: "trouble", connection, trouble: lastTrouble(connection, now), retryAt: now + 5_000 }
    await sleep(pollMs)
    connection = await deps.storage.connections.findById(connection.workspaceId, connection.id)
  }
}

function lastTrouble(connection: Connection, now: number): ProviderTrouble {
  return connection.lastRefreshError ?? { kind: "transient", code: "busy", message: "another refresh is under way", at: now }
}

async function withDeadline(deps: Dependencies, connection: Connection, flight: Promise<RefreshResult>): Promise<RefreshResult> {
  const timeout = new AbortController()
  const late = sleep(deps.config.providerTimeoutMs + 5_000, "late" as const, { signal: timeout.signal, ref: false })
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
  const definition = definitionOf(deps.catalog, asked.type)
  switch (result.kind) {
    case "usable":
      return result.connection
    case "gone":
      throw notConnected(asked.ownerKind)
    case "dead":
      throw reconnectRequired(result.connection, definition)
    case "trouble":
      throw troubleError(deps, result)
  }
}

function troubleError(deps: Dependencies, result: Extract<RefreshResult, { kind: "trouble" }>): GrantryError {
  const { connection, retryAt, trouble } = result
  const definition = definitionOf(deps.catalog, connection.type)
  const retryAfterS = Math.max(1, Math.ceil((retryAt - deps.clock.now()) / 1000))
  return trouble.kind === "client_misconfigured"
    ? oauthClientRejected(definition, connection, trouble, retryAfterS)
    : providerUnavailable(definition, trouble, retryAfterS)
}
