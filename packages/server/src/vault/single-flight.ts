/** Callers that want the same thing at the same time share one piece of work. */
export type SingleFlight<T> = (key: string, work: () => Promise<T>) => Promise<T>

export function createSingleFlight<T>(): SingleFlight<T> {
  const running = new Map<string, Promise<T>>()
  return (key, work) => {
    const present = running.get(key)
    if (present) return present
    const started = work().finally(() => running.delete(key))
    running.set(key, started)
    return started
  }
}
