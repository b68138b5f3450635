/**
 * Who did what, when, with what outcome. Entries are written in batches, so that a token read costs no write; reads
 * of one token by one caller are summed until the next batch.
 */
import type { Log } from "../log.ts"
import { newId } from "../random.ts"
import type { AuditEvent, AuditStore } from "../storage/stores.ts"

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
  record(event: AuditInput): void
  /** Sums with the reads of the same token by the same caller. */
  countRead(event: AuditInput): void
  flush(): Promise<void>
  /** Writes what is left and stops. */
  close(): Promise<void>
}

interface Options {
  readonly store: AuditStore
  readonly now: () => number
  readonly log: Log
  readonly intervalMs: number
}

/** Beyond this many the oldest unwritten events would fill the memory while the database is away. */
const maxWaiting = 50_000

export function createAudit(options: Options): Audit {
  let events: AuditEvent[] = []
  let reads = new Map<string, AuditEvent>()

  async function flush(): Promise<void> {
    const batch = [...events, ...reads.values()]
    if (batch.length === 0) return
    events = []
    reads = new Map()
    try {
      await options.store.append(batch)
    } catch (error) {
      events = [...batch, ...events].slice(-maxWaiting)
      options.log.error({ err: error, waiting: events.length }, "audit events wait for the database")
    }
  }

  const timer = setInterval(() => void flush(), options.intervalMs)
  timer.unref()
  return {
    record: (event) => void events.push(completed(event, options.now())),
    countRead(event) {
      const key = `${event.actor} ${event.action} ${event.target} ${event.outcome} ${event.address}`
      const seen = reads.get(key)
      const now = options.now()
      reads.set(key, seen ? { ...seen, count: seen.count + 1, until: now } : completed(event, now))
      if (reads.size >= maxWaiting) void flush()
    },
    flush,
    async close() {
      clearInterval(timer)
      await flush()
    },
  }
}

function completed(event: AuditInput, now: number): AuditEvent {
  return { address: null, requestId: null, ...event, id: newId("evt"), count: 1, at: now, until: now }
}
