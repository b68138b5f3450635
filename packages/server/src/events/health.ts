/** Can this replica work, and if so, does anything want an operator's eye? */
import { GrantryError } from "../errors.ts"
import type { Services } from "../services.ts"
import { type MasterKeys, MasterKeyMismatch, MasterKeyUnavailable } from "../vault/vault.ts"

/** Worth an operator's eye; requests are served all the same. Bounded words: no names, no ids. */
export type Degradation =
  | "revocation_backlog"
  | "webhook_backlog"
  | "journal_holds_grants"
  | "provider_breaker_open"
  | "quarantine"
  | "key_service_unavailable"

/** What a part of the server knows of itself. */
export type HealthSource = () => readonly Degradation[] | Promise<readonly Degradation[]>

export interface Health {
  addSource(source: HealthSource): void
  /** From now on the load balancer should send nothing more. */
  stop(): void
  isStopping(): boolean
  /** @throws StorageUnavailable; KEYS_UNUSABLE when the database is not, or no longer, one that our keys open */
  assertUsable(): Promise<void>
  degradations(): Promise<readonly Degradation[]>
}

/** @param verifyKeys asks the database whether these are its master keys */
export function createHealth(verifyKeys: () => Promise<void>): Health {
  const sources: HealthSource[] = []
  let stopping = false
  return {
    addSource: (source) => void sources.push(source),
    stop: () => void (stopping = true),
    isStopping: () => stopping,
    async assertUsable() {
      try {
        await verifyKeys()
      } catch (error) {
        // What is in memory still opens.
        if (error instanceof MasterKeyUnavailable) return
        throw error instanceof MasterKeyMismatch ? keysUnusable(error) : error
      }
    },
    async degradations() {
      const found = await Promise.all(sources.map(async (source) => source()))
      return [...new Set(found.flat())].sort()
    },
  }
}

export function keyServiceDegradations({ byId }: MasterKeys): readonly Degradation[] {
  return [...byId.values()].some((key) => key.trouble() !== undefined) ? ["key_service_unavailable"] : []
}

export function keysUnusable(cause: MasterKeyMismatch): GrantryError {
  const message =
    "The master keys of this server do not open what the database holds. Start it with the keys that the database was written with."
  return new GrantryError("KEYS_UNUSABLE", 503, message, { cause })
}

/** Outboxes are worked through every few seconds; what has been due for so long is not. */
const maxLagMs = 10 * 60_000

export async function backlogDegradations({
  clock,
  storage,
}: Pick<Services, "clock" | "storage">): Promise<readonly Degradation[]> {
  const now = clock.now()
  const { revocationDueAt, webhookDueAt } = await storage.backlog.read(now, 1)
  const isOld = (dueAt: number | null) => dueAt !== null && now - dueAt > maxLagMs
  return [
    ...(isOld(revocationDueAt) ? (["revocation_backlog"] as const) : []),
    ...(isOld(webhookDueAt) ? (["webhook_backlog"] as const) : []),
  ]
}
