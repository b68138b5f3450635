import type { Revocation, RevocationStore } from "../stores/revocations.ts"
import { parseConfig, toJson } from "./json-column.ts"
import type { RevocationRow } from "./schema.ts"
import type { Executor } from "./statements.ts"

function toRevocation(row: RevocationRow): Revocation {
  return {
    id: row.id,
    workspaceId: row.workspace_id,
    appId: row.app_id,
    connectionId: row.connection_id,
    type: row.type,
    connectorId: row.connector_id,
    credentialSource: row.credential_source,
    config: parseConfig(row.config_json),
    sealedTokens: row.sealed_tokens,
    outcome: row.outcome,
    tries: row.tries,
    nextTryAt: row.next_try_at,
    detail: row.detail,
    createdAt: row.created_at,
    jobId: row.job_id,
  }
}

function toRow(revocation: Revocation): RevocationRow {
  return {
    id: revocation.id,
    workspace_id: revocation.workspaceId,
    app_id: revocation.appId,
    connection_id: revocation.connectionId,
    type: revocation.type,
    connector_id: revocation.connectorId,
    credential_source: revocation.credentialSource,
    config_json: toJson(revocation.config),
    sealed_tokens: revocation.sealedTokens,
    outcome: revocation.outcome,
    tries: revocation.tries,
    next_try_at: revocation.nextTryAt,
    detail: revocation.detail,
    created_at: revocation.createdAt,
    job_id: revocation.jobId,
  }
}

async function takeDue(
  { db, dialect }: Executor,
  now: number,
  holdMs: number,
  limit: number,
): Promise<readonly Revocation[]> {
  const due = db
    .selectFrom("revocations")
    .select("id")
    .where("outcome", "=", "pending")
    .where("next_try_at", "<=", now)
    .orderBy("next_try_at")
    .orderBy("id")
    .limit(limit)
    .$if(dialect.skipsLockedRows, (query) => query.forUpdate().skipLocked())
  // Materialized: the limit must not be applied again for each row that the update looks at.
  const rows = await db
    .with(
      (cte) => cte("due").materialized(),
      () => due,
    )
    .updateTable("revocations")
    .set((of) => ({ next_try_at: now + holdMs, tries: of("tries", "+", 1) }))
    .where("id", "in", (of) => of.selectFrom("due").select("due.id"))
    .returningAll()
    .execute()
  return rows.map(toRevocation).sort((a, b) => a.createdAt - b.createdAt)
}

export function revocationStore(executor: Executor): RevocationStore {
  const { db } = executor
  return {
    async insert(revocation) {
      await db.insertInto("revocations").values(toRow(revocation)).execute()
    },

    async find(workspaceId, id) {
      const query = db.selectFrom("revocations").selectAll().where("workspace_id", "=", workspaceId)
      const row = await query.where("id", "=", id).executeTakeFirst()
      return row && toRevocation(row)
    },

    async countOfJob(workspaceId, jobId) {
      const rows = await db
        .selectFrom("revocations")
        .select(["outcome", (of) => of.fn.countAll<number | string>().as("count")])
        .where("workspace_id", "=", workspaceId)
        .where("job_id", "=", jobId)
        .groupBy("outcome")
        .execute()
      const counted = Object.fromEntries(rows.map(({ count, outcome }) => [outcome, Number(count)]))
      return { revoked: 0, pending: 0, unsupported: 0, failed: 0, ...counted }
    },

    async countPending(workspaceId) {
      const row = await db
        .selectFrom("revocations")
        .select((of) => of.fn.countAll<number | string>().as("count"))
        .where("workspace_id", "=", workspaceId)
        .where("outcome", "=", "pending")
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },

    takeDue: (now, holdMs, limit) => takeDue(executor, now, holdMs, limit),

    async settle(id, outcome, detail) {
      await db
        .updateTable("revocations")
        .set({ outcome, detail, ...(outcome !== "pending" && { sealed_tokens: null }) })
        .where("id", "=", id)
        .where("outcome", "=", "pending")
        .execute()
    },

    async retryLater(id, nextTryAt, detail, sealedTokens) {
      await db
        .updateTable("revocations")
        .set({ next_try_at: nextTryAt, detail, ...(sealedTokens && { sealed_tokens: sealedTokens }) })
        .where("id", "=", id)
        .where("outcome", "=", "pending")
        .execute()
    },
  }
}
