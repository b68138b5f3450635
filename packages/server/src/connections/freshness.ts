/** How long a token may still be handed out. Pure: the time is an argument. */
import type { ConnectorDefinition } from "@grantry/catalog"
import type { Connection } from "../storage/stores.ts"

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
}

/**
 * @param sentAt when the token request left: the life is counted from there, so that it never ends too late
 * @param expiresInS the provider's word; null when it gave none
 * @param refreshable whether there is anything to refresh with
 */
export function tokenTimes(
  definition: ConnectorDefinition,
  sentAt: number,
  expiresInS: number | null,
  refreshable: boolean,
): TokenTimes {
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
  const dueAfterS = definition.refresh?.dueAfterS ?? null
  const dueAt = Math.min(expiresAt - marginMs, dueAfterS === null ? Infinity : sentAt + dueAfterS * 1000)
  return { issuedAt: sentAt, expiresAt, refreshDueAt: refreshable ? Math.floor(dueAt) : null }
}
