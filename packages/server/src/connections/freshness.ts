/** How long a token may still be handed out. Pure: the time is an argument. */
import type { ConnectorDefinition } from "@grantry/catalog"
import type { Connection } from "../storage/stores/connections.ts"

/**
 * `fresh`: hand out. `due`: hand out and refresh behind the caller. `stale`: probably dead, but the provider never
 * said when: try a refresh first, hand out if that fails for the moment. `expired`: a refresh must come first.
 */
export type Freshness = "fresh" | "due" | "stale" | "expired"

const maxMarginMs = 5 * 60_000

export function judgeFreshness(
  times: Pick<Connection, "expiresAt" | "refreshDueAt">,
  now: number,
): Freshness {
  if (times.expiresAt !== null && now >= times.expiresAt) return "expired"
  if (times.refreshDueAt === null || now < times.refreshDueAt) return "fresh"
  return times.expiresAt === null ? "stale" : "due"
}

/** Until when `judgeFreshness` says `fresh`. */
export function freshUntil({
  expiresAt,
  refreshDueAt,
}: Pick<Connection, "expiresAt" | "refreshDueAt">): number {
  return Math.min(expiresAt ?? Infinity, refreshDueAt ?? Infinity)
}

export interface TokenTimes {
  readonly issuedAt: number
  readonly expiresAt: number | null
  readonly refreshDueAt: number | null
  readonly refreshAheadAt: number | null
}

export interface TokenLife {
  /** The provider's word; null when it gave none. */
  readonly expiresInS: number | null
  /** Whether there is anything to refresh with. */
  readonly refreshable: boolean
  /** 0 … 1: spreads the refreshes ahead of tokens that were issued at the same time; random unless told. */
  readonly spread?: number
}

/** @param sentAt when the token request left: the life is counted from there, so that it never ends too late */
export function tokenTimes(definition: ConnectorDefinition, sentAt: number, life: TokenLife): TokenTimes {
  const times = timesOf(definition, sentAt, life)
  const spread = life.spread ?? Math.random()
  return { ...times, refreshAheadAt: life.refreshable ? refreshAheadAt(definition, times, spread) : null }
}

type Term = Omit<TokenTimes, "refreshAheadAt">

function timesOf(
  definition: ConnectorDefinition,
  sentAt: number,
  { expiresInS, refreshable }: TokenLife,
): Term {
  if (expiresInS === null) {
    const assumedS = refreshable ? definition.token.assumedLifetimeS : null
    return {
      issuedAt: sentAt,
      expiresAt: null,
      refreshDueAt: assumedS === null ? null : sentAt + assumedS * 1000,
    }
  }
  const lifeMs = Math.floor(expiresInS * 1000)
  const expiresAt = sentAt + lifeMs
  const marginMs = Math.min(maxMarginMs, lifeMs / 5)
  const dueAt = Math.min(expiresAt - marginMs, sentAt + seconds(definition.refresh?.dueAfterS))
  return { issuedAt: sentAt, expiresAt, refreshDueAt: refreshable ? Math.floor(dueAt) : null }
}

function seconds(given: number | null | undefined): number {
  return given === null || given === undefined ? Infinity : given * 1000
}

/** A token that lives shorter is refreshed when somebody asks for it: nobody may keep this server busy with brief ones. */
const shortestLifeMs = 60_000

/**
 * When a token is refreshed although nobody asks: at 50–80 % of its life, a little after the term that the service asks
 * for, and before the refresh token lapses, whichever comes first.
 */
function refreshAheadAt(
  definition: ConnectorDefinition,
  { expiresAt, issuedAt, refreshDueAt }: Term,
  spread: number,
): number | null {
  const share = 0.5 + 0.3 * spread
  const lifeMs = (expiresAt ?? refreshDueAt ?? Infinity) - issuedAt
  const afterMs = Math.min(
    lifeMs < shortestLifeMs ? Infinity : lifeMs * share,
    seconds(definition.refresh?.dueAfterS) * (1 + 0.2 * spread),
    seconds(definition.refresh?.idleLifetimeS) * share,
  )
  return Number.isFinite(afterMs) ? Math.floor(issuedAt + afterMs) : null
}
