/**
 * One connection of this process that hears which connections have moved. It is a convenience: while it is away the
 * poller finds out the same, so nothing here is ever fatal (and behind a pooler that drops LISTEN nothing is missed).
 */
import pg from "pg"
import type { Log } from "../../log.ts"
import { setTimeout as sleep } from "node:timers/promises"

export interface ListenerOptions {
  readonly url: string
  readonly heard: (connectionId: string) => void
  /** Somebody may have lost a key or a membership. */
  readonly heardOfAccess: () => void
  /** It listens again: what was said meanwhile is lost. */
  readonly listensAgain: () => void
  readonly log?: Pick<Log, "info" | "warn"> | undefined
}

export interface Listener {
  close(): Promise<void>
}

const channel = "grantry_connections"
const accessChannel = "grantry_access"
const firstPauseMs = 250
const longestPauseMs = 10_000

export function startListener(options: ListenerOptions): Listener {
  const closing = new AbortController()
  const running = listen(options, closing.signal)
  return {
    async close() {
      closing.abort()
      await running
    },
  }
}

async function listen(options: ListenerOptions, closing: AbortSignal): Promise<void> {
  let pauseMs = firstPauseMs
  while (!closing.aborted) {
    const heardAnything = await listenOnce(options, closing)
    if (closing.aborted) return
    pauseMs = heardAnything ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs)
    await pause(pauseMs, closing)
  }
}

async function pause(ms: number, closing: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal: closing, ref: false })
  } catch (error) {
    if (!closing.aborted) throw error
  }
}

/** @returns whether it came as far as listening */
async function listenOnce(options: ListenerOptions, closing: AbortSignal): Promise<boolean> {
  const client = new pg.Client({
    connectionString: options.url,
    application_name: "grantry listener",
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  })
  const ended = Promise.withResolvers<void>()
  client.on("error", (error) => {
    if (!closing.aborted) options.log?.warn({ err: error }, "The connection that listens was lost")
    ended.resolve()
  })
  client.on("end", () => ended.resolve())
  client.on("notification", ({ channel: heardOn, payload }) => {
    if (heardOn === accessChannel) options.heardOfAccess()
    else if (payload !== undefined) options.heard(payload)
  })
  closing.addEventListener("abort", () => ended.resolve(), { once: true })
  try {
    await client.connect()
    await client.query(`listen ${channel}; listen ${accessChannel}`)
    options.listensAgain()
    options.heardOfAccess()
    await ended.promise
    return true
  } catch (error) {
    if (!closing.aborted) options.log?.warn({ err: error }, "The database does not let this process listen")
    return false
  } finally {
    await client
      .end()
      .catch((error: unknown) => options.log?.warn({ err: error }, "The listener did not end in order"))
  }
}
