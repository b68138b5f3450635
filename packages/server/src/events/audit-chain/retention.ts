/** Removes audit events that are older than the operator keeps them, in every workspace, in the background. */
import { setImmediate as requestsThatWait } from "node:timers/promises"
import type { Clock } from "../../services.ts"
import type { Storage } from "../../storage/storage.ts"
import type { AppendDependencies } from "./append-events.ts"
import { expireEvents } from "./expire-events.ts"

export interface RetentionDependencies extends AppendDependencies {
  readonly storage: Pick<Storage, "auditChains" | "transaction">
  readonly clock: Clock
}

const dayMs = 86_400_000
const workspacesAtOnce = 100

/** Whole days of UTC, so that a workspace is cut at most once a day. @returns how many events went */
export async function expireAudits(deps: RetentionDependencies, keptDays: number): Promise<number> {
  const now = deps.clock.now()
  const before = Math.floor((now - keptDays * dayMs) / dayMs) * dayMs
  let removed = 0
  let after = ""
  for (;;) {
    const due = await deps.storage.auditChains.listDue(before, after, workspacesAtOnce)
    for (const workspaceId of due) removed += await expireAll(deps, { workspaceId, before, now })
    after = due.at(-1) ?? after
    if (due.length < workspacesAtOnce) return removed
  }
}

async function expireAll(
  deps: RetentionDependencies,
  expiry: Parameters<typeof expireEvents>[1],
): Promise<number> {
  let removed = 0
  for (;;) {
    const batch = await expireEvents(deps, expiry)
    if (batch === 0) return removed
    removed += batch
    await requestsThatWait()
  }
}

/** @param keptDays null: everything is kept */
export function startAuditRetention(
  deps: RetentionDependencies,
  keptDays: number | null,
  intervalMs: number,
): { close(): Promise<void> } {
  let running: Promise<void> = Promise.resolve()
  if (keptDays === null) return { close: () => running }
  const run = () => {
    running = expireAudits(deps, keptDays).then(
      (removed) => {
        if (removed > 0) deps.log.info({ removed }, "old audit events were removed")
      },
      (error: unknown) => deps.log.error({ err: error }, "old audit events could not be removed"),
    )
  }
  run()
  const timer = setInterval(() => void running.then(run), intervalMs)
  timer.unref()
  return {
    close() {
      clearInterval(timer)
      return running
    },
  }
}
