/**
 * The lease and the three ways in which a refresh ends. Each is one statement that applies only while the fence holds,
 * so that of any number of replicas exactly one wins and the others are told.
 */
import { sql } from "kysely"
import type { Connection, ConnectionFence, ConnectionStore, ProviderTrouble } from "../stores.ts"
import { connectionColumns, toConnection } from "./connection-row.ts"
import type { Dialect } from "./dialect.ts"
import { toJson } from "./json-column.ts"
import type { Db } from "./schema.ts"
import { type Executor, metOneRow } from "./statements.ts"

/** `generation` and `version` name one state; a connection that is not active has nothing to refresh. */
function updateFenced(db: Db, fence: ConnectionFence) {
  return db
    .updateTable("connections")
    .where("workspace_id", "=", fence.workspaceId)
    .where("id", "=", fence.id)
    .where("generation", "=", fence.generation)
    .where("version", "=", fence.version)
    .where("status", "=", "active")
}

/** Ends the lease and moves the version: what every end of a refresh does. */
function endLease(fence: ConnectionFence) {
  return { lease_owner: null, lease_until: null, version: fence.version + 1 }
}

function troubleColumns(trouble: ProviderTrouble) {
  return { last_refresh_error_json: JSON.stringify(trouble), updated_at: trouble.at }
}

function leaseColumns(dialect: Dialect, leaseOwner: string, leaseMs: number) {
  return {
    lease_owner: leaseOwner,
    lease_until: sql<number>`${dialect.now} + ${sql.lit(Math.ceil(leaseMs))}`,
  }
}

function leaseQueries({ db, dialect }: Executor) {
  return {
    async acquireLease(fence, leaseOwner, leaseMs) {
      const update = updateFenced(db, fence)
        .set(leaseColumns(dialect, leaseOwner, leaseMs))
        .where((of) => of.or([of("lease_until", "is", null), of("lease_until", "<=", dialect.now)]))
      return metOneRow(await update.executeTakeFirst())
    },

    async releaseLease(workspaceId, id, leaseOwner) {
      await db
        .updateTable("connections")
        .set({ lease_owner: null, lease_until: null })
        .where("workspace_id", "=", workspaceId)
        .where("id", "=", id)
        .where("lease_owner", "=", leaseOwner)
        .execute()
    },
  } satisfies Partial<ConnectionStore>
}

type DueQuery = Parameters<ConnectionStore["leaseDue"]>[0]

/** Leasing what is due, in one step or in two for who has to know the rows before they change. */
export interface DueQueries {
  findDueIds(query: DueQuery): Promise<readonly string[]>
  leaseDue(query: DueQuery & { readonly ids?: readonly string[] }): Promise<readonly Connection[]>
}

function selectDue({ db, dialect }: Executor, { now, limit }: DueQuery) {
  return db
    .selectFrom("connections")
    .select("id")
    .where("status", "=", "active")
    .where("refresh_due_at", "<=", now)
    .where((of) => of.or([of("retry_at", "is", null), of("retry_at", "<=", now)]))
    .where((of) => of.or([of("lease_until", "is", null), of("lease_until", "<=", dialect.now)]))
    .orderBy("refresh_due_at")
    .orderBy("id")
    .limit(limit)
}

function dueQueries(executor: Executor): DueQueries {
  const { db, dialect } = executor
  return {
    async findDueIds(query) {
      return (await selectDue(executor, query).execute()).map((row) => row.id)
    },

    async leaseDue(query) {
      const { ids } = query
      const due = selectDue(executor, query)
        .$if(ids !== undefined, (select) => select.where("id", "in", ids ?? []))
        .$if(dialect.skipsLockedRows, (select) => select.forUpdate().skipLocked())
      // Materialized: the limit must not be applied again for each row that the update looks at.
      const rows = await db
        .with(
          (cte) => cte("due").materialized(),
          () => due,
        )
        .updateTable("connections")
        .set(leaseColumns(dialect, query.leaseOwner, query.leaseMs))
        .where("id", "in", (of) => of.selectFrom("due").select("due.id"))
        .returning(connectionColumns)
        .execute()
      return rows.map(toConnection).sort((a, b) => (a.refreshDueAt ?? 0) - (b.refreshDueAt ?? 0))
    },
  }
}

export function connectionRefreshes(executor: Executor) {
  const { db } = executor
  return {
    ...leaseQueries(executor),
    ...dueQueries(executor),

    async commitRefresh(fence, leaseOwner, write) {
      const update = updateFenced(db, fence)
        .set({
          ...endLease(fence),
          sealed_access_token: write.sealedAccessToken,
          ...(write.sealedRefreshToken && { sealed_refresh_token: write.sealedRefreshToken }),
          ...(write.grantedScopes && { granted_scopes_json: toJson(write.grantedScopes) }),
          config_json: toJson(write.config),
          issued_at: write.issuedAt,
          expires_at: write.expiresAt,
          refresh_due_at: write.refreshDueAt,
          failures: 0,
          retry_at: null,
          last_refresh_error_json: null,
          last_refreshed_at: write.now,
          updated_at: write.now,
        })
        .$if(leaseOwner !== null, (query) => query.where("lease_owner", "=", leaseOwner))
      return metOneRow(await update.executeTakeFirst())
    },

    async recordRefreshFailure(fence, leaseOwner, trouble, retryAt) {
      const update = updateFenced(db, fence)
        .set((of) => ({
          ...endLease(fence),
          ...troubleColumns(trouble),
          failures: of("failures", "+", 1),
          retry_at: retryAt,
        }))
        .where("lease_owner", "=", leaseOwner)
      return metOneRow(await update.executeTakeFirst())
    },

    async markExpired(fence, leaseOwner, trouble) {
      const update = updateFenced(db, fence)
        .set({
          ...endLease(fence),
          ...troubleColumns(trouble),
          status: "expired",
          status_changed_at: trouble.at,
          sealed_refresh_token: null,
          refresh_due_at: null,
          retry_at: null,
        })
        .where("lease_owner", "=", leaseOwner)
      return metOneRow(await update.executeTakeFirst())
    },
  } satisfies Partial<ConnectionStore>
}
