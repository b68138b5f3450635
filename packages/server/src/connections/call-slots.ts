/**
 * How many refreshes that callers wait for may ask providers at once. A provider that hangs, or a workspace that asks
 * for thousands of expired tokens, must not use up the sockets and the memory that the others need. Whoever finds no
 * room waits; room that comes free goes to the workspaces in turn.
 */
export interface Place {
  readonly tenant: string
  /** The OAuth client, and the provider behind it. */
  readonly client: string
}

export interface Slot {
  /** May be called more than once. */
  leave(): void
}

export interface CallSlots {
  /** undefined: there is no room just now. */
  enterNow(place: Place): Slot | undefined
  /** undefined: too many wait already, or the signal ended the wait. */
  enter(place: Place, signal: AbortSignal): Promise<Slot | undefined>
}

export interface SlotLimits {
  /** Less than one client's, so that another workspace finds room at a client that they share. */
  readonly perTenant: number
  readonly perClient: number
  readonly waitingPerTenant: number
}

const usualLimits: SlotLimits = { perTenant: 64, perClient: 128, waitingPerTenant: 1_000 }

/** Those who wait for the same: one workspace at one client. */
interface Queue {
  readonly place: Place
  readonly waiting: Set<(slot: Slot | undefined) => void>
}

export function createCallSlots(limits: SlotLimits = usualLimits): CallSlots {
  const [ofTenant, ofClient] = [createTally(), createTally()]
  const waitingOf = createTally()
  // In the order of their turns.
  const queues = new Map<string, Queue>()

  const hasRoom = ({ client, tenant }: Place): boolean =>
    ofTenant.of(tenant) < limits.perTenant && ofClient.of(client) < limits.perClient

  function occupy(place: Place): Slot {
    let left = false
    ofTenant.add(place.tenant, 1)
    ofClient.add(place.client, 1)
    return {
      leave() {
        if (left) return
        left = true
        ofTenant.add(place.tenant, -1)
        ofClient.add(place.client, -1)
        admitNext()
      },
    }
  }

  function admitNext(): void {
    for (const [key, queue] of queues) {
      const [next] = queue.waiting
      if (!next || !hasRoom(queue.place)) continue
      // Its next turn comes after everybody else's.
      queues.delete(key)
      queues.set(key, queue)
      forget(key, queue, next)
      return next(occupy(queue.place))
    }
  }

  function forget(key: string, queue: Queue, one: (slot: Slot | undefined) => void): void {
    if (queue.waiting.delete(one)) waitingOf.add(queue.place.tenant, -1)
    if (queue.waiting.size === 0) queues.delete(key)
  }

  return {
    enterNow: (place) => (hasRoom(place) ? occupy(place) : undefined),

    async enter(place, signal) {
      if (hasRoom(place)) return occupy(place)
      if (signal.aborted || waitingOf.of(place.tenant) >= limits.waitingPerTenant) return undefined
      const turn = Promise.withResolvers<Slot | undefined>()
      const key = `${place.tenant} ${place.client}`
      const queue = queues.get(key) ?? { place, waiting: new Set() }
      queues.set(key, queue)
      queue.waiting.add(turn.resolve)
      waitingOf.add(place.tenant, 1)
      const stop = (): void => {
        forget(key, queue, turn.resolve)
        turn.resolve(undefined)
      }
      signal.addEventListener("abort", stop, { once: true })
      const slot = await turn.promise
      signal.removeEventListener("abort", stop)
      return slot
    },
  }
}

function createTally() {
  const counts = new Map<string, number>()
  return {
    of: (key: string): number => counts.get(key) ?? 0,
    add(key: string, count: number): void {
      const sum = (counts.get(key) ?? 0) + count
      if (sum === 0) counts.delete(key)
      else counts.set(key, sum)
    },
  }
}
