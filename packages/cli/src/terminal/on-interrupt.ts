/** Ctrl-C ends a command; what it made for the time being is taken away first. */

const interrupted = 130
const handlers = new Set<() => Promise<unknown>>()

/** @returns takes the handler back */
export function onInterrupt(cleanUp: () => Promise<unknown>): () => void {
  if (handlers.size === 0) process.on("SIGINT", interrupt)
  handlers.add(cleanUp)
  return () => {
    handlers.delete(cleanUp)
    if (handlers.size === 0) process.off("SIGINT", interrupt)
  }
}

/** For terminals in raw mode, where Ctrl-C is a key like any other. */
export function interrupt(): void {
  const waiting = [...handlers]
  handlers.clear()
  void Promise.allSettled(waiting.map((cleanUp) => cleanUp())).then(() => process.exit(interrupted))
}
