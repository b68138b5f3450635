/** Sums of token reads: who has read which token from where, how often since the sums were last written. */
import type { AuditEvent } from "../storage/stores/audit-events.ts"
import type { AuditInput } from "./audit.ts"

/** One sum. Whoever keeps it counts the next read of the same kind without looking for it. */
export interface ReadCounter {
  /** Counts one more; false when the sum was taken to be written, so that nothing can be added to it. */
  again(now: number): boolean
}

export interface ReadCounts {
  count(event: AuditInput, now: number): ReadCounter
  /** How many sums there are. */
  size(): number
  /**
   * The sums since the last time, which start anew. Those of one caller lie together: written in the order in which they
   * began, each would dirty a page of an index by itself.
   */
  take(): AuditEvent[]
}

function byCaller(a: AuditEvent, b: AuditEvent): number {
  if (a.workspaceId !== b.workspaceId) return a.workspaceId < b.workspaceId ? -1 : 1
  if (a.actor !== b.actor) return a.actor < b.actor ? -1 : 1
  return a.at - b.at
}

class Sum implements ReadCounter {
  readonly #first: AuditEvent
  #count = 1
  #until: number
  #taken = false

  constructor(first: AuditEvent) {
    this.#first = first
    this.#until = first.until
  }

  again(now: number): boolean {
    if (this.#taken) return false
    this.#count += 1
    this.#until = now
    return true
  }

  take(): AuditEvent {
    this.#taken = true
    return { ...this.#first, count: this.#count, until: this.#until }
  }
}

/** @param complete makes the event that the first read of a sum is written as */
export function createReadCounts(complete: (event: AuditInput, now: number) => AuditEvent): ReadCounts {
  let sums = new Map<string, Sum>()
  return {
    count(event, now) {
      const { actor, action, target, outcome, address = null } = event
      const key = JSON.stringify([actor, action, target, outcome, address])
      const known = sums.get(key)
      if (known?.again(now) === true) return known
      const sum = new Sum(complete(event, now))
      sums.set(key, sum)
      return sum
    },
    size: () => sums.size,
    take() {
      const taken = [...sums.values()].map((sum) => sum.take())
      sums = new Map()
      return taken.sort(byCaller)
    },
  }
}
