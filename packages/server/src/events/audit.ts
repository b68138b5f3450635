/**
 * Who did what, when, with what outcome. An act is on record before its caller has the answer; what happens at the same
 * time is written together. Token reads cost no write: those of one token by one caller are summed until the next batch.
 */
import { setImmediate as requestsThatWait } from "node:timers/promises"
import type { Log } from "../log.ts"
import { newOrderedId } from "../random.ts"
import { StorageUnavailable } from "../storage/storage.ts"
import type { AuditEvent } from "../storage/stores/audit-events.ts"
import { createReadCounts, type ReadCounter } from "./read-counts.ts"
import type { RequestOrigin } from "./request-origins.ts"

export interface AuditInput {
  readonly workspaceId: string
  readonly appId: string | null
  /** `member:…`, `service:…`, `app_user:…` or `system`. */
  readonly actor: string
  readonly action: string
  readonly target: string | null
  readonly outcome: string
  readonly address?: string | null
  readonly requestId?: string | null
}

export interface Audit {
  /**
   * Resolves when the event is on record; where the database has gone away since the act, when it waits in memory: the
   * act is done and its answer is true. Not inside a storage transaction.
   */
  record(event: AuditInput): Promise<void>
  /** Sums with the reads of the same token by the same caller. @returns the sum, to which the next one can be added */
  countRead(event: AuditInput): ReadCounter
  flush(): Promise<void>
  /** Writes what is left and stops. */
  close(): Promise<void>
}

interface Options {
  /** Where an act is asked from that does not say so itself. */
  readonly origin: () => RequestOrigin | undefined
  /** All of these or none; an event that is on record already stays as it is. */
  readonly append: (events: readonly AuditEvent[]) => Promise<void>
  readonly now: () => number
  readonly log: Log
  /** How often what waits for the database is tried again. */
  readonly intervalMs: number
  /** Sums of reads are written less often: the longer they are, the fewer rows ten thousand busy tokens make. */
  readonly readIntervalMs: number
}

/** Rows written in one go: SQLite writes in this thread, and requests wait meanwhile. */
const maxRowsAtOnce = 500

/** Beyond this many the oldest unwritten events would fill the memory while the database is away. */
const maxWaiting = 50_000

export function createAudit(options: Options): Audit {
  let events: AuditEvent[] = []
  const reads = createReadCounts((event, now) => completed(event, now))
  let writing: Promise<void> = Promise.resolve()

  async function write(batch: readonly AuditEvent[]): Promise<void> {
    for (let start = 0; start < batch.length; start += maxRowsAtOnce) {
      const rows = batch.slice(start, start + maxRowsAtOnce)
      try {
        await options.append(rows)
      } catch (error) {
        if (error instanceof StorageUnavailable) return keepForLater(batch.slice(start), error)
        await appendEach(options, rows)
      }
      await requestsThatWait()
    }
  }

  function takeEvents(): readonly AuditEvent[] {
    const taken = events
    events = []
    return taken
  }

  function keepForLater(batch: readonly AuditEvent[], error: StorageUnavailable): void {
    const waiting = [...batch, ...events]
    events = waiting.slice(-maxWaiting)
    options.log.error(
      { err: error, waiting: events.length, lost: waiting.length - events.length },
      "audit events wait for the database",
    )
  }

  /** One batch after the other: closing waits for the one that is on its way. */
  function flushEvents(): Promise<void> {
    writing = writing.then(() => write(takeEvents()))
    return writing
  }

  function flush(): Promise<void> {
    writing = writing.then(() => write([...takeEvents(), ...reads.take()]))
    return writing
  }

  const timers = [
    setInterval(() => void flushEvents(), options.intervalMs).unref(),
    setInterval(() => void flush(), options.readIntervalMs).unref(),
  ]
  return {
    record(event) {
      // What the server does by itself may be done on the way of somebody's request.
      const origin = event.actor === "system" ? undefined : options.origin()
      events.push(completed({ ...origin, ...event }, options.now()))
      return flushEvents()
    },
    countRead(event) {
      const before = reads.size()
      const counter = reads.count(event, options.now())
      const after = reads.size()
      if (after !== before && after % maxWaiting === 0) void flush()
      return counter
    },
    flush,
    async close() {
      for (const timer of timers) clearInterval(timer)
      await flush()
    },
  }
}

/** An event that the database will never take must not keep the others from being written. */
async function appendEach({ append, log }: Options, batch: readonly AuditEvent[]): Promise<void> {
  for (const event of batch) {
    try {
      await append([event])
    } catch (error) {
      log.error({ err: error, event }, "an audit event could not be written; it stands here instead")
    }
  }
}

const controlCharacters = /\p{Cc}+/gu

/** Parts of a request may hold what a database takes in no text: U+0000, half a surrogate pair. */
function storable(text: string): string {
  return text.toWellFormed().replace(controlCharacters, "\uFFFD")
}

function completed(event: AuditInput, now: number): AuditEvent {
  const target = event.target === null ? null : storable(event.target)
  return {
    address: null,
    requestId: null,
    ...event,
    target,
    id: newOrderedId("evt", now),
    count: 1,
    at: now,
    until: now,
  }
}
