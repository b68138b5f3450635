/** Sums of token reads. Counting one more read of a token that was read before allocates nothing: it is the hot path. */
import type { AuditEvent } from "../storage/stores.ts"
import type { AuditInput } from "./audit.ts"

export interface ReadCounts {
  count(event: AuditInput, now: number): void
  /** How many sums there are. */
  size(): number
  /** The sums since the last time, which start anew. */
  take(): AuditEvent[]
}

interface Counter {
  readonly first: AuditEvent
  count: number
  until: number
}

/** actor → target → address → outcome and action: no key has to be put together. */
type ByOutcome = Map<string, Counter>
type Tree = Map<string, Map<string | null, Map<string | null, ByOutcome>>>

/** @param complete makes the event that the first read of a sum is written as */
export function createReadCounts(complete: (event: AuditInput, now: number) => AuditEvent): ReadCounts {
  let tree: Tree = new Map()
  let counters: Counter[] = []

  return {
    count(event, now) {
      const byOutcome = outcomesOf(tree, event)
      const counter = byOutcome.get(event.outcome)
      if (counter !== undefined && counter.first.action === event.action) {
        counter.count += 1
        counter.until = now
        return
      }
      const added = { first: complete(event, now), count: 1, until: now }
      byOutcome.set(event.outcome, added)
      counters.push(added)
    },
    size: () => counters.length,
    take() {
      const taken = counters.map(({ first, count, until }) => ({ ...first, count, until }))
      tree = new Map()
      counters = []
      return taken
    },
  }
}

function outcomesOf(tree: Tree, { actor, address = null, target }: AuditInput): ByOutcome {
  const targets = childOf(tree, actor)
  return childOf(childOf(targets, target), address)
}

function childOf<K, L, V>(parent: Map<K, Map<L, V>>, key: K): Map<L, V> {
  const known = parent.get(key)
  if (known !== undefined) return known
  const made = new Map<L, V>()
  parent.set(key, made)
  return made
}
