/**
 * What somebody did to a chain where it does not go on as it should. That it is broken is certain; what was done is the
 * simplest that explains it.
 */
import type { KeyObject } from "node:crypto"
import type { ChainLink } from "../../storage/stores/audit-chains.ts"
import type { ChainedAuditEvent } from "../../storage/stores/audit-events.ts"
import { eventMac, sameMac } from "./macs.ts"

export type BreakKind =
  | "changed"
  | "missing"
  | "inserted"
  | "reordered"
  | "cut_at_start"
  | "cut_at_end"
  /** The chain's own record: its head, its beginning or its key. */
  | "record_changed"
  | "key_unreadable"
  /** The link that was noted down elsewhere is not in the chain. */
  | "head_differs"
  /** The link that was noted down elsewhere is older than the record: nothing can be shown of it any more. */
  | "head_removed"

export interface Break {
  /** The first that is not as it should be; 0: among the events that are older than the chain. */
  readonly sequence: number
  readonly what: BreakKind
}

/** Whether this event, with this number, follows that link. */
export function follows(
  key: KeyObject,
  previous: Uint8Array,
  sequence: number,
  event: ChainedAuditEvent,
): boolean {
  return sameMac(event.link.mac, eventMac(key, previous, sequence, event))
}

/**
 * @param previous the last link that holds
 * @param rest what stands behind it, of which the first does not follow
 */
export function judgeBreak(
  key: KeyObject,
  previous: ChainLink,
  rest: readonly ChainedAuditEvent[],
): Extract<BreakKind, "changed" | "missing" | "inserted" | "reordered"> {
  const expected = previous.sequence + 1
  const [first, second] = rest
  if (!first) return "missing"
  if (first.link.sequence > expected) return "missing"
  if (first.link.sequence < expected) return "inserted"
  const meant = rest.findIndex((event, index) => index > 0 && follows(key, previous.mac, expected, event))
  const found = rest[meant]
  if (found) {
    // What belongs here stands further on: either it was pushed back by one, or it changed places.
    const pushedBack = meant === 1 && !follows(key, found.link.mac, expected + 1, first)
    return pushedBack ? "inserted" : "reordered"
  }
  return second && isRenumbered(key, first, second, rest.length) ? "missing" : "changed"
}

/** Two neighbours that follow each other under greater numbers: those before them were taken out, and the gap closed. */
function isRenumbered(
  key: KeyObject,
  first: ChainedAuditEvent,
  second: ChainedAuditEvent,
  farthest: number,
): boolean {
  for (let shift = 1; shift <= farthest; shift += 1)
    if (follows(key, first.link.mac, second.link.sequence + shift, second)) return true
  return false
}
