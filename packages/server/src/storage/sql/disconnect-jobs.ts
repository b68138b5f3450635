import { sql } from "kysely"
import type {
  DisconnectJob,
  DisconnectJobStore,
  JobCursor,
  NewDisconnectJob,
} from "../stores/disconnect-jobs.ts"
import type { DisconnectJobRow } from "./schema.ts"
import { type Executor, metOneRow } from "./statements.ts"

function toJob(row: DisconnectJobRow): DisconnectJob {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    covers: {
      appId: row.app_id,
      type: row.type,
      connectorId: row.connector_id,
      userId: row.user_id,
      connectedBy: row.connected_by,
    },
    endsWith: row.ends_with,
    askedBy: row.asked_by,
    status: row.status,
    total: row.total,
    done: row.done,
    failed: row.failed,
    unsupported: row.unsupported,
    unreadable: row.unreadable,
    cursor: row.cursor_json === null ? null : (JSON.parse(row.cursor_json) as JobCursor),
    askedAt: row.asked_at,
    endedAt: row.ended_at,
  }
}

/** Equal for jobs that end the same in the same way. */
function coversKey({ covers, endsWith }: Pick<NewDisconnectJob, "covers" | "endsWith">): string {
  const { appId, connectedBy, connectorId, type, userId } = covers
  return JSON.stringify([appId, type, connectorId, userId, connectedBy, endsWith])
}

function toRow(job: NewDisconnectJob): DisconnectJobRow {
  return {
    id: job.id,
    workspace_id: job.workspaceId,
    covers_key: coversKey(job),
    app_id: job.covers.appId,
    type: job.covers.type,
    connector_id: job.covers.connectorId,
    user_id: job.covers.userId,
    connected_by: job.covers.connectedBy,
    ends_with: job.endsWith,
    asked_by: job.askedBy,
    status: "running",
    total: job.total,
    done: 0,
    failed: 0,
    unsupported: 0,
    unreadable: 0,
    cursor_json: null,
    lease_owner: null,
    lease_until: null,
    asked_at: job.askedAt,
    ended_at: null,
  }
}

async function takeNext({ db, dialect }: Executor, leaseOwner: string, leaseMs: number) {
  const next = db
    .selectFrom("disconnect_jobs")
    .select("id")
    .where("status", "=", sql.lit("running"))
    .where((of) => of.or([of("lease_until", "is", null), of("lease_until", "<=", dialect.now)]))
    // Whoever had the last turn is the last one to have the next.
    .orderBy(sql`coalesce(lease_until, 0)`)
    .orderBy("asked_at")
    .limit(1)
    .$if(dialect.skipsLockedRows, (query) => query.forUpdate().skipLocked())
  const row = await db
    .with(
      (cte) => cte("next").materialized(),
      () => next,
    )
    .updateTable("disconnect_jobs")
    .set({ lease_owner: leaseOwner, lease_until: sql<number>`${dialect.now} + ${sql.lit(leaseMs)}` })
    .where("id", "in", (of) => of.selectFrom("next").select("next.id"))
    .returningAll()
    .executeTakeFirst()
  return row && toJob(row)
}

type JobId = Pick<DisconnectJob, "workspaceId" | "id">

function jobReads({ db }: Executor) {
  const inWorkspace = (workspaceId: string) =>
    db.selectFrom("disconnect_jobs").selectAll().where("workspace_id", "=", workspaceId)
  return {
    async findRunning(job) {
      const row = await inWorkspace(job.workspaceId)
        .where("covers_key", "=", coversKey(job))
        .where("status", "=", sql.lit("running"))
        .executeTakeFirst()
      return row && toJob(row)
    },

    async find(workspaceId, id) {
      const row = await inWorkspace(workspaceId).where("id", "=", id).executeTakeFirst()
      return row && toJob(row)
    },

    async list(workspaceId, { after, limit }) {
      let query = inWorkspace(workspaceId)
      if (after !== undefined) {
        const last = [after.askedAt, after.id] as const
        query = query.where((of) => of(of.refTuple("asked_at", "id"), "<", of.tuple(...last)))
      }
      const rows = await query.orderBy("asked_at", "desc").orderBy("id", "desc").limit(limit).execute()
      return rows.map(toJob)
    },
  } satisfies Partial<DisconnectJobStore>
}

function jobSteps({ db, dialect }: Executor) {
  const one = ({ id, workspaceId }: JobId) =>
    db.updateTable("disconnect_jobs").where("workspace_id", "=", workspaceId).where("id", "=", id)
  const running = (job: JobId) => one(job).where("status", "=", "running")
  return {
    async advance(job, leaseOwner, { cursor, failed, leaseMs }) {
      const update = running(job)
        .set((of) => ({
          cursor_json: cursor && JSON.stringify(cursor),
          failed: of("failed", "+", failed),
          lease_until: sql<number>`${dialect.now} + ${sql.lit(leaseMs)}`,
        }))
        .where("lease_owner", "=", leaseOwner)
      return metOneRow(await update.executeTakeFirst())
    },

    async countDone(job, without) {
      await one(job)
        .set((of) => ({
          done: of("done", "+", 1),
          ...(without === "unsupported" && { unsupported: of("unsupported", "+", 1) }),
          ...(without === "unreadable" && { unreadable: of("unreadable", "+", 1) }),
        }))
        .execute()
    },

    async finish(job, leaseOwner, now) {
      const end = { status: "done" as const, ended_at: now, lease_owner: null, lease_until: null }
      return metOneRow(await running(job).set(end).where("lease_owner", "=", leaseOwner).executeTakeFirst())
    },

    async cancel(workspaceId, id, now) {
      const end = { status: "cancelled" as const, ended_at: now, lease_owner: null, lease_until: null }
      return metOneRow(await running({ workspaceId, id }).set(end).executeTakeFirst())
    },

    async restart(workspaceId, id) {
      const again = one({ workspaceId, id }).set({
        status: "running",
        cursor_json: null,
        failed: 0,
        ended_at: null,
      })
      return metOneRow(await again.where("status", "!=", "running").executeTakeFirst())
    },
  } satisfies Partial<DisconnectJobStore>
}

export function disconnectJobStore(executor: Executor): DisconnectJobStore {
  return {
    ...jobReads(executor),
    ...jobSteps(executor),

    async insert(job) {
      const result = await executor.db
        .insertInto("disconnect_jobs")
        .values(toRow(job))
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
    },

    takeNext: (leaseOwner, leaseMs) => takeNext(executor, leaseOwner, leaseMs),
  }
}
