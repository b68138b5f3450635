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

/** Sums of one token's reads by one caller: as good as always one, since a caller has one address and one outcome. */
interface Sums {
  last: Counter
  /** By address, outcome and action. */
  all: Map<string, Counter> | null
}

/** actor → target: no key has to be put together. */
type Tree = Map<string, Map<string | null, Sums>>

/** @param complete makes the event that the first read of a sum is written as */
export function createReadCounts(complete: (event: AuditInput, now: number) => AuditEvent): ReadCounts {
  let tree: Tree = new Map()
  let counters: Counter[] = []

  function add(event: AuditInput, now: number): Counter {
    const added = { first: complete(event, now), count: 0, until: now }
    counters.push(added)
    return added
  }

  return {
    count(event, now) {
      const counter = counterOf(tree, event, () => add(event, now))
      counter.count += 1
      counter.until = now
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

function counterOf(tree: Tree, event: AuditInput, add: () => Counter): Counter {
  let targets = tree.get(event.actor)
  if (targets === undefined) tree.set(event.actor, (targets = new Map()))
  const sums = targets.get(event.target)
  if (sums === undefined) {
    const counter = add()
    targets.set(event.target, { last: counter, all: null })
    return counter
  }
  return isOf(sums.last, event) ? sums.last : switchTo(sums, event, add)
}

function isOf({ first }: Counter, { action, address = null, outcome }: AuditInput): boolean {
  return first.address === address && first.outcome === outcome && first.action === action
}

function switchTo(sums: Sums, event: AuditInput, add: () => Counter): Counter {
  sums.all ??= new Map([[keyOf(sums.last.first), sums.last]])
  const key = keyOf(event)
  let counter = sums.all.get(key)
  if (counter === undefined) sums.all.set(key, (counter = add()))
  sums.last = counter
  return counter
}

function keyOf({ action, address = null, outcome }: AuditInput): string {
  return JSON.stringify([address, outcome, action])
}
