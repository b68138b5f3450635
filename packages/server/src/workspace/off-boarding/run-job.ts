/**
 * Works a job through, a small batch at a time, through the same use case as a single disconnect. Whatever stops it,
 * the next one goes on: each connection is counted in the transaction that ends it, and found ended afterwards.
 */
import { setImmediate as requestsThatWait } from "node:timers/promises"
import { endConnection } from "../../connections/disconnect.ts"
import type { Services } from "../../services.ts"
import { StorageUnavailable } from "../../storage/storage.ts"
import type { Connection } from "../../storage/stores/connections.ts"
import type { DisconnectJob, JobCursor } from "../../storage/stores/disconnect-jobs.ts"
import { removeApp } from "../remove-app.ts"
import { isCovered } from "./covers.ts"

export interface JobLease {
  readonly owner: string
  readonly leaseMs: number
  readonly isStopping: () => boolean
}

const lookedAtAtOnce = 100
/** Fewer than there are connections to the database, so that token reads find one. */
const endedAtOnce = 4

/** So that a workspace with a million connections keeps no other one waiting. */
const pagesPerTurn = 20

/** @returns when the job is done, when its turn is over, or when it is somebody else's */
export async function runJob(services: Services, job: DisconnectJob, lease: JobLease): Promise<void> {
  let cursor = job.cursor
  for (let pages = 1; ; pages += 1) {
    const page = {
      workspaceId: job.workspaceId,
      appId: job.covers.appId,
      after: cursor,
      limit: lookedAtAtOnce,
    }
    const rows = await services.storage.connections.listEverything(page)
    const failed = await endAll(
      services,
      job,
      rows.filter((connection) => isCovered(job, connection)),
    )
    cursor = cursorOf(rows) ?? cursor
    const isLast = rows.length < lookedAtAtOnce
    const restsNow = !isLast && (pages === pagesPerTurn || lease.isStopping())
    const step = { cursor, failed, leaseMs: restsNow ? 0 : lease.leaseMs }
    if (!(await services.storage.disconnectJobs.advance(job, lease.owner, step)) || restsNow) return
    if (isLast) return end(services, job, lease)
    await requestsThatWait()
  }
}

function cursorOf(rows: readonly Connection[]): JobCursor | undefined {
  const last = rows.at(-1)
  if (!last) return undefined
  const { appId, ownerId, ownerKind, slot } = last
  return { appId, ownerKind, ownerId, slot }
}

async function end(services: Services, job: DisconnectJob, { owner }: JobLease): Promise<void> {
  const { covers, endsWith, id, workspaceId } = job
  if (endsWith === "app" && covers.appId !== null) {
    const app = await services.storage.apps.find(workspaceId, covers.appId)
    // What was connected meanwhile ends with it.
    if (app) await removeApp(services, app, job.askedBy)
  }
  if (!(await services.storage.disconnectJobs.finish(job, owner, services.clock.now()))) return
  const about = { appId: covers.appId, actor: job.askedBy, action: "disconnect_job.end" }
  await services.audit.record({ ...about, workspaceId, target: id, outcome: "ok" })
}

/** @returns how many could not be ended */
async function endAll(
  services: Services,
  job: DisconnectJob,
  connections: readonly Connection[],
): Promise<number> {
  const waiting = [...connections]
  let failed = 0
  const work = async () => {
    for (let one = waiting.pop(); one; one = waiting.pop())
      if (!(await endOne(services, job, one))) failed += 1
  }
  await Promise.all(Array.from({ length: endedAtOnce }, work))
  return failed
}

async function endOne(services: Services, job: DisconnectJob, connection: Connection): Promise<boolean> {
  try {
    const ended = await endConnection(services, connection, {
      jobId: job.id,
      applies: (current) => isCovered(job, current),
      note: (stores, { result, revocation }) =>
        stores.disconnectJobs.countDone(
          job,
          revocation ? null : result === "failed" ? "unreadable" : "unsupported",
        ),
    })
    if (ended) await audit(services, job, connection, ended.result)
    return true
  } catch (error) {
    // The database's trouble is not this connection's: the job goes on when it is back.
    if (error instanceof StorageUnavailable) throw error
    services.log.error(
      { err: error, connectionId: connection.id, jobId: job.id },
      "a connection could not be ended",
    )
    return false
  }
}

function audit(
  services: Services,
  { askedBy }: DisconnectJob,
  { appId, id, workspaceId }: Connection,
  outcome: string,
): Promise<void> {
  const action = "connection.disconnect"
  return services.audit.record({ workspaceId, appId, actor: askedBy, action, target: id, outcome })
}
