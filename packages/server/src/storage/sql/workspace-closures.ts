import { sql } from "kysely"
import type {
  ClosureSummary,
  NewWorkspaceClosure,
  WorkspaceClosure,
  WorkspaceClosureStore,
} from "../stores/workspace-closures.ts"
import type { WorkspaceClosureRow } from "./schema.ts"
import { type Executor, metOneRow } from "./statements.ts"

function toClosure(row: WorkspaceClosureRow): WorkspaceClosure {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    jobId: row.job_id,
    secretHash: row.secret_hash,
    status: row.status,
    isForced: row.is_forced === 1,
    askedAt: row.asked_at,
    giveUpAt: row.give_up_at,
    shreddedAt: row.shredded_at,
    summary: row.summary_json === null ? null : (JSON.parse(row.summary_json) as ClosureSummary),
  }
}

function toRow(closure: NewWorkspaceClosure): WorkspaceClosureRow {
  return {
    id: closure.id,
    workspace_id: closure.workspaceId,
    job_id: closure.jobId,
    secret_hash: closure.secretHash,
    status: "closing",
    is_forced: closure.isForced ? 1 : 0,
    asked_at: closure.askedAt,
    give_up_at: closure.giveUpAt,
    shredded_at: null,
    summary_json: null,
    lease_owner: null,
    lease_until: null,
  }
}

async function takeNext({ db, dialect }: Executor, leaseOwner: string, leaseMs: number) {
  const next = db
    .selectFrom("workspace_closures")
    .select("id")
    .where("status", "=", "closing")
    .where((of) => of.or([of("lease_until", "is", null), of("lease_until", "<=", dialect.now)]))
    .orderBy(sql`coalesce(lease_until, 0)`)
    .orderBy("id")
    .limit(1)
    .$if(dialect.skipsLockedRows, (query) => query.forUpdate().skipLocked())
  const row = await db
    .with(
      (cte) => cte("next").materialized(),
      () => next,
    )
    .updateTable("workspace_closures")
    .set({ lease_owner: leaseOwner, lease_until: sql<number>`${dialect.now} + ${sql.lit(leaseMs)}` })
    .where("id", "in", (of) => of.selectFrom("next").select("next.id"))
    .returningAll()
    .executeTakeFirst()
  return row && toClosure(row)
}

export function workspaceClosureStore(executor: Executor): WorkspaceClosureStore {
  const { db, dialect } = executor
  const closing = (id: string) =>
    db.updateTable("workspace_closures").where("id", "=", id).where("status", "=", "closing")
  return {
    async insert(closure) {
      const insert = db.insertInto("workspace_closures").values(toRow(closure))
      const result = await insert
        .onConflict((conflict) => conflict.column("workspace_id").doNothing())
        .executeTakeFirst()
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n
    },

    async findBySecret(secretHash) {
      const query = db.selectFrom("workspace_closures").selectAll().where("secret_hash", "=", secretHash)
      const row = await query.executeTakeFirst()
      return row && toClosure(row)
    },

    takeNext: (leaseOwner, leaseMs) => takeNext(executor, leaseOwner, leaseMs),

    async renew(id, leaseOwner, leaseMs) {
      const leaseUntil = sql<number>`${dialect.now} + ${sql.lit(leaseMs)}`
      const update = closing(id).set({ lease_until: leaseUntil }).where("lease_owner", "=", leaseOwner)
      return metOneRow(await update.executeTakeFirst())
    },

    async force(id) {
      return metOneRow(await closing(id).set({ is_forced: 1 }).executeTakeFirst())
    },

    async noteSummary(id, summary) {
      const update = closing(id).set({ summary_json: JSON.stringify(summary) })
      await update.where("summary_json", "is", null).execute()
    },

    async finish(id, shreddedAt) {
      const end = { status: "shredded" as const, shredded_at: shreddedAt }
      const update = closing(id).set({ ...end, lease_owner: null, lease_until: null })
      return metOneRow(await update.executeTakeFirst())
    },

    async listShreddedSince(at) {
      const query = db.selectFrom("workspace_closures").select("workspace_id")
      return (await query.where("shredded_at", ">=", at).execute()).map((row) => row.workspace_id)
    },
  }
}
