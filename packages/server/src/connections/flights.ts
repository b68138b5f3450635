/** Work that many ask for at once is done once: whoever comes while it is under way gets the same result. */

export interface Flights<T> {
  /**
   * Joins the flight of this key, or starts it. It stays joinable until what it left behind with `hold` has ended too.
   * Work that is held reports its own failures.
   */
  join(key: string, start: (hold: (work: Promise<unknown>) => void) => Promise<T>): Promise<T>
  /** Resolves when every flight has its result. */
  landed(): Promise<void>
  /** Resolves when what they left behind has ended as well. */
  ended(): Promise<void>
}

interface Flight<T> {
  readonly result: Promise<T>
  open: number
}

export function createFlights<T>(): Flights<T> {
  const flights = new Map<string, Flight<T>>()
  const results = new Set<Promise<unknown>>()
  const works = new Set<Promise<unknown>>()

  function track(key: string, flight: Flight<T>, work: Promise<unknown>): void {
    flight.open += 1
    works.add(work)
    const end = (): void => {
      works.delete(work)
      results.delete(work)
      flight.open -= 1
      if (flight.open === 0) flights.delete(key)
    }
    work.then(end, end)
  }

  return {
    join(key, start) {
      const under = flights.get(key)
      if (under) return under.result
      const held: Promise<unknown>[] = []
      let flight: Flight<T> | undefined
      const result = start((work) => (flight ? track(key, flight, work) : held.push(work)))
      flight = { result, open: 0 }
      flights.set(key, flight)
      results.add(result)
      track(key, flight, result)
      for (const work of held) track(key, flight, work)
      return result
    },
    async landed() {
      while (results.size > 0) await Promise.allSettled(results)
    },
    async ended() {
      while (works.size > 0) await Promise.allSettled(works)
    },
  }
}
