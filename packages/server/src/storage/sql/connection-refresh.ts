/**
 * The lease and the three ways in which a refresh ends. Each is one statement that applies only while the fence holds,
 * so that of any number of replicas exactly one wins and the others are told.
 */
import { type RawBuilder, sql } from "kysely"
import type {
  Connection,
  ConnectionFence,
  ConnectionStore,
  DueClient,
  ProviderTrouble,
} from "../stores/connections.ts"
import { connectionColumns, toConnection } from "./connection-row.ts"
import type { Dialect } from "./dialect.ts"
import { dueClient, refreshedAhead } from "./due-index.ts"
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

    async postponeRefresh({ id, workspaceId }, leaseOwner, until) {
      await db
        .updateTable("connections")
        .set({ lease_owner: null, lease_until: null, refresh_ahead_at: until })
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
  listDueClients(now: number): Promise<readonly DueClient[]>
  findDueIds(query: DueQuery): Promise<readonly string[]>
  leaseDue(query: DueQuery & { readonly ids?: readonly string[] }): Promise<readonly Connection[]>
}

function selectDue({ db, dialect }: Executor, { client, limit, newestFirst = false, now }: DueQuery) {
  const order = newestFirst ? "desc" : "asc"
  return db
    .selectFrom("connections")
    .select("id")
    .where(refreshedAhead)
    .where(dueClient, "=", client)
    .where("refresh_ahead_at", "<=", now)
    .where((of) => of.or([of("retry_at", "is", null), of("retry_at", "<=", now)]))
    .where((of) => of.or([of("lease_until", "is", null), of("lease_until", "<=", dialect.now)]))
    .orderBy("refresh_ahead_at", order)
    .orderBy("id", order)
    .limit(limit)
}

/**
 * Each client is found by one look into the index, from the one before it on: a client with a hundred thousand due
 * connections costs no more than one with a single one.
 */
async function listDueClients({ db }: Executor, now: number): Promise<readonly DueClient[]> {
  const after = (client: RawBuilder<unknown>) => sql`(
    select ${dueClient} from connections where ${refreshedAhead} and ${dueClient} > ${client}
    order by ${dueClient} limit 1)`
  const { rows } = await sql<{ client: DueClient }>`
    with recursive clients (client) as (
      select ${after(sql`''`)}
      union all
      select ${after(sql`clients.client`)} from clients where clients.client is not null
    )
    select client from clients
    where client is not null and exists (
      select 1 from connections
      where ${refreshedAhead} and ${dueClient} = clients.client and refresh_ahead_at <= ${now})`.execute(db)
  return rows.map(({ client }) => client)
}

function dueQueries(executor: Executor): DueQueries {
  const { db, dialect } = executor
  return {
    listDueClients: (now) => listDueClients(executor, now),

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
        .returning([...connectionColumns, "refresh_ahead_at"])
        .execute()
      return rows.sort((a, b) => (a.refresh_ahead_at ?? 0) - (b.refresh_ahead_at ?? 0)).map(toConnection)
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
          refresh_ahead_at: write.refreshAheadAt,
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
          // What rests stands at the end of those that are due, not at their head.
          ...(retryAt !== null && {
            refresh_ahead_at: of
              .case()
              .when("refresh_ahead_at", "<", retryAt)
              .then(retryAt)
              .else(of.ref("refresh_ahead_at"))
              .end(),
          }),
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
          refresh_ahead_at: null,
          retry_at: null,
        })
        .where("lease_owner", "=", leaseOwner)
      return metOneRow(await update.executeTakeFirst())
    },
  } satisfies Partial<ConnectionStore>
}
