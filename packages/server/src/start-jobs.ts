/** What runs beside the requests: outboxes, sweepers, off-boarding, retention, refresh-ahead. */
import { startAttemptSweeper } from "./authorization/index.ts"
import { startRefreshAhead } from "./connections/refresh-ahead.ts"
import { startRevocationOutbox } from "./connections/revocation-outbox.ts"
import { startAuditRetention } from "./events/audit-chain/retention.ts"
import { startWebhookOutbox } from "./events/webhooks/outbox.ts"
import { startSignInSweeper } from "./members/sweep-sign-ins.ts"
import type { Services } from "./services.ts"
import { startOffBoarding } from "./workspace/off-boarding/worker.ts"

const outboxIntervalMs = 5_000
const webhookIntervalMs = 1_000
const offBoardingIntervalMs = 1_000
const sweepIntervalMs = 60_000
const signInSweepIntervalMs = 10 * 60_000
const retentionIntervalMs = 60 * 60_000

/** How often a job looks for work, in milliseconds; tests do not wait. */
export interface JobIntervals {
  /** The revocations that wait; 5000 unless told. */
  readonly revocationIntervalMs?: number
  /** The webhooks that wait; 1000 unless told. */
  readonly webhookIntervalMs?: number
  /** The off-boarding jobs that wait; 1000 unless told. */
  readonly offBoardingIntervalMs?: number
}

export interface Job {
  close(): void | Promise<void>
}

export function startJobs(services: Services, options: JobIntervals): readonly Job[] {
  const uses = setInterval(() => void writeKeyUses(services), outboxIntervalMs)
  uses.unref()
  return [
    startRevocationOutbox(services, options.revocationIntervalMs ?? outboxIntervalMs),
    startWebhookOutbox(
      { ...services, outbound: services.protocol.outbound },
      options.webhookIntervalMs ?? webhookIntervalMs,
    ),
    startOffBoarding(services, options.offBoardingIntervalMs ?? offBoardingIntervalMs),
    startAttemptSweeper(services, sweepIntervalMs),
    startSignInSweeper(services, signInSweepIntervalMs),
    startAuditRetention(
      { ...services.auditChain, storage: services.storage, clock: services.clock },
      services.config.operating.auditRetentionDays,
      retentionIntervalMs,
    ),
    ...(services.config.refreshRate > 0 && !services.quarantine.active ? [startRefreshAhead(services)] : []),
    { close: () => clearInterval(uses) },
  ]
}

/** Never rejects: with the database away the server still stops in order. */
export async function writeKeyUses({ authenticator, log }: Services): Promise<void> {
  try {
    await authenticator.flushUses()
  } catch (error) {
    log.error({ err: error }, "key uses could not be written")
  }
}
